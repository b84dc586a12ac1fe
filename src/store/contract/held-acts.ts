/** The promises about what people do with held mail and with approvals (H1), as tests for every keeper of custody. */
import assert from 'node:assert/strict';
import type { Claim, HeldAct, MailAddress, MailId, Outcome, Verdict } from '#/model/index.ts';
import { INSPECT_DESTINATION } from '#/model/index.ts';
import type { Custody, Journal, Trace, TracedRecipient } from '#/ports/index.ts';
import type { StandingClock } from './samples.ts';
import { DAY_MS, mail, PARTNER, recipient, reply, settlementOf, soon, verdict, worker } from './samples.ts';

type Subject = Custody & Journal;
type Declare = (title: string, run: (custody: Subject, clock: StandingClock) => Promise<void>) => void;

const W1 = worker('1').id;
const W2 = worker('2').id;
const ALICE = 'alice@acme.test' as MailAddress;
const BOB = 'bob@acme.test' as MailAddress;
const CAROL = 'carol@acme.test' as MailAddress;
const HOLD = verdict({ kind: 'hold', forMs: 900_000, atEnd: 'send' });
const TWO = asking(2);
const LET_GO: HeldAct & { kind: 'letGo' } = { kind: 'letGo', comment: 'checked' };
const STOP: HeldAct = { kind: 'stop', comment: '' };
const DELETE: HeldAct = { kind: 'delete', reason: 'sent by mistake' };

/** Declares them within the suite of a keeper. */
export function decidingAboutHeld(promise: Declare): void {
  holds(promise);
  votes(promise);
  races(promise);
}

function holds(promise: Declare): void {
  promise(
    'H1: what a person lets go is due for its next hop, and the journal says who and why',
    async (custody, clock) => {
      const id = await waiting(custody, clock, suspended(clock, 'send'));
      assert.equal(await act(custody, LET_GO, id), 1);
      const trace = await traceOf(custody, id);
      assert.deepEqual(shortly(trace.recipients[0]), ['queued', '', PARTNER]);
      const { kind, stage, attribution, detail, rule, ruleVersion } = trace.events.at(-1) ?? {};
      assert.deepEqual(
        [kind, stage, attribution, detail, rule, ruleVersion],
        ['released', 'hold', ALICE, 'checked', 'leak', '12345'],
      );
      assert.equal((await claimDue(custody, clock)).length, 1);
      assert.equal(await act(custody, LET_GO, id), 0, 'it is under way');
    },
  );

  promise(
    'H1: what inspection could not prepare the changes of goes to it once more when it is let go, and as it is to its next hop',
    async (custody, clock) => {
      const links = { kind: 'secureLinks', parts: ['2'], expireMs: DAY_MS, downloads: 1, proof: 'code' } as const;
      const unprepared: Verdict = { ...HOLD, changes: [links] };
      const outcome: Outcome = {
        kind: 'suspended',
        destination: PARTNER,
        until: null,
        atEnd: 'expire',
        verdict: unprepared,
      };
      const [again, asItIs] = [await waiting(custody, clock, outcome), await waiting(custody, clock, outcome)];
      assert.equal(await act(custody, LET_GO, again), 1);
      const trace = await traceOf(custody, again);
      assert.deepEqual(shortly(trace.recipients[0]), ['queued', '', INSPECT_DESTINATION]);
      assert.equal(trace.recipients[0]?.verdict, null);
      assert.equal(trace.events.at(-1)?.kind, 'released');
      assert.equal(await act(custody, { ...LET_GO, asItIs: true }, asItIs), 1);
      assert.deepEqual(shortly((await traceOf(custody, asItIs)).recipients[0]), ['queued', '', PARTNER]);
    },
  );

  promise('H1: what its sender stops goes no more by itself, and ends by retention.held', async (custody, clock) => {
    const id = await waiting(custody, clock, suspended(clock, 'send'));
    assert.equal(await act(custody, STOP, id), 1);
    clock.ms += 900_000;
    assert.deepEqual(await custody.claim({ kind: 'held', now: clock.now(), limit: 9 }, W1, soon()), []);
    const [stopped] = (await traceOf(custody, id)).recipients;
    assert.deepEqual(shortly(stopped), ['held', 'stopped by sender', PARTNER]);
    assert.deepEqual([stopped?.releaseAt, stopped?.due], [null, clock.now() - 900_000 + 10 * DAY_MS]);
    assert.deepEqual(stopped?.verdict, HOLD);
    assert.equal(await act(custody, STOP, id), 0, 'a second stop makes it no longer');
    assert.equal((await custody.act({ kind: 'release' }, { ids: [id] }, 'op', 9, soon())).recipients, 0);
    assert.equal(await act(custody, LET_GO, id), 1);
    assert.deepEqual(shortly((await traceOf(custody, id)).recipients[0]), ['queued', '', PARTNER]);
  });

  promise('H1: a hold that waits for a person is not made longer by stopping it', async (custody, clock) => {
    const id = await waiting(custody, clock, suspended(clock, 'expire'));
    assert.equal(await act(custody, STOP, id), 0);
    const [held] = (await traceOf(custody, id)).recipients;
    assert.deepEqual([held?.reason, held?.due], ['policy', clock.now() + 900_000]);
  });

  promise(
    'H1: what is deleted has ended, held or waiting for approval, and the books say so',
    async (custody, clock) => {
      const held = await waiting(custody, clock, suspended(clock, 'send'));
      const asked = await waiting(custody, clock, approval(TWO));
      assert.equal(await act(custody, DELETE, held), 1);
      assert.equal(await act(custody, DELETE, asked), 1);
      for (const id of [held, asked]) {
        const { recipients, events } = await traceOf(custody, id);
        assert.equal(recipients[0]?.state, 'discarded');
        const last = events.at(-1);
        assert.deepEqual([last?.kind, last?.attribution, last?.detail], ['discarded', ALICE, 'sent by mistake']);
      }
      assert.equal((await custody.books(soon()))[0]?.discarded, 2);
      assert.equal(await act(custody, LET_GO, held), 0);
    },
  );

  promise('design 5: acts on held mail touch no other mail', async (custody, clock) => {
    const sent = mail(clock, { recipients: [recipient(1), recipient(2, { held: 'operator' })] });
    await custody.accept([sent], null, soon());
    for (const each of [LET_GO, STOP, DELETE, vote(ALICE)])
      assert.equal(await act(custody, each, sent.id), 0, each.kind);
    assert.deepEqual(
      (await traceOf(custody, sent.id)).recipients.map(({ state }) => state),
      ['queued', 'held'],
    );
  });
}

