/** What signatures a mail leaves with, kept with its recipients, as tests for every keeper of custody (C1). */
import assert from 'node:assert/strict';
import type { Sign } from '#/model/index.ts';
import type { Custody, Journal } from '#/ports/index.ts';
import {
  claimOfAccepted,
  DELIVERED,
  deferredUntil,
  mail,
  NOON,
  PARTNER,
  recipient,
  type StandingClock,
  settlementOf,
  soon,
  worker,
} from './samples.ts';

type Kept = Custody & Journal;
type Declare = (title: string, run: (custody: Kept, clock: StandingClock) => Promise<void>) => void;

const W1 = worker('1').id;
const MADE = { rule: 'standard', place: 'end', html: '<p>山田</p>', text: '山田', images: [] } as const;
const SIGN: Sign = { kind: 'sign', signatures: [MADE], generation: 'resources-1', at: NOON };
const OTHER: Sign = { ...SIGN, signatures: [], generation: 'resources-2' };

/** Declares its tests for one keeper. */
export function signing(promise: Declare): void {
  promise(
    'C1: what a mail is signed with stands with each recipient, is due at once, and stays at each attempt',
    async (custody, clock) => {
      const sent = mail(clock, { recipients: [recipient(1), recipient(2)] });
      await custody.accept([sent], W1, soon());
      const outcomes = [
        { n: 1, outcome: { kind: 'signed', sign: SIGN, detail: 'standard (people: resources-1)' } },
        { n: 2, outcome: { kind: 'signed', sign: OTHER, detail: 'no signature: no rule holds' } },
      ] as const;
      await custody.settle({ ...settlementOf(claimOfAccepted(sent), DELIVERED), outcomes }, W1, soon());
      const [claim] = await due(custody, clock);
      assert.ok(claim);
      assert.deepEqual(
        claim.recipients.map(({ n, attempts, verdict }) => [n, attempts, verdict?.changes]),
        [
          [1, 0, [SIGN]],
          [2, 0, [OTHER]],
        ],
      );
      const later = deferredUntil(NOON + 60_000);
      await custody.settle(
        { ...settlementOf(claim, later), outcomes: [1, 2].map((n) => ({ n, outcome: later })) },
        W1,
        soon(),
      );
      clock.ms = NOON + 60_000;
      const [again] = await due(custody, clock);
      assert.deepEqual(
        again?.recipients.map(({ verdict }) => verdict?.changes),
        [[SIGN], [OTHER]],
      );
      const [trace] = await custody.trace({ ids: [sent.id] }, 1, soon());
      const told = trace?.events.filter(({ kind }) => kind === 'signed') ?? [];
      assert.deepEqual(
        told.map(({ recipient: n, stage, rule, detail }) => [n, stage, rule, detail]),
        [
          [1, 'sign', 'standard', 'standard (people: resources-1)'],
          [2, 'sign', null, 'no signature: no rule holds'],
        ],
      );
    },
  );

  promise(
    'C1: what was written down once is not written over, and nobody is signed while held',
    async (custody, clock) => {
      const sent = mail(clock, { recipients: [recipient(1)] });
      await custody.accept([sent], W1, soon());
      const signed = { kind: 'signed', sign: SIGN, detail: '' } as const;
      await custody.settle(settlementOf(claimOfAccepted(sent), signed), W1, soon());
      const [claim] = await due(custody, clock);
      assert.ok(claim);
      await custody.settle(settlementOf(claim, { ...signed, sign: OTHER }), W1, soon());
      const [again] = await due(custody, clock);
      assert.deepEqual(again?.recipients[0]?.verdict?.changes, [SIGN]);
    },
  );
}

function due(custody: Kept, clock: StandingClock) {
  const now = clock.now();
  return custody.claim(
    { kind: 'due', destination: PARTNER, tenant: null, fresh: false, ignoreDue: false, now, limit: 100 },
    W1,
    soon(),
  );
}
