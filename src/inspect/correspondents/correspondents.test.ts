/** Who has written to whom, from what the queue settled to what a rule is told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Fault, type Settlement, type TenantId } from '#/model/index.ts';
import type { Correspondence, Correspondents, PolicyMemory } from '#/ports/index.ts';
import { openMemoryPolicyMemory } from '#/store/index.ts';
import { recipientTo } from '#/testkit/facts/index.ts';
import { directoryOf, FakeClock, FakeLog, FakeMeter, tenantOf } from '#/testkit/index.ts';
import { PolicyRecall } from '../remembered.ts';
import { CorrespondenceForgetter } from './forgetter.ts';
import { CorrespondenceLearner } from './learner.ts';

const KEY = Buffer.alloc(32, 1);
const ACME = tenantOf({ id: 'acme', domains: ['acme.test'], users: [['alice@acme.test', 'a.archer@acme.test']] });
const directory = { current: () => directoryOf([ACME]) };
const ASKS = [{ check: 'firstTime', whose: 'sender', key: 'firstTime' }] as const;

interface Sketch {
  readonly sender?: string | null;
  readonly purpose?: string;
  readonly parent?: string | null;
  readonly tenant?: string;
  readonly outcome?: string;
}

/** One mail to these, as the queue hands it on. */
function settled(to: readonly string[], sketch: Sketch = {}): Settlement {
  const {
    sender = 'alice@acme.test',
    purpose = 'mail',
    parent = null,
    tenant = 'acme',
    outcome = 'delivered',
  } = sketch;
  const mail = { id: 'MAIL', parent, tenant, purpose, sender };
  const recipients = to.map((address, i) => recipientTo(address, i + 1));
  const outcomes = recipients.map(({ n }) => ({ n, outcome: { kind: outcome } }));
  return { claim: { mail, recipients }, outcomes, born: [], elapsedMs: 0, peer: null } as unknown as Settlement;
}

