import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createDialer, openTls } from '#/net/index.ts';
import type { Dialer, MxAnswer } from '#/ports/index.ts';
import {
  claimOf,
  type DeliveryBenchOptions,
  routeKey,
  routeTo,
  type Script,
  ScriptedServer,
  startBench,
  usualKeywords,
} from '#/testkit/index.ts';
import { shakeHands } from './handshake.ts';
import { OUTBOUND_LIMITS } from './settings.ts';
import { TurnShare } from './turn-share.ts';
import { Watch } from './watch.ts';

/** A self-signed certificate for mx.peer.test, which a deliverer trusts only where it is told to. */
let tls: { cert: string; key: string };
let dir: string;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-tls-'));
  const log = { info: () => {}, warn: () => {}, error: () => {}, child: () => log };
  const clock = { now: () => Date.now(), monotonic: () => 0, sleep: () => Promise.resolve() };
  const keeper = await openTls({ kind: 'selfSigned', dir, hostname: 'mx.peer.test' }, { clock, log });
  await keeper[Symbol.asyncDispose]();
  const pem = await readFile(join(dir, 'self-signed-ec.pem'), 'utf8');
  tls = { cert: pem.slice(pem.indexOf('-----BEGIN CERT')), key: pem };
});

after(() => rm(dir, { recursive: true, force: true }));

