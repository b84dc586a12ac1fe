/**
 * The promises about what people are told of mail that waits for them (H1): custody keeps how far they were, moves the mail and bears the notice
 * in one transaction, or does neither. As tests for every keeper of custody.
 */
import assert from 'node:assert/strict';
import type { ArrivedMail, Claim, HeldAct, MailAddress, MailId, Outcome, Settled, Told, Wait } from '#/model/index.ts';
import { INSPECT_DESTINATION } from '#/model/index.ts';
import type { Custody, Journal, Trace } from '#/ports/index.ts';
import type { StandingClock } from './samples.ts';
import { DAY_MS, mail, OTHER, PARTNER, recipient, settlementOf, soon, verdict, worker } from './samples.ts';

type Subject = Custody & Journal;
type Declare = (title: string, run: (custody: Subject, clock: StandingClock) => Promise<void>) => void;

const W1 = worker('1').id;
const BOB = 'bob@acme.test' as MailAddress;
const CAROL = 'carol@acme.test' as MailAddress;
const ASK = verdict({
  kind: 'approve',
  by: [BOB, CAROL],
  deputies: [],
  least: 1,
  expireMs: null,
  selfApproval: false,
});
const HOLD = verdict({ kind: 'hold', forMs: 10 * DAY_MS, atEnd: 'send' });
const SENDER: Told = { who: 'its sender', owed: [] };

/** Declares them within the suite of a keeper. */
export function tellingPeople(promise: Declare): void {
  waits(promise);
  reminders(promise);
  acts(promise);
}

function waits(promise: Declare): void {
  promise('H1: mail of which people were told says when it ends, and is looked at before', async (custody, clock) => {
    const since = clock.now();
    const { id, notice } = await told(custody, clock, { ...SENDER, owed: [BOB] });
    const { recipients, events } = await traceOf(custody, id);
    const wait: Wait = { since, until: since + 10 * DAY_MS, toldAt: since, owed: [BOB] };
    for (const { due, verdict: kept } of recipients)
      assert.deepEqual([due, kept], [since + 10 * DAY_MS, { ...ASK, wait }]);
    assert.equal((await traceOf(custody, notice)).parent, id);
    const heard = events.filter(({ stage }) => stage === 'notify');
    assert.deepEqual(
      heard.map(({ kind, detail, rule }) => [kind, detail, rule]),
      Array(2).fill(['approval', 'its sender', 'leak']),
    );
    clock.ms += DAY_MS - 1;
    assert.deepEqual(await overdue(custody, clock), []);
    clock.ms += 1;
    const claims = await overdue(custody, clock);
    assert.deepEqual(
      new Map(claims.map(({ destination, recipients: [one] }) => [destination, one?.verdict?.wait])),
      new Map([
        [OTHER, wait],
        [PARTNER, wait],
      ]),
    );
  });

  promise(
    'H1: who found no room for a notice is kept with the mail, and nobody counts as told',
    async (custody, clock) => {
      const { id } = await told(custody, clock, { who: '', owed: [BOB, CAROL] });
      const { recipients, events } = await traceOf(custody, id);
      assert.deepEqual(
        [recipients[0]?.verdict?.wait?.toldAt, recipients[0]?.verdict?.wait?.owed],
        [null, [BOB, CAROL]],
      );
      assert.deepEqual(
        events.filter(({ stage }) => stage === 'notify'),
        [],
      );
    },
  );

  promise('H1: the events of a notice that came to be stand in the stage notify', async (custody, clock) => {
    const { notice } = await told(custody, clock, SENDER);
    const { events } = await traceOf(custody, notice);
    assert.deepEqual(
      events.map(({ kind, stage, detail }) => [kind, stage, detail]),
      [['accepted', 'notify', 'generated']],
    );
  });
}

