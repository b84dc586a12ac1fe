/** The promises about mail that waits for inspection, and about verdicts (H1, H10), as tests for every keeper of custody. */
import assert from 'node:assert/strict';
import type {
  ArrivedMail,
  Claim,
  DestinationKey,
  IncarnationId,
  MailId,
  Outcome,
  Settlement,
  Verdict,
} from '#/model/index.ts';
import { INSPECT_DESTINATION, SLOW_INSPECT_DESTINATION } from '#/model/index.ts';
import type { ClaimRequest, Custody, Journal, Trace, TracedRecipient } from '#/ports/index.ts';
import type { StandingClock } from './samples.ts';
import { DAY_MS, mail, OTHER, PARTNER, recipient, reply, settlementOf, soon, verdict, worker } from './samples.ts';

type Subject = Custody & Journal;
type Declare = (title: string, run: (custody: Subject, clock: StandingClock) => Promise<void>) => void;

const W1 = worker('1').id;
const W2 = worker('2').id;
const INSPECTORS = [worker('1', 'inspect'), worker('2', 'inspect')] as const;
const [{ id: I1 }, { id: I2 }] = INSPECTORS;
const PASS = verdict({ kind: 'pass' });
const HOLD = verdict({ kind: 'hold', forMs: 900_000, atEnd: 'send' });
const ASK = verdict({
  kind: 'approve',
  by: [],
  deputies: [],
  least: 1,
  expireMs: null,
  selfApproval: false,
});

/** Declares them within the suite of a keeper. */
export function inspecting(promise: Declare): void {
  verdicts(promise);
  releases(promise);
  losses(promise);
  latecomers(promise);
}

