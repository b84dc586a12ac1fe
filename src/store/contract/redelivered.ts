/** What a redelivery campaign may do to a recipient, as tests for every keeper of custody (H7). */
import assert from 'node:assert/strict';
import { INSPECT_DESTINATION, type MailId } from '#/model/index.ts';
import type { Custody, Journal } from '#/ports/index.ts';
import {
  claimOfAccepted,
  DAY_MS,
  DELIVERED,
  deferredUntil,
  mail,
  NOON,
  PARTNER,
  recipient,
  type StandingClock,
  settlementOf,
  soon,
  verdict,
  worker,
} from './samples.ts';

type Kept = Custody & Journal;
type Declare = (title: string, run: (custody: Kept, clock: StandingClock) => Promise<void>) => void;

const W1 = worker('1').id;
const MARK = { kind: 'markLate', note: 'Delayed by a fault' } as const;

/** Declares its tests for one keeper. */
export function redelivering(promise: Declare): void {
  promise(
    'H7: a campaign makes due what waits for later or was set aside, once, and marks it late',
    async (custody, clock) => {
      const sent = mail(clock, {
        recipients: [
          recipient(1),
          recipient(2),
          recipient(3, { held: 'set-aside' }),
          recipient(4, { held: 'outbound off' }),
        ],
      });
      await custody.accept([sent], W1, soon());
      const outcomes = [
        { n: 1, outcome: DELIVERED },
        { n: 2, outcome: deferredUntil(NOON + DAY_MS) },
      ];
      await custody.settle({ ...settlementOf(claimOfAccepted(sent), DELIVERED), outcomes }, W1, soon());
      clock.ms = NOON + 60_000;
      assert.equal(await redeliver(custody, sent.id), 2);
      assert.deepEqual(await statesOf(custody, sent.id), ['delivered', 'queued', 'queued', 'held']);
      assert.equal(await redeliver(custody, sent.id), 0, 'what is due is due');
      const [trace] = await custody.trace({ ids: [sent.id] }, 1, soon());
      const told = trace?.events.filter(({ kind }) => kind === 'released');
      assert.deepEqual(
        told?.map(({ recipient: n, stage, attribution, detail }) => [n, stage, attribution, detail]),
        [
          [2, 'route', 'campaign C1', 'redelivered'],
          [3, 'hold', 'campaign C1', 'redelivered'],
        ],
      );
      const [claim] = await claimDue(custody, clock);
      assert.deepEqual(
        claim?.recipients.map(({ n, verdict: due }) => [n, due?.changes]),
        [
          [2, [MARK]],
          [3, [MARK]],
        ],
      );
      assert.ok(claim);
      await custody.settle(settlementOf(claim, DELIVERED), W1, soon());
      assert.equal(await redeliver(custody, sent.id), 0, 'a served recipient is never touched');
      assert.deepEqual(await statesOf(custody, sent.id), ['delivered', 'delivered', 'delivered', 'held']);
    },
  );

  promise(
    'H7: the mark stays through inspection and another try; what waits by policy is left to people',
    async (custody, clock) => {
      const sent = mail(clock, { recipients: [recipient(1, { destination: INSPECT_DESTINATION, held: 'set-aside' })] });
      await custody.accept([sent], null, soon());
      assert.equal(await redeliver(custody, sent.id), 1);
      const [inspected] = await claimDue(custody, clock, INSPECT_DESTINATION);
      assert.ok(inspected);
      const TAG = { kind: 'tagSubject', text: '[x]' } as const;
      const passed = {
        kind: 'passed',
        destination: PARTNER,
        verdict: verdict({ kind: 'pass' }, { changes: [TAG] }),
      } as const;
      await custody.settle(settlementOf(inspected, passed), W1, soon());
      const [first] = await claimDue(custody, clock);
      assert.deepEqual(first?.recipients[0]?.verdict?.changes, [MARK, TAG]);
      assert.ok(first);
      await custody.settle(settlementOf(first, deferredUntil(clock.now() + DAY_MS)), W1, soon());
      assert.equal(await redeliver(custody, sent.id), 1);
      const [again] = await claimDue(custody, clock);
      assert.deepEqual(again?.recipients[0]?.verdict?.changes, [MARK, TAG], 'said once, however often');
      const waits = mail(clock, { recipients: [recipient(1, { held: 'policy' })] });
      await custody.accept([waits], null, soon());
      assert.equal(await redeliver(custody, waits.id), 0);
    },
  );
}

async function redeliver(custody: Custody, id: MailId): Promise<number> {
  const act = { kind: 'redeliver', note: MARK.note } as const;
  return (await custody.act(act, { ids: [id] }, 'campaign C1', 100, soon())).recipients;
}

function claimDue(custody: Custody, clock: StandingClock, destination = PARTNER) {
  const now = clock.now();
  return custody.claim(
    { kind: 'due', destination, tenant: null, fresh: false, ignoreDue: false, now, limit: 100 },
    W1,
    soon(),
  );
}

async function statesOf(custody: Kept, id: MailId): Promise<readonly string[]> {
  const [trace] = await custody.trace({ ids: [id] }, 1, soon());
  return trace?.recipients.map(({ state }) => state) ?? [];
}