function reminders(promise: Declare): void {
  promise('H1: a reminder moves the next look, never the end, and lets nothing go', async (custody, clock) => {
    for (const atEnd of ['approval', 'send'] as const) {
      const { id } = await told(custody, clock, SENDER, atEnd);
      const { recipients: before } = await traceOf(custody, id);
      clock.ms += DAY_MS;
      const now = clock.now();
      const claim = whole((await overdue(custody, clock)).filter((one) => one.mail.id === id));
      const next = now + 2 * DAY_MS;
      const born = noticeOf(clock, id);
      const back: Outcome = {
        kind: 'returned',
        due: next,
        delayNotified: false,
        told: { who: '2 approvers', owed: [] },
      };
      assert.deepEqual(await settle(custody, claim, back, [born]), ['settled', 'settled']);
      const { recipients, events } = await traceOf(custody, id);
      assert.deepEqual(
        recipients.map(({ state, due, releaseAt }) => [state, due, releaseAt]),
        before.map(({ state, due, releaseAt }) => [state, due, releaseAt]),
      );
      assert.deepEqual(recipients[0]?.verdict?.wait?.toldAt, now);
      assert.deepEqual([events.at(-1)?.stage, events.at(-1)?.detail], ['notify', '2 approvers']);
      assert.equal((await traceOf(custody, born.id)).parent, id);
      clock.ms = next - 1;
      assert.deepEqual(await overdue(custody, clock), []);
      clock.ms = next;
      const again = whole(await overdue(custody, clock));
      assert.deepEqual(await settle(custody, again, { kind: 'discarded', reason: 'done' }, []), ['settled', 'settled']);
    }
  });

  promise('H1: a look that tells nobody changes nothing of what was told', async (custody, clock) => {
    const { id } = await told(custody, clock, SENDER);
    clock.ms += DAY_MS;
    const claim = whole(await overdue(custody, clock));
    const before = await traceOf(custody, id);
    assert.deepEqual(await settle(custody, claim, { kind: 'untouched' }, []), ['settled', 'settled']);
    assert.deepEqual(await traceOf(custody, id), before);
    assert.equal(whole(await overdue(custody, clock)).recipients.length, 2, 'it is free again, and due');
  });

  promise(
    'H5: a reminder of a mail that was moved meanwhile is not sent, and the rest waits as before',
    async (custody, clock) => {
      const { id } = await told(custody, clock, SENDER);
      clock.ms += DAY_MS;
      const claim = whole(await overdue(custody, clock));
      const [first] = claim.recipients;
      assert.ok(first);
      const gone: Outcome = { kind: 'discarded', reason: 'deleted' };
      assert.deepEqual(await settle(custody, { ...claim, recipients: [first] }, gone, []), ['settled']);
      const born = noticeOf(clock, id);
      const again: Outcome = { kind: 'returned', due: clock.now() + DAY_MS, delayNotified: false, told: SENDER };
      assert.deepEqual(await settle(custody, claim, again, [born]), ['already', 'lapsed']);
      assert.deepEqual(await custody.trace({ ids: [born.id] }, 1, soon()), []);
      const { recipients } = await traceOf(custody, id);
      assert.deepEqual(recipients.map(({ state }) => state).sort(), ['approval', 'discarded']);
      assert.equal(whole(await overdue(custody, clock)).recipients.length, 1);
    },
  );
}

function acts(promise: Declare): void {
  const LET_GO: HeldAct = { kind: 'letGo', comment: 'checked' };
  const DELETE: HeldAct = { kind: 'delete', reason: 'wrong list' };
  const APPROVE: HeldAct = { kind: 'approve', person: BOB, forAll: false, comment: '' };

  promise('H1: what a person does and the notice of it come to be together', async (custody, clock) => {
    for (const [act, how, state, kind] of [
      [LET_GO, 'send', 'queued', 'released'],
      [DELETE, 'send', 'discarded', 'discarded'],
      [APPROVE, 'approval', 'queued', 'released'],
    ] as const) {
      const { id } = await told(custody, clock, SENDER, how);
      const claim = await claimOf(custody, id);
      const born = noticeOf(clock, id);
      const answers = await settle(custody, claim, { kind: 'acted', act, by: BOB }, [born], 'cli');
      assert.deepEqual(answers, ['settled', 'settled']);
      const { recipients, events } = await traceOf(custody, id);
      assert.deepEqual(
        recipients.map((one) => one.state),
        [state, state],
      );
      const last = events.at(-1);
      assert.deepEqual([last?.kind, last?.attribution, last?.rule, last?.component], [kind, BOB, 'leak', 'cli']);
      assert.equal((await traceOf(custody, born.id)).parent, id);
      assert.ok((await custody.recount(soon())).every(({ balanced }) => balanced));
    }
  });

  promise('H1: an act whose notice would say too much is done to nobody', async (custody, clock) => {
    const { id } = await told(custody, clock, SENDER);
    const claim = await claimOf(custody, id);
    const [first] = claim.recipients;
    assert.ok(first);
    await settle(custody, { ...claim, recipients: [first] }, { kind: 'discarded', reason: 'other' }, []);
    const born = noticeOf(clock, id);
    const answers = await settle(custody, claim, { kind: 'acted', act: DELETE, by: BOB }, [born]);
    assert.deepEqual(answers, ['already', 'lapsed']);
    assert.deepEqual(await custody.trace({ ids: [born.id] }, 1, soon()), []);
    assert.deepEqual((await traceOf(custody, id)).recipients.map(({ state }) => state).sort(), [
      'approval',
      'discarded',
    ]);
  });

  promise('H1: an act that does not apply leaves the mail as it is', async (custody, clock) => {
    const { id } = await told(custody, clock, SENDER);
    const before = (await traceOf(custody, id)).recipients;
    await settle(custody, await claimOf(custody, id), { kind: 'acted', act: LET_GO, by: BOB }, []);
    assert.deepEqual((await traceOf(custody, id)).recipients, before);
  });

  promise('H1: what its sender stops is looked at within a day, and ends by retention.held', async (custody, clock) => {
    const { id } = await told(custody, clock, SENDER, 'send');
    clock.ms += DAY_MS / 2;
    await custody.act({ kind: 'stop', comment: '' }, { ids: [id] }, 'alice@acme.test', 9, soon());
    const until = clock.now() + 10 * DAY_MS;
    const { recipients } = await traceOf(custody, id);
    assert.deepEqual(
      recipients.map(({ due, releaseAt }) => [due, releaseAt]),
      Array(2).fill([until, null]),
    );
    clock.ms += DAY_MS - 1;
    assert.deepEqual(await overdue(custody, clock), []);
    clock.ms += 1;
    assert.equal(whole(await overdue(custody, clock)).recipients.length, 2);
  });
}