function verdicts(promise: Declare): void {
  promise(
    'H1: what passed is due at once for its next hop, and says by which version of the rules',
    async (custody, clock) => {
      const id = await arrive(custody, clock);
      clock.ms += 40;
      await settle(custody, await claimed(custody, clock), passedTo(PARTNER));
      const { recipients, events } = await traceOf(custody, id);
      assert.deepEqual(
        events.map(({ kind, stage, component, rule, ruleVersion }) => [kind, stage, component, rule, ruleVersion]),
        [
          ['accepted', 'accept', 'gate', null, null],
          ['inspected', 'inspect', 'inspect', null, null],
          ['verdict', 'inspect', 'inspect', 'leak', '12345'],
        ],
      );
      assert.equal(events.at(-1)?.detail, '4 companies receive it.');
      assert.equal(events.at(-1)?.worker, W1);
      assert.deepEqual(shortly(recipients[0]), ['queued', '', PARTNER]);
      const [next] = await custody.claim(due(clock, PARTNER), W2, soon());
      assert.deepEqual([next?.recipients[0]?.attempts, next?.recipients[0]?.verdict], [0, null]);
    },
  );

  promise('H1: the verdict is per recipient, and each state is in its column of the books', async (custody, clock) => {
    const recipients = [1, 2, 3, 4, 5].map((n) => recipient(n, { destination: INSPECT_DESTINATION }));
    const id = await arrive(custody, clock, { recipients });
    const claim = await claimed(custody, clock);
    const outcomes: Outcome[] = [
      passedTo(PARTNER),
      suspended(clock, 'send'),
      { kind: 'approval', destination: PARTNER, until: null, verdict: ASK },
      { kind: 'bounced', reply: reply(550, 'Too many companies'), verdict: verdict({ kind: 'reject', text: 'no' }) },
      { kind: 'discarded', reason: 'policy', verdict: verdict({ kind: 'discard' }) },
    ];
    const settlement = {
      ...inspected(claim, passedTo(PARTNER)),
      outcomes: outcomes.map((outcome, i) => ({ n: i + 1, outcome })),
    };
    assert.deepEqual(await custody.settle(settlement, W1, soon()), Array(5).fill('settled'));
    const trace = await traceOf(custody, id);
    assert.deepEqual(
      trace.recipients.map(({ state }) => state),
      ['queued', 'held', 'approval', 'bounced', 'discarded'],
    );
    assert.deepEqual(trace.recipients[2]?.verdict, ASK);
    assert.equal(trace.recipients[2]?.due, clock.now() + 10 * DAY_MS);
    const ofRecipient = (n: number) => trace.events.filter((event) => event.recipient === n).map(({ kind }) => kind);
    assert.deepEqual(ofRecipient(3), ['accepted', 'inspected', 'verdict', 'approval']);
    assert.deepEqual(ofRecipient(4), ['accepted', 'inspected', 'verdict', 'bounced']);
    const [books] = await custody.books(soon());
    assert.deepEqual([books?.queued, books?.held, books?.bounced, books?.discarded], [1, 2, 1, 1]);
  });

  promise('H1: inspection sees everybody whom a mail reaches, whoever is claimed', async (custody, clock) => {
    const at = (n: number) => recipient(n, { destination: INSPECT_DESTINATION });
    await arrive(custody, clock, { recipients: [at(1), recipient(2), at(3), at(4)] });
    const [first] = await custody.claim({ ...due(clock, INSPECT_DESTINATION), limit: 1 }, W1, soon());
    assert.deepEqual([first?.recipients.length, first?.everybody?.map(({ n }) => n)], [1, [1, 2, 3, 4]]);
    const [hop] = await custody.claim(due(clock, PARTNER), W1, soon());
    assert.equal(hop?.everybody, undefined);
    await custody.settle(settlementOf(hop as Claim, { kind: 'delivered', reply: reply(250, 'ok') }), W1, soon());
    await settle(custody, first as Claim, passedTo(PARTNER));
    const rest = await claimed(custody, clock);
    assert.deepEqual(
      rest.recipients.map(({ n }) => n),
      [3, 4],
    );
    const { address, original, direction } = recipient(2);
    assert.deepEqual(rest.everybody?.[1], { n: 2, address, original, direction });
    assert.equal(rest.everybody?.length, 4);
  });

  promise('H10: a verdict whose claim was lost changes nothing', async (custody, clock) => {
    const id = await arrive(custody, clock);
    const claim = await claimed(custody, clock);
    await custody.retire(W1, false, soon());
    assert.deepEqual(await custody.settle(inspected(claim, suspended(clock, 'send')), W1, soon()), ['lapsed']);
    assert.deepEqual(await custody.settle(inspected(claim, passedTo(OTHER)), W2, soon()), ['lapsed']);
    assert.deepEqual(shortly((await traceOf(custody, id)).recipients[0]), ['queued', '', INSPECT_DESTINATION]);
  });
}