class Bench implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly log = new FakeLog();
  readonly meter = new FakeMeter();
  readonly memory: PolicyMemory = openMemoryPolicyMemory();
  /** Batches that were asked to be learnt. */
  readonly batches: (readonly Correspondence[])[] = [];
  isAway = false;
  readonly #correspondents: Correspondents = {
    ...bound(this.memory.correspondents),
    learn: async (pairs, call) => {
      if (this.isAway) throw new Fault('store.unavailable');
      this.batches.push(pairs);
      await this.memory.correspondents.learn(pairs, call);
    },
    known: async (questions, call) => {
      if (this.isAway) throw new Fault('store.unavailable');
      return this.memory.correspondents.known(questions, call);
    },
  };
  readonly learner = new CorrespondenceLearner({ ...this.#parts, directory, key: KEY });
  readonly recall = new PolicyRecall({
    ...this.#parts,
    memory: { ...this.memory, correspondents: this.#correspondents },
    derivedKey: () => KEY,
  });

  get #parts() {
    const { clock, log, meter } = this;
    return { clock, log, meter, correspondents: this.#correspondents };
  }

  /** Whom of these a sender knows; null where nobody can say. */
  async known(to: readonly string[], sender = 'alice@acme.test', tenant = 'acme'): Promise<readonly string[] | null> {
    const recipients = to.map((address, i) => recipientTo(address, i + 1));
    const mail = { tenant: tenant as TenantId, sender, recipients, receivedAt: this.clock.now() };
    const { knownRecipients } = await this.recall.of(ASKS, mail);
    return knownRecipients === null ? null : [...knownRecipients.bySender];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.learner[Symbol.asyncDispose]();
    await this.memory[Symbol.asyncDispose]();
  }
}

function bound(keeper: Correspondents): Correspondents {
  return {
    learn: (pairs, call) => keeper.learn(pairs, call),
    known: (questions, call) => keeper.known(questions, call),
    forget: (what, limit, call) => keeper.forget(what, limit, call),
    erase: (tenant, person, call) => keeper.erase(tenant, person, call),
  };
}

test('H1: whoever got a mail is known from then on to its sender under all addresses, and a stranger to everybody else', async () => {
  await using bench = new Bench();
  assert.deepEqual(await bench.known(['taro@example.test']), []);
  bench.learner.settled(settled(['Taro@Example.test', 'bob@acme.test'], { sender: 'a.archer@acme.test' }));
  await bench.clock.advance(3_000);
  assert.deepEqual(await bench.known(['taro@example.test', 'hanako@example.test']), ['taro@example.test']);
  assert.deepEqual(await bench.known(['taro@example.test'], 'bob@acme.test'), []);
  assert.deepEqual(await bench.known(['taro@example.test'], 'alice@acme.test', 'bolt'), []);
  assert.equal(bench.batches.flat().length, 1, 'a colleague is no acquaintance');
});

test('H1: only what was delivered, and what a person or program wrote, makes acquaintances', async () => {
  await using bench = new Bench();
  for (const sketch of [
    { outcome: 'deferred' },
    { outcome: 'bounced' },
    { purpose: 'dsn' },
    { parent: 'ANOTHER' },
    { tenant: 'holdfast' },
    { tenant: 'holdfast-probe' },
  ])
    bench.learner.settled(settled(['taro@example.test'], sketch));
  bench.learner.settled(settled(['reader@example.test'], { sender: null }));
  await bench.clock.advance(3_000);
  assert.deepEqual(await bench.known(['taro@example.test']), []);
  assert.deepEqual(await bench.known(['reader@example.test'], ''), ['reader@example.test']);
});

test('H1: mail to the same people is written once a day, in groups, and no address stands in what is written', async () => {
  await using bench = new Bench();
  for (let i = 0; i < 1_000; i++) bench.learner.settled(settled([`r${i % 100}@example.test`]));
  await bench.clock.advance(5_000);
  assert.deepEqual(
    bench.batches.map(({ length }) => length),
    [100],
  );
  assert.doesNotMatch(JSON.stringify(bench.batches), /@|example|alice/);
  await bench.clock.advance(86_400_000, 3_600_000);
  bench.learner.settled(settled(['r1@example.test']));
  await bench.clock.advance(3_000);
  const [first, second] = bench.batches.map(([pair]) => pair?.day ?? 0);
  assert.equal(second, (first ?? 0) + 1);
});

test('M4: while the store is away deliveries go on, what was learnt is kept and written later, and rules hear that nobody can say', async () => {
  await using bench = new Bench();
  bench.isAway = true;
  bench.learner.settled(settled(['taro@example.test']));
  await bench.clock.advance(3_000);
  assert.equal(await bench.known(['taro@example.test']), null);
  bench.isAway = false;
  await bench.clock.advance(60_000);
  assert.deepEqual(await bench.known(['taro@example.test']), ['taro@example.test']);
});

test('B3: what waits to be written has a bound, and what is turned away is counted', async () => {
  await using bench = new Bench();
  bench.isAway = true;
  await bench.clock.advance(1_000);
  for (let i = 0; i < 201; i++)
    bench.learner.settled(settled(Array.from({ length: 100 }, (_, n) => `r${i}-${n}@example.test`)));
  assert.equal(bench.meter.values.get('holdfast_correspondents_left_out_total'), 100);
});

test('H1: at the end of a process what waits is written', async () => {
  const bench = new Bench();
  await setImmediate();
  for (let i = 0; i < 1_200; i++) bench.learner.settled(settled([`r${i}@example.test`]));
  await bench.learner[Symbol.asyncDispose]();
  assert.equal(bench.batches.flat().length, 1_200);
  await bench.memory[Symbol.asyncDispose]();
});

test('M4: mails that ask at one moment are answered by one look, and a store that fails is left alone for a while', async () => {
  await using bench = new Bench();
  const looks: number[] = [];
  const known = bench.memory.correspondents.known.bind(bench.memory.correspondents);
  Object.defineProperty(bench.memory.correspondents, 'known', {
    value: async (...args: Parameters<typeof known>) => {
      looks.push(args[0].length);
      await setImmediate();
      return known(...args);
    },
  });
  await Promise.all(Array.from({ length: 30 }, (_, i) => bench.known([`r${i}@example.test`])));
  assert.deepEqual(looks, [1, 29]);
  bench.isAway = true;
  for (let i = 0; i < 10; i++) assert.equal(await bench.known(['taro@example.test']), null);
  assert.deepEqual(bench.log.lines.filter(({ event }) => event === 'inspect.memory-away').length, 1);
  bench.isAway = false;
  assert.equal(await bench.known(['taro@example.test']), null, 'it rests');
  await bench.clock.advance(60_000);
  assert.deepEqual(await bench.known(['taro@example.test']), []);
});

test('H1: pairs are forgotten behind the time that they are kept for', async () => {
  await using bench = new Bench();
  bench.learner.settled(settled(['taro@example.test']));
  await bench.clock.advance(3_000);
  await using _forgetter = new CorrespondenceForgetter({
    clock: bench.clock,
    log: bench.log,
    correspondents: bench.memory.correspondents,
    keepMs: 5 * 86_400_000,
  });
  await bench.clock.advance(4 * 86_400_000, 3_600_000);
  assert.deepEqual(await bench.known(['taro@example.test']), ['taro@example.test']);
  await bench.clock.advance(3 * 86_400_000, 3_600_000);
  assert.deepEqual(await bench.known(['taro@example.test']), []);
});