function votes(promise: Declare): void {
  promise('H1: two of three have to agree: each counts once, and the second one lets it go', async (custody, clock) => {
    const id = await waiting(custody, clock, approval(TWO));
    assert.equal(await act(custody, vote(ALICE), id), 1);
    assert.equal(await act(custody, vote(ALICE), id), 0, 'a person has one vote');
    const [asked] = (await traceOf(custody, id)).recipients;
    assert.equal(asked?.state, 'approval');
    assert.deepEqual(asked?.verdict?.kind === 'approve' && asked.verdict.agreed, [ALICE]);
    assert.equal(asked?.due, clock.now() + 10 * DAY_MS, 'a vote gives it no more time');
    assert.equal(await act(custody, vote(CAROL), id), 1);
    const { recipients, events } = await traceOf(custody, id);
    assert.deepEqual(shortly(recipients[0]), ['queued', '', PARTNER]);
    assert.deepEqual(
      events.slice(-3).map(({ kind, attribution, detail }) => [kind, attribution, detail]),
      [
        ['approval', ALICE, 'approved by 1 of 2: fine'],
        ['approval', CAROL, 'approved by 2 of 2: fine'],
        ['released', CAROL, 'approved'],
      ],
    );
  });

  promise('H1: votes of one moment are all counted, and none of them twice', async (custody, clock) => {
    const id = await waiting(custody, clock, approval(asking(3)));
    const hits = await Promise.all([ALICE, BOB, ALICE, CAROL, BOB].map((person) => act(custody, vote(person), id)));
    assert.equal(
      hits.reduce((sum, hit) => sum + hit, 0),
      3,
    );
    const { recipients, events } = await traceOf(custody, id);
    assert.equal(recipients[0]?.state, 'queued');
    assert.equal(events.filter(({ kind }) => kind === 'released').length, 1);
  });

  promise(
    'H1: what goes as it is goes without what would change its content, keeps the rest, and the journal says so',
    async (custody, clock) => {
      const changes = [{ kind: 'tagSubject', text: '[x]' }, { kind: 'requireTls' }] as const;
      const asked = { ...HOLD, changes };
      const asItIs: HeldAct = { kind: 'letGo', comment: 'checked by hand', asItIs: true };
      const id = await waiting(custody, clock, {
        ...{ kind: 'suspended', destination: PARTNER, until: clock.now() + 900_000, atEnd: 'send' },
        verdict: asked,
      });
      assert.equal(await act(custody, asItIs, id), 1);
      const [claim] = await claimDue(custody, clock);
      assert.deepEqual(claim?.recipients[0]?.verdict?.changes, [{ kind: 'requireTls' }]);
      const { events } = await traceOf(custody, id);
      assert.match(events.at(-1)?.detail ?? '', /as it is, without the changes.*: checked by hand/);
      const plain = await waiting(custody, clock, suspended(clock, 'send'));
      assert.equal(await act(custody, asItIs, plain), 0, 'nothing is to be changed in it');

      const late = await waiting(custody, clock, { kind: 'passed', destination: PARTNER, verdict: asked });
      const [leaving] = await claimDue(custody, clock);
      assert.ok(leaving);
      const setAside = { kind: 'held', reason: 'set-aside', detail: 'it can’t be made' } as const;
      await custody.settle(settlementOf(leaving, setAside), W1, soon());
      assert.equal(await act(custody, LET_GO, late), 0);
      assert.equal(await act(custody, asItIs, late), 1);
      assert.deepEqual((await traceOf(custody, late)).recipients[0]?.state, 'queued');
    },
  );

  promise('H1: who may decide for all decides alone', async (custody, clock) => {
    const id = await waiting(custody, clock, approval(TWO));
    assert.equal(await act(custody, { ...vote(BOB), forAll: true }, id), 1);
    assert.equal((await traceOf(custody, id)).recipients[0]?.state, 'queued');
  });

  promise(
    'H1: changes that the verdict asks for are still to be made when the last one agrees',
    async (custody, clock) => {
      const changes = [{ kind: 'tagSubject', text: '[external]' }] as const;
      const asked = { ...asking(1), changes };
      const told = { who: 'its sender', owed: [], lookAt: clock.now() + DAY_MS };
      const id = await waiting(custody, clock, { ...approval(asked), told });
      await act(custody, vote(BOB), id);
      const [claim] = await claimDue(custody, clock);
      // Nothing of the wait is left: nobody is reminded of it, whatever holds the mail next.
      assert.deepEqual(claim?.recipients[0]?.verdict, { ...asked, agreed: [BOB] });
    },
  );

  promise(
    'H1: a rejection ends it with its report, and the journal has the person and the rule',
    async (custody, clock) => {
      const id = await waiting(custody, clock, approval(TWO));
      const filter = { ids: [id], state: 'approval' } as const;
      const [claim] = await custody.claim({ kind: 'named', filter, limit: 9 }, W1, soon());
      assert.ok(claim);
      assert.equal(claim.recipients[0]?.state, 'approval');
      const refused: Outcome = { kind: 'bounced', reply: reply(550, 'Not to that customer'), by: BOB };
      const dsn = mail(clock, { parent: id, origin: 'generated', purpose: 'dsn', sender: null });
      const settlement = settlementOf(claim, refused, { born: [dsn], peer: null, elapsedMs: 0 });
      assert.deepEqual(await custody.settle(settlement, W1, soon()), ['settled']);
      const { recipients, events } = await traceOf(custody, id);
      assert.deepEqual([recipients[0]?.state, recipients[0]?.attempts], ['bounced', 0]);
      assert.equal(recipients[0]?.lastReply, '550 5.1.1 Not to that customer');
      const last = events.at(-1);
      assert.deepEqual([last?.kind, last?.stage, last?.attribution, last?.rule], ['bounced', 'hold', BOB, 'leak']);
      assert.equal((await traceOf(custody, dsn.id)).parent, id);
    },
  );
}

