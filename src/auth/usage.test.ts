import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type MailAddress, type RelayKind, type SendingLimits, type Tenant, within } from '#/model/index.ts';
import type { Principal } from '#/ports/index.ts';
import { FakeClock, FakeDirectorySource, FakeLog, FakeRegistry, tenantOf } from '#/testkit/index.ts';
import { makeSecretKeeper, type RunningAuth, startAuth } from './index.ts';
import { LocalDays } from './local-day.ts';
import { SendingWindow } from './sending-window.ts';
import { UsageBook } from './usage-book.ts';

const NONE: SendingLimits = { per10m: 'unlimited', perDay: 'unlimited' };

function acme(limits: SendingLimits = NONE, timezone = 'UTC'): Tenant {
  const tenant = tenantOf({
    id: 'acme',
    domains: ['acme.test'],
    users: [['alice@acme.test', 'a.archer@acme.test']],
    relays: [{ name: 'scanner', kind: 'device', senders: ['Scanner@acme.test', '*@devices.acme.test'] }],
  });
  return { ...tenant, limits, timezone };
}

function alice(tenant: Tenant, limits: SendingLimits = NONE): Principal {
  const [user] = tenant.users;
  assert(user !== undefined);
  const identity = { kind: 'user', tenant: tenant.id, name: user.address } as const;
  return { identity, tenant, user: { ...user, limits }, relay: null };
}

function scanner(tenant: Tenant, kind: RelayKind = 'device', limits: SendingLimits = NONE): Principal {
  const [relay] = tenant.relays;
  assert(relay !== undefined);
  const identity = { kind: 'relay', tenant: tenant.id, name: relay.name } as const;
  return { identity, tenant, user: null, relay: { ...relay, kind, limits } };
}

test('M1: people send from their own address and aliases, relays from what their senders say', () => {
  const usage = new UsageBook(new FakeClock());
  const person = alice(acme());
  const machine = scanner(acme());
  const may = (principal: Principal, sender: string) => usage.maySend(principal, sender as MailAddress);
  for (const own of ['alice@acme.test', 'ALICE@acme.test', 'a.archer@acme.test']) assert(may(person, own), own);
  for (const other of ['bob@acme.test', 'alice@other.test', 'xalice@acme.test']) assert(!may(person, other), other);
  for (const own of ['scanner@acme.test', 'any@devices.acme.test']) assert(may(machine, own), own);
  for (const other of ['alice@acme.test', 'a@sub.devices.acme.test', 'a@xdevices.acme.test', 'a@acme.test']) {
    assert(!may(machine, other), other);
  }
});

test('contract: the null reverse-path is for servers and clouds only', () => {
  const usage = new UsageBook(new FakeClock());
  const allowed = (['server', 'microsoft365', 'google', 'device', 'app'] as const).filter((kind) =>
    usage.maySend(scanner(acme(), kind), null),
  );
  assert.deepEqual(allowed, ['server', 'microsoft365', 'google']);
  assert.equal(usage.maySend(alice(acme()), null), false);
});

test('contract: a limit is one limit: what came by other hosts counts against it', async () => {
  const registry = new FakeRegistry();
  const clock = new FakeClock();
  const usage = new UsageBook(clock);
  const limits = { per10m: 10, perDay: 12 };
  const person = alice(acme(limits), limits);
  assert.equal(usage.take(person, 4), 'ok');
  registry.sentByOthers = 5;
  await usage.save(registry, within(1_000));
  assert.equal(usage.take(person, 2), 'over per10m');
  assert.equal(usage.take(person, 1), 'ok', 'what is left is left to us too');
  await clock.advance(11 * 60_000);
  assert.equal(usage.take(person, 3), 'over perDay');
  assert.equal(usage.take(person, 2), 'ok');
});

test('contract: a count that was not saved is saved the next time', async () => {
  const registry = new FakeRegistry();
  const usage = new UsageBook(new FakeClock());
  usage.take(alice(acme()), 4);
  const forgetful = { saveUsage: async () => [] };
  await usage.save(forgetful, within(1_000));
  await usage.save(registry, within(1_000));
  assert.equal(registry.usage.get('acme tenant')?.dayCount, 4);
});

test('contract: per10m counts the last ten minutes, and frees itself minute by minute', async () => {
  const clock = new FakeClock();
  const usage = new UsageBook(clock);
  const principal = alice(acme(), { per10m: 10, perDay: 'unlimited' });
  assert.equal(usage.take(principal, 6), 'ok');
  await clock.advance(5 * 60_000, 60_000);
  assert.equal(usage.take(principal, 4), 'ok');
  assert.equal(usage.take(principal, 1), 'over per10m');
  await clock.advance(5 * 60_000, 60_000);
  assert.equal(usage.take(principal, 7), 'over per10m');
  assert.equal(usage.take(principal, 6), 'ok', 'the first six have left the window');
});

test("contract: perDay ends at midnight of the tenant's own zone", async () => {
  const clock = new FakeClock(Date.UTC(2026, 0, 15, 14, 30));
  const usage = new UsageBook(clock);
  const principal = alice(acme(NONE, 'Asia/Tokyo'), { per10m: 'unlimited', perDay: 10 });
  assert.equal(usage.take(principal, 10), 'ok');
  await clock.advance(29 * 60_000, 29 * 60_000);
  assert.equal(usage.take(principal, 1), 'over perDay');
  await clock.advance(2 * 60_000, 60_000);
  assert.equal(usage.take(principal, 10), 'ok', 'it is 00:01 in Tokyo');
  assert.equal(new LocalDays().dayOf(Date.UTC(2026, 0, 15, 14, 59), 'Asia/Tokyo'), '2026-01-15');
});