/** A mail to two next hops that inspection has ended so that it waits for ten days, with a notice. */
async function told(
  custody: Subject,
  clock: StandingClock,
  who: Told,
  how: 'approval' | 'send' = 'approval',
): Promise<{ readonly id: MailId; readonly notice: MailId }> {
  const recipients = [1, 2].map((n) => recipient(n, { destination: INSPECT_DESTINATION }));
  const sent = mail(clock, { recipients });
  await custody.accept([sent], null, soon());
  const [claim] = await custody.claim({ kind: 'named', filter: { ids: [sent.id] }, limit: 9 }, W1, soon());
  assert.ok(claim);
  const until = clock.now() + 10 * DAY_MS;
  const look = { ...who, lookAt: clock.now() + DAY_MS };
  const outcomes = claim.recipients.map(({ n }) => {
    const place = { destination: n === 1 ? PARTNER : OTHER, until, told: look };
    const outcome: Outcome =
      how === 'approval'
        ? { kind: 'approval', ...place, verdict: ASK }
        : { kind: 'suspended', ...place, atEnd: 'send', verdict: HOLD };
    return { n, outcome };
  });
  const born = noticeOf(clock, sent.id);
  const settlement = { claim, outcomes, born: [born], elapsedMs: 1, peer: null, component: 'inspect' } as const;
  assert.deepEqual(await custody.settle(settlement, W1, soon()), ['settled', 'settled']);
  return { id: sent.id, notice: born.id };
}

function noticeOf(clock: StandingClock, parent: MailId): ArrivedMail {
  return mail(clock, { parent, origin: 'generated', purpose: 'notice', sender: null });
}

function overdue(custody: Subject, clock: StandingClock): Promise<readonly Claim[]> {
  return custody.claim({ kind: 'held', now: clock.now(), limit: 99 }, W1, soon());
}

async function claimOf(custody: Subject, id: MailId): Promise<Claim> {
  return whole(await custody.claim({ kind: 'named', filter: { ids: [id] }, limit: 99 }, W1, soon()));
}

/** Claims of one message as one. */
function whole(claims: readonly Claim[]): Claim {
  const [first] = claims;
  assert.ok(first, 'nothing is claimed');
  const recipients = claims.flatMap((claim) => claim.recipients).sort((a, b) => a.n - b.n);
  return { ...first, recipients };
}

function settle(
  custody: Subject,
  claim: Claim,
  outcome: Outcome,
  born: readonly ArrivedMail[],
  component?: 'cli',
): Promise<readonly Settled[]> {
  const more = component === undefined ? {} : { component };
  return custody.settle(settlementOf(claim, outcome, { born, peer: null, elapsedMs: 0, ...more }), W1, soon());
}

async function traceOf(custody: Journal, id: MailId): Promise<Trace> {
  const [trace] = await custody.trace({ ids: [id] }, 1, soon());
  assert.ok(trace, `${id} is not found`);
  return trace;
}