function releases(promise: Declare): void {
  promise('design 1: what policy held goes on behind inspection when its time has come', async (custody, clock) => {
    const id = await arrive(custody, clock);
    await settle(custody, await claimed(custody, clock), suspended(clock, 'send'));
    const [held] = (await traceOf(custody, id)).recipients;
    assert.deepEqual(shortly(held), ['held', 'policy', PARTNER]);
    assert.deepEqual([held?.due, held?.releaseAt], [clock.now() + 900_000, clock.now() + 900_000]);
    assert.deepEqual(held?.verdict, HOLD);
    assert.deepEqual(await custody.claim(due(clock, PARTNER), W1, soon()), []);
    clock.ms += 900_000;
    const now = clock.now();
    const [claim] = await custody.claim({ kind: 'held', now, limit: 9 }, W1, soon());
    assert.ok(claim);
    assert.deepEqual(claim.recipients[0]?.verdict, HOLD);
    const back = { kind: 'returned', due: now, delayNotified: false } as const;
    await custody.settle(settlementOf(claim, back), W1, soon());
    const [shown] = (await traceOf(custody, id)).recipients;
    assert.deepEqual([...shortly(shown), shown?.verdict], ['queued', '', PARTNER, null]);
    assert.equal((await traceOf(custody, id)).events.at(-1)?.kind, 'released');
  });

  promise(
    'design 1: changes that a verdict asks for stay with the mail until they are made',
    async (custody, clock) => {
      const changes = [{ kind: 'tagSubject', text: '[external]' }] as const;
      const asked: Verdict = { ...HOLD, changes };
      await arrive(custody, clock);
      await settle(custody, await claimed(custody, clock), { ...suspended(clock, 'send'), verdict: asked });
      clock.ms += 900_000;
      const now = clock.now();
      const [claim] = await custody.claim({ kind: 'held', now, limit: 9 }, W1, soon());
      await custody.settle(
        settlementOf(claim as Claim, { kind: 'returned', due: now, delayNotified: false }),
        W1,
        soon(),
      );
      const [next] = await custody.claim(due(clock, PARTNER), W1, soon());
      assert.deepEqual(next?.recipients[0]?.verdict, asked);
    },
  );

  promise(
    'design 1: changes stay through attempts that fail, a worker that is lost, and an operator’s hold',
    async (custody, clock) => {
      const asked: Verdict = { ...PASS, changes: [{ kind: 'forceBcc' }] };
      await arrive(custody, clock);
      await settle(custody, await claimed(custody, clock), { kind: 'passed', destination: PARTNER, verdict: asked });
      const waits = async () => (await custody.claim(due(clock, PARTNER), W2, soon()))[0] as Claim;
      const later = { kind: 'deferred', reply: reply(451, 'later'), due: clock.now(), delayNotified: false } as const;
      assert.deepEqual(await custody.settle(settlementOf(await waits(), later), W2, soon()), ['settled']);
      assert.deepEqual((await waits()).recipients[0]?.verdict, asked);
      await custody.retire(W2, false, soon());
      const hold = { kind: 'hold', until: clock.now() + DAY_MS, atEnd: 'expire' } as const;
      assert.equal((await custody.act(hold, {}, 'op', 9, soon())).recipients, 1);
      await custody.act({ kind: 'release' }, {}, 'op', 9, soon());
      const [next] = await custody.claim(due(clock, PARTNER), W1, soon());
      assert.deepEqual(next?.recipients[0]?.verdict, asked);
    },
  );

  promise(
    'design 1: an operator’s hold before inspection goes on with inspection, and no reroute leads around it',
    async (custody, clock) => {
      const id = await arrive(custody, clock);
      const hold = { kind: 'hold', until: clock.now() + DAY_MS, atEnd: 'expire' } as const;
      await custody.act(hold, {}, 'op', 9, soon());
      const reroute = { kind: 'reroute', destination: OTHER } as const;
      assert.equal((await custody.act(reroute, {}, 'op', 9, soon())).recipients, 0);
      assert.equal((await custody.act({ kind: 'release' }, {}, 'op', 9, soon())).recipients, 1);
      assert.equal((await custody.act(reroute, {}, 'op', 9, soon())).recipients, 0);
      assert.deepEqual(shortly((await traceOf(custody, id)).recipients[0]), ['queued', '', INSPECT_DESTINATION]);
      assert.equal((await claimed(custody, clock)).recipients.length, 1);
    },
  );

  promise('design 5: what waits by a verdict is not for the queue’s operators', async (custody, clock) => {
    const recipients = [1, 2].map((n) => recipient(n, { destination: INSPECT_DESTINATION }));
    await arrive(custody, clock, { recipients });
    const claim = await claimed(custody, clock);
    const outcomes = [
      { n: 1, outcome: suspended(clock, 'expire') },
      { n: 2, outcome: { kind: 'approval', destination: PARTNER, until: null, verdict: ASK } as const },
    ];
    await custody.settle({ ...inspected(claim, PASSED), outcomes }, W1, soon());
    for (const act of [
      { kind: 'release' },
      { kind: 'drop', reason: 'x' },
      { kind: 'reroute', destination: OTHER },
    ] as const)
      assert.equal((await custody.act(act, {}, 'op', 9, soon())).recipients, 0, act.kind);
    assert.deepEqual(await custody.sweep(soon()), []);
  });
}