test("contract: the tenant's limit holds over all its identities, and a refusal counts against neither", () => {
  const usage = new UsageBook(new FakeClock());
  const tenant = acme({ per10m: 10, perDay: 'unlimited' });
  const [person, machine] = [alice(tenant, { per10m: 6, perDay: 'unlimited' }), scanner(tenant)];
  assert.equal(usage.take(person, 6), 'ok');
  assert.equal(usage.take(machine, 5), 'over per10m');
  assert.equal(usage.take(machine, 4), 'ok');
  usage.giveBack(person, 6);
  assert.equal(usage.take(machine, 6), 'ok');
  assert.deepEqual(
    [usage.now(tenant, 'user:alice@acme.test').today, usage.now(tenant, 'relay:scanner').today],
    [0, 10],
  );
});

test('contract: whatever comes and goes, the window holds what was taken and not given back', () => {
  const step = fc.record({ wait: fc.nat(30_000), amount: fc.integer({ min: 1, max: 50 }), back: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
      const window = new SendingWindow();
      let now = 0;
      let expected = 0;
      for (const { wait, amount, back } of steps) {
        now += wait;
        const change = back ? -Math.min(amount, expected) : amount;
        window.add(now, change);
        expected += change;
        assert.equal(window.sum(now), expected);
      }
      assert.equal(window.sum(now + 11 * 60_000), 0);
    }),
  );
});

async function started(registry: FakeRegistry, clock: FakeClock) {
  const tenant = acme(NONE);
  const parts = {
    directory: new FakeDirectorySource([tenant]),
    registry,
    clock,
    log: new FakeLog(),
    renew: async () => true,
  };
  return { tenant, log: parts.log, auth: await startAuth({ scram: false }, parts, makeSecretKeeper({ scram: false })) };
}

async function firstRelay(auth: RunningAuth): Promise<Record<string, unknown> | undefined> {
  const list = auth.operations.find(({ name }) => name === 'relay.list');
  const rows: unknown = await list?.handle({ tenant: null }, { by: 'test', call: within(1_000) });
  return (rows as Record<string, unknown>[] | undefined)?.[0];
}

test('M1: the daily count, last seen and last error survive a restart', async () => {
  const registry = new FakeRegistry();
  const clock = new FakeClock();
  const first = await started(registry, clock);
  const limits = { per10m: 'unlimited', perDay: 10 } as const;
  assert.equal(first.auth.usage.take(scanner(first.tenant, 'device', limits), 8), 'ok');
  first.auth.usage.seen(scanner(first.tenant), 'alice@acme.test is not among its senders');
  await first.auth[Symbol.asyncDispose]();
  const second = await started(registry, clock);
  await using _ = second.auth;
  assert.equal(second.auth.usage.take(scanner(second.tenant, 'device', limits), 3), 'over perDay');
  assert.equal(second.auth.usage.take(scanner(second.tenant, 'device', limits), 2), 'ok');
  const row = await firstRelay(second.auth);
  assert.equal(row?.name, 'scanner');
  assert.equal(row?.lastError, 'alice@acme.test is not among its senders');
  assert.match(String(row?.lastSeen), /^2026-01-15T12:00:00\.000\+00:00$/);
  assert.deepEqual(row?.today, { used: 10, limit: 'unlimited' });
});

test('M1: a wrong password of a relay is its last error, and does not count as seen', async () => {
  const { auth, tenant } = await started(new FakeRegistry(), new FakeClock());
  await using _ = auth;
  const secret = { kind: 'sha256', hex: '0'.repeat(64), scram: null } as const;
  const [relay] = tenant.relays;
  assert(relay !== undefined);
  const withSecret = { ...tenant, relays: [{ ...relay, secret }] };
  const source = new FakeDirectorySource([withSecret]);
  const parts = { directory: source, registry: new FakeRegistry(), clock: new FakeClock(), log: new FakeLog() };
  await using other = await startAuth(
    { scram: false },
    { ...parts, renew: async () => true },
    makeSecretKeeper({ scram: false }),
  );
  await other.signIn.password('scanner', 'wrong', { address: '192.0.2.9', port: 1, name: null }, within(30_000));
  const row = await firstRelay(other);
  assert.deepEqual([row?.lastError, row?.lastSeen], ['wrong password from 192.0.2.9', null]);
});

test('B3: counters are saved every few seconds, and a registry that is away only delays that', async () => {
  const registry = new FakeRegistry();
  const clock = new FakeClock();
  const { auth, tenant, log } = await started(registry, clock);
  await using _ = auth;
  registry.broken = true;
  assert.equal(auth.usage.take(scanner(tenant), 3), 'ok');
  await clock.advance(6_000);
  assert.equal(log.lines.at(-1)?.event, 'auth.usage-unsaved');
  assert.equal(auth.usage.take(scanner(tenant), 1), 'ok');
  registry.broken = false;
  await clock.advance(6_000);
  assert.equal(registry.usage.get('acme relay:scanner')?.dayCount, 4);
});
