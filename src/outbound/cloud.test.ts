import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloudDestination, type Domain, type Identity, type MailAddress, type TenantId } from '#/model/index.ts';
import {
  type ClaimOptions,
  claimOf,
  type DeliveryBenchOptions,
  directoryOf,
  makeAuthority,
  ScriptedServer,
  startBench,
  tenantOf,
  testLoopStamps,
  verdictOf,
} from '#/testkit/index.ts';
import { Routes } from './routes.ts';

const HOST = 'acme-test.mail.protection.outlook.com';
const CLOUD = cloudDestination(HOST as Domain);
const TENANT = 'acme' as TenantId;
const M365: Identity = { kind: 'relay', tenant: TENANT, name: 'm365' };
const AT = 1_800_000_000_000;
const stamps = testLoopStamps({ now: () => AT });
const authority = await makeAuthority();

const directory = directoryOf([
  tenantOf({
    id: 'acme',
    domains: ['acme.test'],
    users: [['bob@acme.test']],
    relays: [
      { name: 'm365', kind: 'microsoft365', returnsTo: HOST },
      { name: 'google', kind: 'google' },
    ],
  }),
  tenantOf({ id: 'beta', domains: ['beta.test'], users: [['carol@beta.test']] }),
]);

function routes(more: { readonly outbound?: 'on' | 'off'; readonly concerned?: boolean } = {}): Routes {
  const settings = { outbound: more.outbound ?? 'on', mailboxes: true, routes: [] } as const;
  return new Routes(settings, { current: () => directory }, { concerns: () => more.concerned ?? false });
}

test('design 6: mail of a connector that takes it back goes to its cloud, whoever the recipient is', () => {
  const at = (address: string, by?: Identity) =>
    routes({ concerned: true }).plan(address as MailAddress, 'mail', TENANT, by).destination;
  for (const address of ['bob@acme.test', 'cloudy@acme.test', 'carol@beta.test', 'x@world.test'])
    assert.equal(at(address, M365), CLOUD, address);
  assert.equal(at('x@world.test', { ...M365, name: 'google' }), 'mx:world.test');
  assert.equal(at('bob@acme.test', { ...M365, kind: 'user' }), 'local');
  assert.equal(at('x@world.test', { ...M365, tenant: 'beta' as TenantId }), 'mx:world.test');
  assert.equal(at('bob@acme.test'), 'local');
});

test('design 6: what goes back is inspected first, held where outbound is off, and reports go as all reports do', () => {
  const to = { address: 'x@world.test' as MailAddress, direction: 'outbound' } as const;
  assert.equal(routes({ concerned: true }).enter(to, TENANT, 'mail', M365).destination, 'inspect');
  assert.equal(routes({ outbound: 'off' }).enter(to, TENANT, 'mail', M365).held, 'outbound off');
  assert.equal(routes().plan('bob@acme.test' as MailAddress, 'dsn', null, M365).destination, 'local');
});

async function returned(options: DeliveryBenchOptions, name = HOST, more: ClaimOptions = {}) {
  const tls = await authority.issue([name]);
  await using server = await ScriptedServer.start({ tls });
  const resolver = { addresses: async () => ['127.0.0.1'] };
  const limits = { mxPort: server.port };
  await using bench = startBench({ directory, resolver, limits, ...options });
  const claim = claimOf({
    mail: { identity: M365, receivedAt: AT },
    to: ['bob@acme.test', 'x@world.test'],
    destination: CLOUD,
    ...more,
  });
  bench.work.offer(CLOUD, [claim]);
  await bench.work.until({ settled: 1 });
  return { kinds: bench.work.kinds(), mails: server.mails, lines: server.sessions[0]?.lines ?? [] };
}

test('design 6: it leaves over TLS to the host whose certificate proves the name, and nowhere else', async () => {
  const trusting = { authorities: [authority.cert] };
  const { kinds, mails } = await returned(trusting);
  assert.deepEqual(kinds, ['delivered', 'delivered']);
  assert.deepEqual(
    mails.map((mail) => mail.tls),
    [true],
  );
  for (const [options, name] of [
    [{}, HOST],
    [trusting, 'evil.test'],
  ] as const) {
    const refused = await returned(options, name);
    assert.deepEqual(refused.kinds, ['deferred', 'deferred']);
    assert.equal(refused.mails.length, 0);
  }
});

/** The loop stamps of what arrived, the last one first, and the whole of it. */
function stampsOf(content: string) {
  const values = content.match(/^X-Holdfast-Stamp: .*$/gim)?.map((line) => line.slice(18).trim()) ?? [];
  return { values, known: stamps.known(values, TENANT, Buffer.from(content)) };
}

test('design 6: what goes back bears a loop stamp of its acceptance, one more each time, and the same at each attempt', async () => {
  const trusting = { authorities: [authority.cert] };
  const first = (await returned(trusting)).mails[0]?.content ?? '';
  assert.match(first, /^X-Holdfast-Stamp: v=1; hop=1; t=1800000000; mac=/);
  assert.equal(stampsOf(first).known?.hop, 1);
  const again = (await returned(trusting)).mails[0]?.content ?? '';
  assert.equal(again, first);
  const round = (await returned(trusting, HOST, { content: first })).mails[0]?.content ?? '';
  assert.equal(stampsOf(round).known?.hop, 2);
});

test('design 6: large content bears its stamp too, and its announced size counts it', async () => {
  const content = Buffer.from(`Message-ID: <1@acme.test>\r\n\r\n${'A line of text, again.\r\n'.repeat(20_000)}`);
  const ref = { key: 'k', size: content.length, sha256: '' };
  const blobs = {
    async *read() {
      for (let at = 0; at < content.length; at += 60_000) yield content.subarray(at, at + 60_000);
    },
  };
  const body = { kind: 'blob', ref, size: ref.size } as const;
  const custody = { body: async () => body };
  const { mails, kinds, lines } = await returned({ authorities: [authority.cert], blobs, custody }, HOST, { body });
  assert.deepEqual(kinds, ['delivered', 'delivered']);
  const arrived = mails[0]?.content ?? '';
  assert.equal(stampsOf(arrived).known?.hop, 1);
  assert.ok(arrived.endsWith(content.toString('latin1').slice(-1000)));
  assert.ok(lines.some((line) => line.includes(` SIZE=${arrived.length}`)));
});

test('design 6: mail that was held long before it left bears the time of its signature’s decision', async () => {
  const sign = { kind: 'sign', signatures: [], generation: '', at: AT + 3_600_000 } as const;
  const { mails } = await returned({ authorities: [authority.cert] }, HOST, {
    recipient: { judged: true, verdict: { ...verdictOf({ kind: 'pass' }), changes: [sign] } },
  });
  assert.match(mails[0]?.content ?? '', /^X-Holdfast-Stamp: v=1; hop=1; t=1800003600; mac=/);
});
