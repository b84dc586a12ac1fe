import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Domain,
  formatIp,
  type MailAddress,
  PROBE_TENANT,
  SYSTEM_TENANT,
  type Tenant,
  type TenantId,
  within,
} from '#/model/index.ts';
import { FakeClock, FakeLog, FakeRegistry, tenantOf } from '#/testkit/index.ts';
import { buildDirectory, startDirectory } from './index.ts';

const INSTALLATION = {
  hostname: 'mx.example.test' as Domain,
  operators: ['root@example.test' as MailAddress],
  cell: null,
};

const acme = tenantOf({
  id: 'acme',
  domains: ['acme.test'],
  users: [['alice@acme.test', 'a.archer@acme.test']],
  groups: { 'sales@acme.test': ['alice@acme.test'] },
  relays: [
    { name: 'wide', networks: ['10.0.0.0/8'] },
    { name: 'narrow', networks: ['10.1.2.0/24'] },
    { name: 'six', networks: ['2001:db8::/64'] },
  ],
});

function directoryOf(tenants: readonly Tenant[]) {
  return buildDirectory({ generation: 7, switchedAt: 0, tenants, hidden: [] });
}

/** Snapshots are lists of tenants here, or `broken`. */
function readTenants(resources: unknown): readonly Tenant[] {
  if (resources === 'broken') throw new Error('half of it is missing');
  return (resources ?? []) as readonly Tenant[];
}

async function started(registry: FakeRegistry) {
  const clock = new FakeClock();
  const log = new FakeLog();
  const parts = { registry, clock, log, tenantsOf: readTenants, installation: INSTALLATION };
  return { clock, log, directory: await startDirectory(parts) };
}

function put(registry: FakeRegistry, resources: unknown): void {
  registry.snapshot = { version: registry.snapshot.version + 1, at: 0, resources };
}

test('C5: users are found by address and alias, groups, domains and logins by name, in any case', () => {
  const directory = directoryOf([acme]);
  assert.equal(directory.user('ALICE@acme.test' as MailAddress)?.alias, false);
  assert.equal(directory.user('a.archer@acme.test' as MailAddress)?.alias, true);
  assert.equal(directory.user('nobody@acme.test' as MailAddress), undefined);
  assert.equal(directory.group('Sales@acme.test' as MailAddress)?.tenant.id, 'acme');
  assert.equal(directory.domain('acme.test' as Domain)?.tenant.id, 'acme');
  const login = directory.login('WIDE');
  assert.equal(login !== undefined && 'relay' in login && login.relay.name, 'wide');
  assert.equal(directory.login('a.archer@acme.test'), undefined, 'an alias does not sign in');
});

test('RFC 6531 §3.2: a domain with letters beyond ASCII is ours in either of its forms', () => {
  const directory = directoryOf([tenantOf({ id: 'books', domains: ['bücher.test'], users: [['ida@bücher.test']] })]);
  for (const domain of ['bücher.test', 'xn--bcher-kva.test']) {
    assert.equal(directory.domain(domain as Domain)?.tenant.id, 'books');
    assert.equal(directory.user(`Ida@${domain}` as MailAddress)?.user.address, 'ida@bücher.test');
  }
});

test('design 6: a domain that nobody has proven is not ours', () => {
  const [domain] = acme.domains;
  assert(domain !== undefined);
  const unproven = { ...acme, domains: [{ ...domain, proven: false }] };
  assert.equal(directoryOf([unproven]).domain('acme.test' as Domain), undefined);
});

test('M1: of networks inside each other the narrowest says whose address it is, also as IPv6-mapped IPv4', () => {
  const directory = directoryOf([acme]);
  const nameAt = (ip: string) => directory.relayByAddress(ip)?.relay.name;
  assert.equal(nameAt('10.1.2.3'), 'narrow');
  assert.equal(nameAt('::ffff:10.1.2.3'), 'narrow');
  assert.equal(nameAt('10.200.0.1'), 'wide');
  assert.equal(nameAt('2001:db8::1'), 'six');
  assert.equal(nameAt('192.0.2.1'), undefined);
  assert.equal(nameAt('no address'), undefined);
});

test('M1: any IPv4 address finds the relay whose network holds it, and no other', () => {
  const directory = directoryOf([acme]);
  const address = fc.nat(0xffff_ffff);
  fc.assert(
    fc.property(address, (value) => {
      const expected = value >>> 24 !== 10 ? undefined : value >>> 8 === 0x0a0102 ? 'narrow' : 'wide';
      assert.equal(directory.relayByAddress(formatIp({ family: 4, value: BigInt(value) }))?.relay.name, expected);
    }),
  );
});