function races(promise: Declare): void {
  promise('H1: where the timer was first, a person’s act changes nothing and hears so', async (custody, clock) => {
    const id = await waiting(custody, clock, suspended(clock, 'send'));
    clock.ms += 900_000;
    const now = clock.now();
    const [claim] = await custody.claim({ kind: 'held', now, limit: 9 }, W2, soon());
    assert.ok(claim);
    for (const each of [LET_GO, STOP, DELETE]) assert.equal(await act(custody, each, id), 0, each.kind);
    const back = { kind: 'returned', due: now, delayNotified: false } as const;
    assert.deepEqual(await custody.settle(settlementOf(claim, back), W2, soon()), ['settled']);
    assert.equal(await act(custody, STOP, id), 0);
    assert.equal((await traceOf(custody, id)).recipients[0]?.state, 'queued');
  });

  promise('H1: where a person was first, the timer finds nothing', async (custody, clock) => {
    const id = await waiting(custody, clock, approval(TWO));
    clock.ms += 10 * DAY_MS;
    const now = clock.now();
    assert.equal(await act(custody, { ...vote(BOB), forAll: true }, id), 1);
    assert.deepEqual(await custody.claim({ kind: 'held', now, limit: 9 }, W2, soon()), []);
  });

  promise(
    'H1: a vote comes too late for what is being rejected, and counts again when that is lost',
    async (custody, clock) => {
      const id = await waiting(custody, clock, approval(asking(1)));
      const named = { kind: 'named', filter: { ids: [id] }, limit: 9 } as const;
      assert.equal((await custody.claim(named, W2, soon())).length, 1);
      assert.equal(await act(custody, vote(BOB), id), 0);
      await custody.retire(W2, false, soon());
      const [asked] = (await traceOf(custody, id)).recipients;
      assert.deepEqual([asked?.state, asked?.possiblyDuplicate], ['approval', false]);
      assert.equal(await act(custody, vote(BOB), id), 1);
    },
  );
}

