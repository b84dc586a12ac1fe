/** Mail is judged by the newest rules of a tenant that is known, or later: never by none (H1). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startDirectory } from '#/directory/index.ts';
import { type Domain, isFault, type MailAddress, type Tenant, type TenantId, within } from '#/model/index.ts';
import { FakeClock, FakeDirectorySource, FakeLog, FakeRegistry, QueueBench, tenantOf } from '#/testkit/index.ts';
import { BypassBook, faultOf, probe, RuleBook, RuleInspector } from './index.ts';

const CLOSED = [{ name: 'closed', action: { reject: 'closed' } }];
const CONTENT = Buffer.from('From: a@acme.test\r\nSubject: hello\r\n\r\nhello\r\n');

/** An inspector over a directory, over a registry that the test writes to. */
class Bench implements AsyncDisposable {
  readonly registry = new FakeRegistry();
  readonly clock = new FakeClock();
  readonly open = new AsyncDisposableStack();
  book!: RuleBook;
  inspector!: RuleInspector;

  async start(): Promise<this> {
    const tenantsOf = (resources: unknown): readonly Tenant[] => {
      if (resources === 'of a later release') throw new Error('unknown key');
      return (resources ?? []) as readonly Tenant[];
    };
    const installation = { hostname: 'mx.example.test' as Domain, operators: [], cell: null };
    const { registry, clock } = this;
    const directory = this.open.use(
      await startDirectory({ registry, clock, log: new FakeLog(), tenantsOf, installation }),
    );
    this.book = new RuleBook(directory, []);
    this.inspector = this.open.use(new RuleInspector(this.book));
    return this;
  }

  apply(resources: readonly Tenant[] | string): void {
    this.registry.snapshot = { version: this.registry.snapshot.version + 1, at: 0, resources };
  }

  /** What is said to a mail that came so long ago; null where its rules are not known. */
  async verdict(tenant = 'acme', agoMs = 0): Promise<string | null> {
    await using mails = new QueueBench();
    const { recipients: _, ...mail } = mails.mail({ tenant });
    const to = { n: 1, address: 'b@there.test' as MailAddress, original: null, direction: 'outbound' } as const;
    const received = { ...mail, receivedAt: this.clock.now() - agoMs } as never;
    const asked = { mail: received, asked: [1], everybody: [to], content: CONTENT };
    try {
      const verdicts = await this.inspector.inspect(asked, within(30_000));
      return verdicts.get(1)?.kind ?? 'none';
    } catch (cause) {
      if (isFault(cause, 'rules.unknown')) return null;
      throw cause;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.open.disposeAsync();
  }
}

function acme(policies: Tenant['policies']): Tenant {
  return { ...tenantOf({ id: 'acme', domains: ['acme.test'] }), policies };
}

test('H1: a worker that starts while the registry is away lets nothing pass, and judges by the rules as soon as it has them', async () => {
  await using bench = new Bench();
  bench.apply([acme(CLOSED)]);
  bench.registry.broken = true;
  await bench.start();
  assert.equal(await bench.verdict(), null);
  assert.equal(bench.book.concerns('acme' as TenantId, 'outbound'), true, 'at the door it is taken for inspection');
  assert.equal(faultOf(await probe(bench.inspector, within(30_000))), null, 'the worker itself is all right');
  bench.registry.broken = false;
  await bench.clock.advance(1_000);
  assert.equal(await bench.verdict(), 'reject');
});

test('H1: a worker that can’t read the rules of a later release lets nothing pass, whether it has older ones or none', async () => {
  await using bench = new Bench();
  bench.apply('of a later release');
  await bench.start();
  assert.equal(await bench.verdict(), null);
  bench.apply([acme(CLOSED)]);
  await bench.clock.advance(1_000);
  assert.equal(await bench.verdict(), 'reject');
  bench.apply('of a later release');
  await bench.clock.advance(1_000);
  assert.equal(await bench.verdict(), null);
});

test('H1: mail that comes after apply has answered is judged by the new rules, though nobody has polled for them yet', async () => {
  await using bench = new Bench();
  bench.apply([acme([])]);
  await bench.start();
  assert.equal(await bench.verdict(), 'pass');
  bench.apply([acme(CLOSED)]);
  await bench.clock.advance(1_000);
  assert.equal(await bench.verdict(), 'reject');
});

test('H1: mail that has waited since before a rule is judged by the rule that brought it here, though nobody has polled for it yet', async () => {
  await using bench = new Bench();
  bench.apply([acme([])]);
  await bench.start();
  assert.equal(await bench.verdict(), 'pass');
  await bench.clock.advance(1_000);
  bench.apply([acme(CLOSED)]);
  await bench.clock.advance(100, 100);
  assert.equal(await bench.verdict('acme', 600_000), 'reject');
});

test('H1: mail of a tenant that is not there is never let pass', async () => {
  await using bench = new Bench();
  bench.apply([acme([])]);
  await bench.start();
  assert.equal(await bench.verdict('globex'), null);
});

test('M8: a bypass is in force from when it was said to its end, and not by a clock that was set back', () => {
  const directory = new FakeDirectorySource([
    { ...acme([]), bypass: { since: 1_000, until: 2_000, by: 'cli:op', reason: 'away', destination: null } },
  ]);
  let now = 0;
  const clock = new FakeClock();
  clock.now = () => now;
  const rules = new RuleBook({ current: () => directory.current(), freshSince: async () => true }, []);
  const book = new BypassBook(rules, { directory, clock });
  const inForce = [999, 1_000, 1_999, 2_000].filter((at) => {
    now = at;
    return book.of('acme' as TenantId) !== null;
  });
  assert.deepEqual(inForce, [1_000, 1_999]);
});