/** A route to the name mx.peer.test, which is the loopback. */
async function pair(script: Script, route: Parameters<typeof routeTo>[1], options: DeliveryBenchOptions = {}) {
  const server = await ScriptedServer.start(script);
  const resolver = { addresses: async () => ['127.0.0.1'], mx: async (): Promise<MxAnswer> => ({ kind: 'none' }) };
  const bench = startBench({
    routes: [routeTo(server.port, { host: 'mx.peer.test', ...route })],
    resolver,
    ...options,
  });
  const close = async (): Promise<void> => {
    await bench[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  };
  return {
    server,
    work: bench.work,
    key: routeKey(server.port, { host: 'mx.peer.test' }),
    [Symbol.asyncDispose]: close,
  };
}

test('RFC 7435 §3: opportunistic TLS takes a certificate that proves nothing, and mail leaves encrypted', async () => {
  await using it = await pair({ tls }, { tls: 'opportunistic' });
  it.work.offer(it.key, [claimOf(), claimOf()]);
  await it.work.until({ settled: 2 });
  assert.deepEqual(it.work.kinds(), ['delivered', 'delivered']);
  assert.deepEqual(
    it.server.mails.map((mail) => mail.tls),
    [true, true],
  );
  assert.deepEqual(it.server.sessions[0]?.lines.slice(0, 3), [
    'EHLO mx.holdfast.test',
    'STARTTLS',
    'EHLO mx.holdfast.test',
  ]);
});

test('RFC 7435 §3: where TLS fails, opportunistic mail goes in clear on a new connection', async () => {
  const answer: Script['answer'] = (step) => (step === 'starttls' ? '220 2.0.0 go on\r\nand more' : null);
  await using it = await pair({ tls, answer }, { tls: 'opportunistic' });
  it.work.offer(it.key, [claimOf()]);
  await it.work.until({ settled: 1 });
  assert.deepEqual(it.work.kinds(), ['delivered']);
  assert.equal(it.server.sessions.length, 2);
  assert.equal(it.server.mails[0]?.tls, false);
});

test('RFC 3207 §4.2: a refused STARTTLS leaves opportunistic mail on the same connection', async () => {
  await using it = await pair(
    { tls, answer: (step) => (step === 'starttls' ? '454 4.7.0 not now' : null) },
    { tls: 'opportunistic' },
  );
  it.work.offer(it.key, [claimOf()]);
  await it.work.until({ settled: 1 });
  assert.deepEqual(it.work.kinds(), ['delivered']);
  assert.equal(it.server.sessions.length, 1);
});

test('RFC 8314 §3: required TLS does not send to a host that can not prove its name, nor to one without TLS', async () => {
  for (const script of [{ tls }, {}]) {
    await using it = await pair(script, { tls: 'require' });
    it.work.offer(it.key, [claimOf()]);
    await it.work.until({ settled: 1, released: 1 });
    assert.deepEqual(it.work.kinds(), ['deferred']);
    assert.deepEqual(it.server.mails, []);
    const [trouble] = it.work.troubles;
    assert.equal(trouble?.kind, 'down');
    assert.match(
      trouble?.reply.text ?? '',
      /^mx\.peer\.test (could not prove by TLS who it is: .+|does not offer TLS)\.$/,
    );
  }
});

test('RFC 8314 §3: required TLS sends to a host whose certificate is trusted and names it', async () => {
  await using it = await pair({ tls }, { tls: 'require' }, { authorities: [tls.cert] });
  it.work.offer(it.key, [claimOf()]);
  await it.work.until({ settled: 1 });
  assert.deepEqual(it.work.kinds(), ['delivered']);
  assert.equal(it.server.mails[0]?.tls, true);
});

test('RFC 8689 §4.2: REQUIRETLS mail goes only over verified TLS to a host that announces it, others beside it as usual', async () => {
  const keywords = [...usualKeywords, 'REQUIRETLS'];
  await using it = await pair({ tls, keywords }, { tls: 'opportunistic' }, { authorities: [tls.cert] });
  it.work.offer(it.key, [claimOf(), claimOf({ needs: { requireTls: true } }), claimOf()]);
  await it.work.until({ settled: 3, released: 1 });
  assert.deepEqual(it.work.kinds(), ['delivered', 'delivered', 'delivered']);
  assert.equal(it.server.sessions.length, 2);
  const [plain, strict] = it.server.sessions.map(({ lines }) => lines.filter((line) => line.startsWith('MAIL')));
  assert.equal(plain?.length, 2);
  assert.match(strict?.[0] ?? '', / REQUIRETLS$/);
});

test('RFC 8689 §5: REQUIRETLS mail that can not go so is returned with 5.7.30, and nothing of it was sent', async () => {
  for (const [script, authorities] of [
    [{ tls }, [tls.cert]],
    [{ tls, keywords: ['REQUIRETLS'] }, []],
    [{ keywords: ['REQUIRETLS'] }, []],
  ] as const) {
    await using it = await pair(script, { tls: 'opportunistic' }, { authorities });
    it.work.offer(it.key, [claimOf({ needs: { requireTls: true } })]);
    await it.work.until({ settled: 1, released: 1 });
    const outcome = it.work.outcome();
    assert.equal(outcome?.kind === 'bounced' && outcome.reply.enhanced, '5.7.30');
    assert.deepEqual(it.server.mails, []);
    assert.equal(it.work.born[0]?.needs.requireTls, true);
  }
});

test('RFC 8689 §4.2: while a host that may be fit is down, REQUIRETLS mail waits', async () => {
  const resolver = {
    mx: async (): Promise<MxAnswer> => ({ kind: 'none' }),
    addresses: async () => ['127.0.0.9', '127.0.0.1'],
  };
  await using it = await pair({}, { tls: 'opportunistic' }, { resolver });
  it.work.offer(it.key, [claimOf({ needs: { requireTls: true } })]);
  await it.work.until({ settled: 1, released: 1 });
  assert.deepEqual(it.work.kinds(), ['deferred']);
});

const credentials = { username: 'relay@acme.test', password: 'paper jam' };

test('RFC 4954 §4: a smarthost is signed in to, within TLS', async () => {
  await using it = await pair({ tls, credentials }, { tls: 'opportunistic', credentials });
  it.work.offer(it.key, [claimOf()]);
  await it.work.until({ settled: 1 });
  assert.deepEqual(it.work.kinds(), ['delivered']);
  assert.match(it.server.sessions[0]?.lines[3] ?? '', /^AUTH PLAIN /);
});

test('RFC 4954 §4: a refused password defers the mail, closes the route, and stands in no report', async () => {
  const wrong = { ...credentials, password: 'toner low' };
  await using it = await pair({ credentials }, { tls: 'none', credentials: wrong });
  it.work.offer(it.key, [claimOf()]);
  await it.work.until({ settled: 1, released: 1 });
  assert.deepEqual(it.work.kinds(), ['deferred']);
  assert.match(it.work.troubles[0]?.reply.text ?? '', /refused our user name or password/);
  assert.doesNotMatch(JSON.stringify(it.work.settlements), /toner/);
});

test('RFC 4954 §4: LOGIN serves where nothing better is offered', async () => {
  const keywords = ['AUTH LOGIN'];
  const answer: Script['answer'] = (step) => (step === 'hello' ? `250-scripted.test\r\n250 ${keywords[0]}` : null);
  await using it = await pair({ credentials, answer }, { tls: 'none', credentials });
  it.work.offer(it.key, [claimOf()]);
  await it.work.until({ settled: 1 });
  assert.deepEqual(it.work.kinds(), ['delivered']);
});

test('RFC 4954 §4: a password is not sent in clear beyond the loopback', async () => {
  await using server = await ScriptedServer.start({ credentials });
  const real = createDialer({ allow: [], authorities: [] });
  // The far address is answered by the loopback, as behind a port forwarding.
  const dialer: Dialer = {
    ...real,
    connect: (target, call) => real.connect({ ...target, address: '127.0.0.1' }, call),
  };
  const target = { host: 'far.test', address: '203.0.113.9', port: server.port, trusted: true };
  const demand = { lmtp: false, tls: 'opportunistic', credentials, requireTls: false, probe: false } as const;
  const parts = {
    dialer,
    watch: new Watch(),
    turns: new TurnShare(),
    hostname: 'mx.holdfast.test',
    limits: OUTBOUND_LIMITS,
  };
  await assert.rejects(
    shakeHands(target, demand, parts, new AbortController().signal),
    /a password is not sent in clear/,
  );
  assert.equal(
    server.sessions[0]?.lines.some((line) => line.startsWith('AUTH')),
    false,
  );
});