function asking(least: number): Verdict {
  return verdict({
    kind: 'approve',
    by: [ALICE, BOB, CAROL],
    deputies: [],
    least,
    expireMs: null,
    selfApproval: false,
  });
}

function vote(person: MailAddress): HeldAct & { kind: 'approve' } {
  return { kind: 'approve', person, forAll: false, comment: 'fine' };
}

function suspended(clock: StandingClock, atEnd: 'send' | 'expire'): Outcome {
  return { kind: 'suspended', destination: PARTNER, until: clock.now() + 900_000, atEnd, verdict: HOLD };
}

function approval(asked: Verdict): Outcome & { kind: 'approval' } {
  return { kind: 'approval', destination: PARTNER, until: null, verdict: asked };
}

/** A mail that inspection has ended with this outcome. */
async function waiting(custody: Subject, clock: StandingClock, outcome: Outcome): Promise<MailId> {
  const sent = mail(clock, { recipients: [recipient(1, { destination: INSPECT_DESTINATION })] });
  await custody.accept([sent], null, soon());
  const [claim] = await custody.claim({ kind: 'named', filter: { ids: [sent.id] }, limit: 1 }, W1, soon());
  assert.ok(claim);
  const settlement = settlementOf(claim, outcome, { component: 'inspect', peer: null });
  assert.deepEqual(await custody.settle(settlement, W1, soon()), ['settled']);
  return sent.id;
}

/** The act of alice, or of who votes; the recipients that it hit. */
async function act(custody: Subject, what: HeldAct, id: MailId): Promise<number> {
  const by = what.kind === 'approve' ? what.person : ALICE;
  return (await custody.act(what, { ids: [id] }, by, 9, soon())).recipients;
}

function claimDue(custody: Subject, clock: StandingClock): Promise<readonly Claim[]> {
  const now = clock.now();
  const request = { kind: 'due', destination: PARTNER, tenant: null, fresh: false, ignoreDue: false, now } as const;
  return custody.claim({ ...request, limit: 9 }, W1, soon());
}

async function traceOf(custody: Journal, id: MailId): Promise<Trace> {
  const [trace] = await custody.trace({ ids: [id] }, 1, soon());
  assert.ok(trace, `${id} is not found`);
  return trace;
}

function shortly(recipient: TracedRecipient | undefined): readonly (string | undefined)[] {
  return [recipient?.state, recipient?.reason, recipient?.destination];
}
