import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Domain, type MailAddress, mxDestination } from '#/model/index.ts';
import type { MxAnswer, Resolver } from '#/ports/index.ts';
import { claimOf, type DeliveryBenchOptions, type Script, ScriptedServer, startBench } from '#/testkit/index.ts';
import { interleave } from './targets.ts';

const key = mxDestination('peer.test' as Domain);

/** A zone: MX of peer.test, and addresses of names. */
function zone(mx: MxAnswer | Error, hosts: Record<string, readonly string[] | Error> = {}): Partial<Resolver> {
  return {
    mx: () => (mx instanceof Error ? Promise.reject(mx) : Promise.resolve(mx)),
    addresses: (host) => {
      const found = hosts[host] ?? [];
      return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
    },
  };
}

function hosts(...names: string[]): MxAnswer {
  return { kind: 'hosts', hosts: names.map((host, i) => ({ preference: 10 * (i + 1), host })) };
}

async function pair(script: Script, resolver: Partial<Resolver>, options: DeliveryBenchOptions = {}) {
  const server = await ScriptedServer.start(script);
  const limits = { mxPort: server.port, connectMs: 1_000, ...options.limits };
  const bench = startBench({ resolver, ...options, limits });
  const close = async (): Promise<void> => {
    await bench[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  };
  return { server, work: bench.work, routes: bench.routes, [Symbol.asyncDispose]: close };
}

test('RFC 5321 §5.1: where the best host refuses the connection or greets with 5xx, the next one is tried', async () => {
  const resolver = zone(hosts('one.peer.test', 'two.peer.test', 'three.peer.test'), {
    'one.peer.test': ['127.0.0.9'],
    'two.peer.test': ['127.0.0.1'],
    'three.peer.test': ['127.0.0.1'],
  });
  let greeted = 0;
  await using it = await pair(
    { answer: (step) => (step === 'connect' && ++greeted === 1 ? '554 5.3.2 no' : null) },
    resolver,
  );
  it.work.offer(key, [claimOf()]);
  await it.work.until({ settled: 1 });
  assert.deepEqual(it.work.kinds(), ['delivered']);
  assert.match(it.work.settlements[0]?.peer ?? '', /^three\.peer\.test\[127\.0\.0\.1\]:/);
});

test('M5: a destination where no host can be used is down as a whole, and one mail tells why', async () => {
  const resolver = zone(hosts('one.peer.test'), { 'one.peer.test': ['127.0.0.9'] });
  await using it = await pair({}, resolver);
  it.work.offer(key, [claimOf(), claimOf(), claimOf()]);
  await it.work.until({ released: 1 });
  assert.deepEqual(it.work.kinds(), ['deferred']);
  assert.deepEqual(
    it.work.troubles.map(({ kind }) => kind),
    ['down'],
  );
  assert.match(
    it.work.troubles[0]?.reply.text ?? '',
    /one\.peer\.test\[127\.0\.0\.9\]:\d+ can't be reached: connection refused/,
  );
});

test('M5: a probe that fails is no attempt of a mail whose own time has not come', async () => {
  const resolver = zone(hosts('one.peer.test'), { 'one.peer.test': ['127.0.0.9'] });
  await using it = await pair({}, resolver);
  const recent = { attempts: 3, lastAttemptAt: Date.now() - 1_000 };
  it.work.offer(key, [claimOf({ recipient: recent })], { probe: true });
  await it.work.until({ released: 1 });
  assert.deepEqual(it.work.kinds(), []);
  assert.equal(it.work.returned.length, 1);
  it.work.offer(key, [claimOf({ recipient: { ...recent, lastAttemptAt: Date.now() - 3_600_000 } })], { probe: true });
  await it.work.until({ released: 2 });
  assert.deepEqual(it.work.kinds(), ['deferred']);
});

test('RFC 7505 §4.2: null MX is refused for good, with 556 5.1.10, and nothing is tried', async () => {
  await using it = await pair({}, zone({ kind: 'null-mx' }));
  it.work.offer(key, [claimOf(), claimOf()]);
  await it.work.until({ settled: 2, released: 1 });
  const outcome = it.work.outcome(1);
  assert.ok(outcome?.kind === 'bounced');
  assert.deepEqual([outcome.reply.code, outcome.reply.enhanced], [556, '5.1.10']);
  assert.equal(it.server.sessions.length, 0);
});

test('RFC 5321 §5.1: no such domain is final, no answer is not, and without MX the domain itself is the host', async () => {
  const answers: [Partial<Resolver>, string, string][] = [
    [zone({ kind: 'no-such-domain' }), 'bounced', '5.1.2'],
    [zone(new Error('SERVFAIL')), 'deferred', '4.4.3'],
    [zone(hosts('one.peer.test'), { 'one.peer.test': new Error('SERVFAIL') }), 'deferred', '4.4.3'],
    [zone(hosts('one.peer.test')), 'bounced', '5.4.4'],
    [zone({ kind: 'none' }, { 'peer.test': ['127.0.0.1'] }), 'delivered', '2.0.0'],
  ];
  for (const [resolver, kind, enhanced] of answers) {
    await using it = await pair({}, resolver);
    it.work.offer(key, [claimOf()]);
    await it.work.until({ settled: 1 });
    const outcome = it.work.outcome();
    assert.deepEqual(
      [outcome?.kind, outcome !== undefined && 'reply' in outcome && outcome.reply?.enhanced],
      [kind, enhanced],
    );
  }
});

test('RFC 5321 §5.1: where we are a host of the domain, only better ones are tried, and none is a loop', async () => {
  const at = { 'one.peer.test': ['127.0.0.1'] };
  await using good = await pair({}, zone(hosts('one.peer.test', 'MX.holdfast.test.'), at));
  good.work.offer(key, [claimOf()]);
  await good.work.until({ settled: 1 });
  assert.deepEqual(good.work.kinds(), ['delivered']);
  await using loop = await pair({}, zone(hosts('mx.holdfast.test', 'one.peer.test'), at));
  loop.work.offer(key, [claimOf()]);
  await loop.work.until({ settled: 1 });
  const outcome = loop.work.outcome();
  assert.equal(outcome?.kind === 'bounced' && outcome.reply.enhanced, '5.4.6');
});

test('RFC 5321 §4.1.3: an address literal is connected to, IPv6 too', async () => {
  for (const [literal, address] of [
    ['[127.0.0.1]', '127.0.0.1'],
    ['[ipv6:::1]', '::1'],
  ] as const) {
    await using it = await pair({ address }, {});
    const to = `bob@${literal}`;
    const { destination } = it.routes.plan(to as MailAddress, 'mail', null);
    it.work.offer(destination, [claimOf({ to: [to] })]);
    await it.work.until({ settled: 1 });
    assert.deepEqual(it.work.kinds(), ['delivered']);
  }
});

test('H3: a mail host with a private address is not connected to, and the reply says why', async () => {
  await using it = await pair({}, zone(hosts('one.peer.test'), { 'one.peer.test': ['10.0.0.1'] }));
  it.work.offer(key, [claimOf()]);
  await it.work.until({ settled: 1 });
  const outcome = it.work.outcome();
  assert.match(outcome?.kind === 'deferred' ? outcome.reply.text : '', /not a public address/);
});

test('RFC 5321 §5.1: IPv6 and IPv4 addresses are tried in turn', () => {
  assert.deepEqual(interleave(['::1', '::2', '192.0.2.1']), ['::1', '192.0.2.1', '::2']);
  assert.deepEqual(interleave([]), []);
});
