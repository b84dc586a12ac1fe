/** Notices through the engines that bear them: a queue over custody's model, a clock that is moved by days, and what its people find in their mail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heldOperations } from '#/held/index.ts';
import {
  type Decision,
  type DestinationKey,
  INSPECT_DESTINATION,
  type MailAddress,
  type MailId,
  NOTICE_DEFAULTS,
  type Outcome,
  type PolicyVersion,
  type Tenant,
  type Verdict,
  within,
} from '#/model/index.ts';
import type { PeopleNotices, Telling, Trace } from '#/ports/index.ts';
import { readQuery } from '#/queue/index.ts';
import { openMemoryDownloads } from '#/store/index.ts';
import {
  FakeBlobs,
  FakeDirectorySource,
  FakeRouting,
  HERE,
  overriding,
  QueueBench,
  tenantOf,
} from '#/testkit/index.ts';
import { PeopleMails } from './index.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SOON = () => within(30_000);
const ACME = tenantOf({
  id: 'acme',
  domains: ['acme.test'],
  users: [['alice@acme.test'], ['bob@acme.test'], ['root@acme.test']],
  admins: ['root@acme.test'],
});
const ASKS: Decision = {
  kind: 'approve',
  by: ['bob@acme.test'] as MailAddress[],
  deputies: ['root@acme.test'] as MailAddress[],
  least: 1,
  expireMs: 10 * DAY,
  selfApproval: false,
};
const HOLD: Decision = { kind: 'hold', forMs: 15 * 60_000, atEnd: 'send' };
const STRICT: Decision = { kind: 'hold', forMs: null, atEnd: 'expire' };

/** The maker stands before the bench's clock does: it is handed on when it is there. */
class Late implements PeopleNotices {
  maker: PeopleNotices | null = null;
  readonly judged: PeopleNotices['judged'] = (...words) => this.#now.judged(...words);
  readonly waiting: PeopleNotices['waiting'] = (...words) => this.#now.waiting(...words);
  readonly done: PeopleNotices['done'] = (...words) => this.#now.done(...words);

  get #now(): PeopleNotices {
    assert.ok(this.maker);
    return this.maker;
  }
}

async function startBench(tenant: Tenant = ACME): Promise<QueueBench & { readonly people: PeopleNotices }> {
  const people = new Late();
  const bench = await QueueBench.start({ people });
  const directory = new FakeDirectorySource([tenant]);
  people.maker = new PeopleMails(
    { hostname: 'mx.acme.test', heldMs: 10 * DAY, pages: null },
    {
      directory,
      clock: bench.clock,
      meter: bench.meter,
      routing: new FakeRouting(['acme.test']),
      reach: (address) => [{ address, direction: 'internal' }],
      links: { linkTo: () => null },
    },
  );
  return Object.assign(bench, { people });
}

/** A mail of alice to so many companies, decided alike for all of them, as a worker settles it. */
async function judged(
  bench: Awaited<ReturnType<typeof startBench>>,
  decision: Decision,
  companies = 1,
): Promise<MailId> {
  const to = Array.from({ length: companies }, (_, i) => `buyer@company${i}.test`);
  const mail = bench.mail({ to, destination: INSPECT_DESTINATION });
  await bench.store.accept([mail], null, SOON());
  const [claim] = await bench.store.claim({ kind: 'named', filter: { ids: [mail.id] }, limit: 1_000 }, HERE, SOON());
  assert.ok(claim);
  const now = bench.clock.now();
  const decided = claim.recipients.map(({ n, address }) => {
    const place = { destination: `mx:${address.split('@')[1]}` as DestinationKey, verdict: verdictOf(decision) };
    const outcome: Outcome =
      decision.kind === 'approve'
        ? { kind: 'approval', until: now + 10 * DAY, ...place }
        : decision.kind === 'hold'
          ? {
              kind: 'suspended',
              until: decision.forMs === null ? null : now + decision.forMs,
              atEnd: decision.atEnd,
              ...place,
            }
          : { kind: 'passed', ...place };
    return { n, outcome };
  });
  await settle(bench, bench.people.judged(claim, decided));
  return mail.id;
}