function latecomers(promise: Declare): void {
  promise(
    'H1: what was never judged says so whenever it is claimed, and what was judged says so for ever',
    async (custody, clock) => {
      const at = (n: number) => recipient(n, { destination: n < 4 ? INSPECT_DESTINATION : PARTNER });
      const id = await arrive(custody, clock, { recipients: [1, 2, 3, 4].map(at) });
      const claim = await claimed(custody, clock);
      assert.deepEqual(
        claim.recipients.map(({ judged }) => judged),
        [false, false, false],
      );
      const outcomes = [
        { n: 1, outcome: PASSED },
        { n: 2, outcome: suspended(clock, 'send') },
        { n: 3, outcome: { kind: 'approval', destination: PARTNER, until: null, verdict: ASK } as const },
      ];
      await custody.settle({ ...inspected(claim, PASSED), outcomes }, W1, soon());
      await custody.act({ kind: 'letGo', comment: '' }, { ids: [id], recipient: 2 }, 'op', 9, soon());
      const vote = { kind: 'approve', person: 'b@acme.test', forAll: true, comment: '' } as const;
      await custody.act(vote, { ids: [id], recipient: 3 }, 'op', 9, soon());
      for (const by of [W1, W2]) {
        const [next] = await custody.claim(due(clock, PARTNER), by, soon());
        assert.deepEqual(
          next?.recipients.map(({ judged }) => judged),
          [true, true, true, false],
        );
        const later = { kind: 'deferred', reply: reply(451, 'later'), due: clock.now(), delayNotified: false } as const;
        await custody.settle(settlementOf(next, later), by, soon());
      }
    },
  );

  promise(
    'H1: mail that has waited since before a rule concerned it is moved before inspection, and begins there anew',
    async (custody, clock) => {
      const id = await arrive(custody, clock, { recipients: [recipient(1)] });
      const [tried] = await custody.claim(due(clock, PARTNER), W1, soon());
      const later = {
        kind: 'deferred',
        reply: reply(451, 'later'),
        due: clock.now() + 60_000,
        delayNotified: false,
      } as const;
      await custody.settle(settlementOf(tried as Claim, later), W1, soon());
      clock.ms += 60_000;
      const [waited] = await custody.claim(due(clock, PARTNER), W1, soon());
      const moved = { kind: 'moved', destination: INSPECT_DESTINATION } as const;
      assert.deepEqual(await custody.settle(settlementOf(waited as Claim, moved), W1, soon()), ['settled']);
      const [fresh] = await custody.claim({ ...due(clock, INSPECT_DESTINATION), fresh: true }, W2, soon());
      assert.deepEqual(
        [fresh?.mail.id, fresh?.recipients[0]?.attempts, fresh?.recipients[0]?.state],
        [id, 0, 'queued'],
      );
      assert.equal((await traceOf(custody, id)).events.at(-1)?.detail, `from ${PARTNER}`);
    },
  );
}