test('RFC 5321 §4.5.1: postmaster of the installation reaches its operators, and its tenants are in no list', async () => {
  const { directory } = await started(new FakeRegistry());
  await using _ = directory;
  const current = directory.current();
  assert.deepEqual(current.group('postmaster@mx.example.test' as MailAddress)?.group.members, ['root@example.test']);
  assert.equal(current.domain('mx.example.test' as Domain)?.tenant.id, SYSTEM_TENANT);
  assert.equal(current.tenant(PROBE_TENANT)?.id, PROBE_TENANT);
  assert.deepEqual(current.tenants, []);
});

test('C5: a new generation is served whole after apply, and by polling in other processes', async () => {
  const registry = new FakeRegistry();
  const { directory, clock } = await started(registry);
  await using _ = directory;
  const before = directory.current();
  put(registry, [acme]);
  await directory.refresh(within(1_000));
  assert.deepEqual([directory.current().generation, directory.current().tenants.length], [1, 1]);
  assert.equal(before.tenant('acme' as TenantId), undefined, 'a transaction keeps the one it began with');
  put(registry, []);
  await clock.advance(5_000);
  assert.deepEqual([directory.current().generation, directory.current().tenants.length], [2, 0]);
});

test('C5: a broken snapshot is refused, the last good one serves on and is marked stale, until a good one comes', async () => {
  const registry = new FakeRegistry();
  put(registry, [acme]);
  const { directory, log } = await started(registry);
  await using _ = directory;
  assert.equal(directory.current().stale, false);
  put(registry, 'broken');
  await directory.refresh(within(1_000));
  await directory.refresh(within(1_000));
  const current = directory.current();
  assert.deepEqual([current.stale, current.generation, current.tenants.length], [true, 1, 1]);
  assert.equal(log.lines.filter(({ event }) => event === 'directory.refused').length, 1, 'said once');
  put(registry, [acme]);
  await directory.refresh(within(1_000));
  assert.deepEqual([directory.current().stale, directory.current().generation], [false, 3]);
});

test('C5: a directory that starts on a broken snapshot is empty and stale, so that nobody is told "no such user"', async () => {
  const registry = new FakeRegistry();
  put(registry, 'broken');
  const { directory } = await started(registry);
  await using _ = directory;
  assert.deepEqual([directory.current().stale, directory.current().generation], [true, 0]);
});

test('H1: who must not decide by an older generation has a look that began late enough, one for all that ask, or is told no', async () => {
  const registry = new FakeRegistry();
  put(registry, [acme]);
  const { directory, clock } = await started(registry);
  await using _ = directory;
  const load = registry.load.bind(registry);
  let looks = 0;
  registry.load = (call) => {
    looks += 1;
    return load(call);
  };
  assert.equal(await directory.freshSince(clock.now(), within(1_000)), true);
  assert.equal(looks, 0, 'the look of the start serves');
  await clock.advance(1_000);
  put(registry, []);
  const asked = Array.from({ length: 20 }, () => directory.freshSince(clock.now() + 60_000, within(1_000)));
  assert.deepEqual(new Set(await Promise.all(asked)), new Set([true]));
  assert.deepEqual([directory.current().generation, looks], [2, 1]);
  await clock.advance(1_000);
  registry.broken = true;
  assert.equal(await directory.freshSince(clock.now(), within(1_000)), false);
  assert.equal(await directory.freshSince(clock.now() - 1_000, within(1_000)), true);
});

test('B6: a registry that is away is told of once, however often mail asks, and again when it goes away again', async () => {
  const registry = new FakeRegistry();
  put(registry, [acme]);
  const { directory, clock, log } = await started(registry);
  await using _ = directory;
  const told = (): number => log.lines.filter(({ event }) => event === 'directory.unreachable').length;
  for (const broken of [true, false, true]) {
    registry.broken = broken;
    for (let i = 0; i < 5; i++) {
      await clock.advance(1_000);
      assert.equal(await directory.freshSince(clock.now(), within(1_000)), !broken);
    }
  }
  assert.equal(told(), 2);
});

test('C5: a registry that does not answer for a minute makes the directory stale, and fresh again when it does', async () => {
  const registry = new FakeRegistry();
  put(registry, [acme]);
  const { directory, clock } = await started(registry);
  await using _ = directory;
  registry.broken = true;
  await clock.advance(30_000);
  assert.equal(directory.current().stale, false);
  await clock.advance(60_000);
  assert.deepEqual([directory.current().stale, directory.current().tenants.length], [true, 1]);
  registry.broken = false;
  await clock.advance(5_000);
  assert.equal(directory.current().stale, false);
});