async function settle(bench: QueueBench, { claim, outcomes, born }: Telling): Promise<void> {
  await bench.store.settle({ claim, outcomes, born, elapsedMs: 0, peer: null, component: 'inspect' }, HERE, SOON());
}

function verdictOf(decision: Decision): Verdict {
  const reason = { en: 'Held by the rule “leak”.', ja: 'ルール「leak」により保留。' };
  return { ...decision, rule: 'leak', version: 'v1' as PolicyVersion, reason, changes: [], notify: [] };
}

/** Notices about a mail, in order: to whom, and their subjects. */
async function notices(bench: QueueBench, about: MailId): Promise<string[]> {
  const found = await bench.store.trace({ from: '<>' }, 1_000, SOON());
  const mine = found.filter(({ parent }) => parent === about).toReversed();
  return mine.map(({ recipients, subject }) => `${recipients[0]?.address.split('@')[0]}: ${subject}`);
}

async function traceOf(bench: QueueBench, id: MailId): Promise<Trace> {
  const [found] = await bench.store.trace({ ids: [id] }, 1, SOON());
  assert.ok(found);
  return found;
}

async function letDaysPass(bench: QueueBench, days: number): Promise<void> {
  await bench.clock.advance(days * DAY, HOUR / 4);
}

test('H1: mail to three companies that waits for approval is told of once each time: at once, on day 1, 3, 7 and 9; then it expires', async () => {
  await using bench = await startBench();
  const id = await judged(bench, ASKS, 3);
  assert.deepEqual((await notices(bench, id)).sort(), [
    'alice: Waits for approval: Hello',
    'bob: Your approval is needed: Hello',
  ]);
  const seen: number[] = [];
  for (let day = 0; day < 9; day++) {
    seen.push((await notices(bench, id)).length);
    await letDaysPass(bench, 1);
  }
  await letDaysPass(bench, 0.1);
  seen.push((await notices(bench, id)).length);
  // Sender and approver at first; with the reminders the deputy, too.
  assert.deepEqual(seen, [2, 5, 5, 8, 8, 8, 8, 11, 11, 14]);
  assert.deepEqual(
    (await traceOf(bench, id)).recipients.map(({ due }) => due),
    Array(3).fill(bench.clock.now() + 0.9 * DAY),
  );
  await letDaysPass(bench, 1);
  assert.deepEqual(await bench.states(id), ['expired', 'expired', 'expired']);
  assert.deepEqual(
    bench.notices.map(({ kind }) => kind),
    ['failure'],
    'one report of all three',
  );
  assert.equal(await bench.balanced(), true);
});

test('H1: the trace of a mail says when and whom it was told to, without an address', async () => {
  await using bench = await startBench();
  const id = await judged(bench, ASKS);
  await letDaysPass(bench, 1.1);
  const told = (await traceOf(bench, id)).events.filter(({ stage }) => stage === 'notify');
  assert.deepEqual(
    told.map(({ kind, detail, rule }) => [kind, detail, rule]),
    [
      ['approval', 'an approver, its sender', 'leak'],
      ['approval', 'an approver, a deputy, its sender', 'leak'],
    ],
  );
});

test('H1: a hold of minutes is told at once and never again, and goes by itself at its time', async () => {
  await using bench = await startBench();
  const id = await judged(bench, HOLD, 3);
  assert.deepEqual(await notices(bench, id), ['alice: Held: Hello (until 12:15)']);
  await bench.clock.advance(14 * 60_000, 5_000);
  assert.deepEqual(await bench.states(id), ['held', 'held', 'held']);
  await bench.clock.advance(2 * 60_000, 5_000);
  assert.deepEqual(await bench.states(id), ['delivered', 'delivered', 'delivered']);
  assert.equal((await notices(bench, id)).length, 1);
});