function losses(promise: Declare): void {
  promise(
    'H10: mail whose inspector was lost is due again, is no possible duplicate, and can be claimed apart',
    async (custody, clock) => {
      await inspectors(custody);
      const id = await arrive(custody, clock);
      await claimed(custody, clock, I1);
      const other = await arrive(custody, clock);
      assert.equal(await custody.retire(I1, false, soon()), 1);
      const trace = await traceOf(custody, id);
      assert.equal(trace.recipients[0]?.possiblyDuplicate, false);
      assert.deepEqual([trace.events.at(-1)?.kind, trace.events.at(-1)?.stage], ['repaired', 'inspect']);
      const request = due(clock, INSPECT_DESTINATION);
      const fresh = await custody.claim({ ...request, fresh: true }, W2, soon());
      assert.deepEqual(
        fresh.map((claim) => claim.mail.id),
        [other],
      );
      const retried = await custody.claim({ ...request, retried: true }, W2, soon());
      assert.deepEqual(
        retried.map((claim) => [claim.mail.id, claim.recipients[0]?.attempts]),
        [[id, 1]],
      );
    },
  );

  promise(
    'H10: mail that a second inspector was lost over is set aside before inspection, and is inspected when released',
    async (custody, clock) => {
      await inspectors(custody);
      const id = await arrive(custody, clock);
      await claimed(custody, clock, I1);
      await custody.retire(I1, false, soon());
      await claimed(custody, clock, I2);
      assert.equal(await custody.retire(I2, false, soon()), 1);
      const { recipients, events } = await traceOf(custody, id);
      assert.deepEqual(shortly(recipients[0]), ['held', 'set-aside', INSPECT_DESTINATION]);
      assert.equal(recipients[0]?.due, clock.now() + 10 * DAY_MS);
      assert.match(events.at(-1)?.detail ?? '', /two workers were lost over it/);
      assert.equal((await custody.act({ kind: 'release' }, { reason: 'set-aside' }, 'op', 9, soon())).recipients, 1);
      await custody.enlist(worker('3'), soon());
      const again = await claimed(custody, clock, worker('3').id);
      assert.equal(again.recipients[0]?.attempts, 0, 'a new beginning');
    },
  );

  promise(
    'H10: a worker that ends in order, or is fenced for its answers, is nobody’s fault but its own',
    async (custody, clock) => {
      const id = await arrive(custody, clock);
      await claimed(custody, clock);
      assert.equal(await custody.retire(W1, true, soon()), 1);
      const again = await claimed(custody, clock, W2);
      assert.equal(again.recipients[0]?.attempts, 0);
      assert.deepEqual(
        (await traceOf(custody, id)).events.map(({ kind }) => kind),
        ['accepted'],
      );
    },
  );

  promise('H10: a sweep finds the claims of an inspector that nobody retired', async (custody, clock) => {
    const id = await arrive(custody, clock);
    await custody.enlist(worker('9'), soon());
    await claimed(custody, clock, worker('9').id);
    await custody.retire(worker('9').id, false, soon());
    await custody.sweep(soon());
    assert.deepEqual(shortly((await traceOf(custody, id)).recipients[0]), ['queued', '', INSPECT_DESTINATION]);
  });

  promise(
    'M4: what takes long waits in the slow lane; what is held or lost there stands before inspection again',
    async (custody, clock) => {
      const [slow, held, lost] = [
        await arrive(custody, clock),
        await arrive(custody, clock),
        await arrive(custody, clock),
      ];
      for (const claim of await custody.claim(due(clock, INSPECT_DESTINATION), W1, soon()))
        await settle(custody, claim, { kind: 'moved', destination: SLOW_INSPECT_DESTINATION });
      assert.deepEqual(await custody.claim(due(clock, INSPECT_DESTINATION), W1, soon()), []);
      const moved = (await traceOf(custody, slow)).events.at(-1);
      assert.deepEqual([moved?.kind, moved?.stage, moved?.component], ['moved', 'inspect', 'inspect']);

      const hold = { kind: 'hold', until: clock.now() + 1_000, atEnd: 'expire' } as const;
      await custody.act(hold, { ids: [held] }, 'root', 9, soon());
      assert.deepEqual(shortly((await traceOf(custody, held)).recipients[0]), [
        'held',
        'operator',
        INSPECT_DESTINATION,
      ]);

      await custody.enlist(worker('9', 'inspect'), soon());
      const filter = { ids: [lost] };
      assert.equal(
        (await custody.claim({ kind: 'named', filter, limit: 9 }, worker('9', 'inspect').id, soon())).length,
        1,
      );
      await custody.retire(worker('9', 'inspect').id, false, soon());
      const retried = { ...due(clock, INSPECT_DESTINATION), retried: true };
      assert.deepEqual(
        (await custody.claim(retried, W1, soon())).map(({ mail: { id } }) => id),
        [lost],
      );

      const [claim] = await custody.claim(due(clock, SLOW_INSPECT_DESTINATION), W1, soon());
      assert.ok(claim);
      assert.deepEqual([claim.mail.id, claim.everybody?.length], [slow, 1]);
      await settle(custody, claim, PASSED);
      assert.deepEqual(shortly((await traceOf(custody, slow)).recipients[0]), ['queued', '', PARTNER]);
    },
  );

  promise(
    'H10: a process that is lost while it looks at the time of mail, or gives it up, was not lost over the mail',
    async (custody, clock) => {
      await inspectors(custody);
      const id = await arrive(custody, clock);
      for (const by of [W1, W2]) {
        const [claim] = await custody.claim(
          { kind: 'attention', now: clock.now() + 10 * DAY_MS, limit: 9 },
          by,
          soon(),
        );
        assert.equal(claim?.mail.id, id);
        assert.equal(await custody.retire(by, false, soon()), 1);
      }
      const again = await claimed(custody, clock, I1);
      assert.equal(again.recipients[0]?.attempts, 0);
      const { recipients, events } = await traceOf(custody, id);
      assert.deepEqual([recipients[0]?.state, recipients[0]?.possiblyDuplicate], ['queued', false]);
      assert.deepEqual(
        events.map(({ kind }) => kind),
        ['accepted'],
      );
    },
  );
}

