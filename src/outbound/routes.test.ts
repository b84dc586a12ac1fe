import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Directory,
  type MailAddress,
  PROBE_MAILBOX,
  PROBE_SINK,
  PROBE_TENANT,
  type Purpose,
  pinned,
  routeDestination,
} from '#/model/index.ts';
import { claimOf, routeKey, routeTo, ScriptedServer, startBench } from '#/testkit/index.ts';
import { type RouteSettings, Routes } from './routes.ts';

const credentials = { username: 'u', password: 'p' };
const routes: RouteSettings[] = [
  { domains: ['*.partner.test'], to: { mx: true }, tls: 'require', credentials: null },
  {
    domains: ['acme.test', 'bücher.test'],
    to: { host: '127.0.0.1', port: 24, lmtp: true },
    tls: 'none',
    credentials: null,
  },
  {
    domains: ['onsite.test'],
    to: { host: 'exchange.test', port: 25, lmtp: false },
    tls: 'opportunistic',
    credentials: null,
  },
  { domains: ['*.smart.test'], to: { host: 'smart.test', port: 587, lmtp: false }, tls: 'require', credentials },
];

function plan(address: string, more: Parameters<typeof startBench>[0] = {}) {
  const localDomains = ['acme.test', 'onsite.test', 'home.smart.test', 'plain.test'];
  const bench = startBench({ routes, localDomains, ...more });
  const found = bench.routes.plan(address as MailAddress, 'mail', null);
  return { ...found, hop: bench.routes.hop(found.destination) };
}

test('design 5: the first route that covers a domain wins, and globs match in any case', () => {
  assert.equal(plan('a@x.partner.test').destination, 'mx:x.partner.test');
  assert.deepEqual(plan('a@x.partner.test').hop, { kind: 'mx', domain: 'x.partner.test', tls: 'require', pool: null });
  assert.deepEqual(plan('a@sub.smart.test').hop, {
    kind: 'route',
    host: 'smart.test',
    port: 587,
    lmtp: false,
    tls: 'require',
    credentials,
    pool: null,
  });
  assert.equal(plan('a@partner.test').destination, 'mx:partner.test');
  assert.equal(plan('a@xn--bcher-kva.test').destination, 'route:127.0.0.1:24:lmtp');
});

test('design 5: with outbound off, mail to domains that no route covers is held, other mail is not', () => {
  assert.equal(plan('a@peer.test', { outbound: 'off' }).held, 'outbound off');
  assert.equal(plan('a@x.partner.test', { outbound: 'off' }).held, null);
  assert.equal(plan('a@peer.test').held, null);
});

test('design 5: local mail goes by LMTP or by a route that names its domain; a star never takes it out of the house', () => {
  assert.equal(plan('a@acme.test').destination, 'route:127.0.0.1:24:lmtp');
  assert.equal(plan('a@onsite.test').destination, 'route:exchange.test:25');
  assert.deepEqual(
    [plan('a@home.smart.test').destination, plan('a@home.smart.test').held],
    ['local', 'no local delivery'],
  );
  assert.equal(plan('a@plain.test', { routes: [routeTo(25)] }).held, 'no local delivery');
  const byMx: RouteSettings = { domains: ['plain.test'], to: { mx: true }, tls: 'none', credentials: null };
  assert.equal(plan('a@plain.test', { routes: [byMx] }).held, 'no local delivery');
});

test('contract: probes go to the built-in sink, which takes them and remembers that it did', async () => {
  await using bench = startBench();
  const { destination } = bench.routes.plan('x@acme.test' as MailAddress, 'probe', null);
  bench.work.offer(destination, [claimOf({ mail: { purpose: 'probe' } })]);
  await bench.work.until({ settled: 1 });
  assert.deepEqual(bench.work.kinds(), ['delivered']);
  assert.equal(bench.sink.mails.length, 1);
});

test('H9: test mail passes inspection on its way to the sink, or goes into its own mailbox; other mail never gets there', () => {
  const policy = { concerns: () => true };
  const current = { generation: 1, domain: () => undefined, tenant: () => undefined } as unknown as Directory;
  const concerned = new Routes({ outbound: 'on', mailboxes: true, routes: [] }, { current: () => current }, policy);
  const at = (address: string, purpose: Purpose) => concerned.plan(address as MailAddress, purpose, null).destination;
  assert.deepEqual([at(PROBE_MAILBOX, 'probe'), at(PROBE_SINK, 'probe')], ['local', 'try']);
  assert.equal(at(PROBE_MAILBOX, 'mail'), 'mx:probe.invalid');
  const begins = (address: string) =>
    concerned.enter({ address: address as MailAddress, direction: 'outbound' }, PROBE_TENANT, 'probe').destination;
  assert.deepEqual(
    [begins(PROBE_SINK), begins(PROBE_MAILBOX), begins('sink@try.invalid')],
    ['inspect', 'local', 'try'],
  );
});

test("design 5: a changed route moves what waits, what is held now is held, and an operator's choice stays", async () => {
  await using server = await ScriptedServer.start();
  await using bench = startBench({
    routes: [routeTo(server.port, { domains: ['peer.test'] })],
    outbound: 'off',
    localDomains: ['acme.test'],
  });
  const old = routeDestination('127.0.0.1', 1, false);
  bench.work.offer(old, [claimOf({ to: ['a@peer.test', 'b@elsewhere.test', 'c@acme.test'] })]);
  await bench.work.until({ settled: 1 });
  assert.deepEqual(
    bench.work.settlements[0]?.outcomes.map(({ outcome }) => outcome),
    [
      { kind: 'moved', destination: routeKey(server.port) },
      { kind: 'held', reason: 'outbound off', detail: 'Outbound is off, and no route covers the domain.' },
      {
        kind: 'held',
        reason: 'no local delivery',
        detail: 'There is no local delivery yet, and no LMTP route for the domain.',
      },
    ],
  );
  bench.work.offer(pinned(routeKey(server.port)), [claimOf({ to: ['b@elsewhere.test'] })]);
  await bench.work.until({ settled: 2 });
  assert.equal(bench.work.outcome(1)?.kind, 'delivered');
});