test('H1: a mail that its sender stops is reminded of from then on, and expires when that wait is over', async () => {
  await using bench = await startBench();
  const id = await judged(bench, HOLD);
  await bench.store.act({ kind: 'stop', comment: '' }, { ids: [id] }, 'alice@acme.test', 10, SOON());
  await letDaysPass(bench, 1.1);
  assert.equal(
    (await notices(bench, id)).at(-1),
    'alice: Still held: Hello (expires 1 Dec 12:00)'.replace('1 Dec', 'Tue 1 Dec'),
  );
  await letDaysPass(bench, 9);
  assert.deepEqual(await bench.states(id), ['expired']);
});

test('H5: a process that ends between two reminders loses none and repeats none', async () => {
  await using bench = await startBench();
  const id = await judged(bench, STRICT);
  await letDaysPass(bench, 0.9);
  await bench.stop();
  await bench.clock.advance(0.2 * DAY, HOUR);
  await bench.start();
  await bench.clock.advance(60_000, 5_000);
  assert.deepEqual(await notices(bench, id), [
    'alice: Held: Hello',
    'alice: Still held: Hello (expires Tue 1 Dec 12:00)',
  ]);
  await bench.stop();
  await bench.start();
  await bench.clock.advance(60_000, 5_000);
  assert.equal((await notices(bench, id)).length, 2);
});

test('H5: a reminder that can’t be made ends no hold, and is made when it can', async () => {
  await using bench = await startBench();
  const { people } = bench;
  const id = await judged(bench, STRICT);
  const late = people as Late;
  const { maker } = late;
  late.maker = overriding(maker as PeopleNotices, {
    waiting: () => {
      throw new Error('no notice can be made');
    },
  });
  await letDaysPass(bench, 1.1);
  assert.deepEqual(await bench.states(id), ['held']);
  assert.ok(bench.count('queue.notice_failed') > 0);
  late.maker = maker;
  await bench.clock.advance(300_000, 5_000);
  assert.equal((await notices(bench, id)).length, 2);
});

test('H1: a mail with more recipients than are judged together is told of once', async () => {
  await using bench = await startBench();
  const to = Array.from({ length: 300 }, (_, i) => `buyer@company${i % 7}.test`);
  const mail = bench.mail({ to, destination: INSPECT_DESTINATION });
  await bench.store.accept([mail], null, SOON());
  for (;;) {
    const [claim] = await bench.store.claim(
      {
        kind: 'due',
        destination: INSPECT_DESTINATION,
        tenant: null,
        fresh: false,
        ignoreDue: false,
        now: bench.clock.now(),
        limit: 64,
      },
      HERE,
      SOON(),
    );
    if (claim === undefined) break;
    const place = { destination: 'mx:partner.test' as DestinationKey, verdict: verdictOf(STRICT) };
    const decided = claim.recipients.map(({ n }) => {
      return { n, outcome: { kind: 'suspended', until: null, atEnd: 'expire', ...place } as const };
    });
    await settle(bench, bench.people.judged(claim, decided));
  }
  await bench.clock.advance(30_000, 1_000);
  assert.deepEqual(await notices(bench, mail.id), ['alice: Held: Hello']);
  await letDaysPass(bench, 1.1);
  assert.equal((await notices(bench, mail.id)).length, 2);
});