const PASSED = passedTo(PARTNER);

function passedTo(destination: DestinationKey): Outcome {
  return { kind: 'passed', destination, verdict: PASS };
}

async function inspectors(custody: Subject): Promise<void> {
  for (const inspector of INSPECTORS) await custody.enlist(inspector, soon());
}

/** Until a quarter of an hour from now. */
function suspended(clock: StandingClock, atEnd: 'send' | 'expire'): Outcome & { kind: 'suspended' } {
  return { kind: 'suspended', destination: PARTNER, until: clock.now() + 900_000, atEnd, verdict: HOLD };
}

/** A mail that waits for inspection. */
async function arrive(custody: Subject, clock: StandingClock, more: Partial<ArrivedMail> = {}): Promise<MailId> {
  const recipients = [recipient(1, { destination: INSPECT_DESTINATION })];
  const sent = mail(clock, { recipients, ...more });
  await custody.accept([sent], null, soon());
  return sent.id;
}

async function claimed(custody: Subject, clock: StandingClock, by: IncarnationId = W1): Promise<Claim> {
  const [claim] = await custody.claim(due(clock, INSPECT_DESTINATION), by, soon());
  assert.ok(claim, 'nothing is due for inspection');
  return claim;
}

function due(clock: StandingClock, destination: DestinationKey): ClaimRequest & { kind: 'due' } {
  return { kind: 'due', destination, tenant: null, fresh: false, ignoreDue: false, now: clock.now(), limit: 100 };
}

function inspected(claim: Claim, outcome: Outcome): Settlement {
  return settlementOf(claim, outcome, { component: 'inspect', peer: null });
}

async function settle(custody: Subject, claim: Claim, outcome: Outcome): Promise<void> {
  assert.deepEqual(await custody.settle(inspected(claim, outcome), W1, soon()), ['settled']);
}

async function traceOf(custody: Journal, id: MailId): Promise<Trace> {
  const [trace] = await custody.trace({ ids: [id] }, 1, soon());
  assert.ok(trace, `${id} is not found`);
  return trace;
}

function shortly(recipient: TracedRecipient | undefined): readonly (string | undefined)[] {
  return [recipient?.state, recipient?.reason, recipient?.destination];
}