test('H1: what others do to mail is told to its sender, with who and why; what they do themselves is not', async () => {
  await using bench = await startBench();
  const call = callOf(bench);
  const approved = await judged(bench, ASKS, 3);
  const done = await call('held.approve', { as: 'bob@acme.test', ids: [approved], reason: 'Fine' }, 'bob@acme.test');
  assert.equal(done.recipients, 3);
  await bench.clock.advance(10_000, 1_000);
  assert.deepEqual(await bench.states(approved), ['delivered', 'delivered', 'delivered']);
  assert.equal((await notices(bench, approved)).filter((one) => one === 'alice: Approved: Hello').length, 1);
  const deleted = await judged(bench, STRICT);
  await call('held.delete', { as: 'root@acme.test', ids: [deleted], reason: 'wrong list' }, 'root@acme.test');
  assert.deepEqual(await bench.states(deleted), ['discarded']);
  assert.equal((await notices(bench, deleted)).at(-1), 'alice: Deleted: Hello');
  const own = await judged(bench, STRICT);
  await call('held.delete', { as: 'alice@acme.test', ids: [own] }, 'alice@acme.test');
  assert.deepEqual([await bench.states(own), (await notices(bench, own)).length], [['discarded'], 1]);
  const stood = await judged(bench, STRICT);
  await call('held.delete', { as: 'alice@acme.test', ids: [stood] }, 'cli:root');
  assert.equal((await notices(bench, stood)).at(-1), 'alice: Deleted: Hello', 'somebody acted in her name');
  assert.equal(await bench.balanced(), true);
});

test('H1: of votes the sender hears with the last one', async () => {
  await using bench = await startBench();
  const call = callOf(bench);
  const by = ['bob@acme.test', 'root@acme.test'] as MailAddress[];
  const id = await judged(bench, { ...ASKS, by, deputies: [], least: 2 });
  await call('held.approve', { as: 'bob@acme.test', ids: [id] }, 'bob@acme.test');
  const before = await notices(bench, id);
  assert.ok(!before.some((one) => one.startsWith('alice: Approved')));
  assert.deepEqual((await traceOf(bench, id)).recipients[0]?.verdict?.kind === 'approve' && (await bench.states(id)), [
    'approval',
  ]);
  await call('held.approve', { as: 'root@acme.test', ids: [id] }, 'root@acme.test');
  assert.equal((await notices(bench, id)).length, before.length + 1);
});

test('H1: who asked for no reports is told in plain words that their mail has expired', async () => {
  await using bench = await startBench({ ...ACME, notices: { ...NOTICE_DEFAULTS, reminderMs: [] } });
  const silent = bench.mail({ destination: INSPECT_DESTINATION });
  const recipients = silent.recipients.map((one) => ({
    ...one,
    notify: { success: false, failure: false, delay: false },
  }));
  await bench.store.accept([{ ...silent, recipients }], null, SOON());
  const [claim] = await bench.store.claim({ kind: 'named', filter: { ids: [silent.id] }, limit: 9 }, HERE, SOON());
  assert.ok(claim);
  const verdict = verdictOf(STRICT);
  const outcome = {
    kind: 'suspended',
    until: null,
    atEnd: 'expire',
    destination: 'mx:partner.test' as DestinationKey,
    verdict,
  } as const;
  await settle(bench, bench.people.judged(claim, [{ n: 1, outcome }]));
  await letDaysPass(bench, 10.1);
  assert.deepEqual(await bench.states(silent.id), ['expired']);
  assert.equal((await notices(bench, silent.id)).at(-1), 'alice: Not sent, its time ran out: Hello');
});

interface Done {
  readonly recipients: number;
}

function callOf(bench: Awaited<ReturnType<typeof startBench>>) {
  const { clock } = bench;
  const operations = heldOperations({
    custody: bench.custody,
    journal: bench.store,
    blobs: new FakeBlobs(),
    directory: new FakeDirectorySource([ACME]),
    clock,
    log: bench.log,
    notices: bench.noticeMaker(),
    people: bench.people,
    decisions: openMemoryDownloads().decisions,
    worker: HERE,
    settleLater: (settlement) => bench.queue.settleLater(settlement),
    doorbell: () => bench.queue.doorbell(),
    readFilter: (query, tenant) =>
      readQuery({ query, tenant: tenant ?? undefined }, { clock, timezoneOf: () => 'UTC' }),
  });
  return async (name: string, input: object, by: string): Promise<Done> => {
    const found = operations.find((each) => each.name === name);
    assert.ok(found);
    return (await found.handle(found.input.parse(input), { by, call: SOON() })) as Done;
  };
}
