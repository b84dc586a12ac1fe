import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimOf, routeKey, routeTo, ScriptedServer, startBench } from '#/testkit/index.ts';
import { type Source, Sources } from './sources.ts';

const source = (address: string): Source => ({ address, hostname: `${address.replaceAll(/[.:]/g, '-')}.acme.test` });
const [one, two, six] = [source('192.0.2.10'), source('192.0.2.11'), source('2001:db8::10')];

test('C2: sources of a pool take turns, by the family of the target, and no pool means that the system chooses', () => {
  const sources = new Sources({ default: [one, two, six], bulk: [two] }, () => 0);
  const four = Array.from({ length: 4 }, () => sources.next(null, '198.51.100.1', 'google'));
  assert.deepEqual(four, [one, two, one, two]);
  assert.equal(sources.next(null, '2001:db8:1::1', 'google'), six);
  assert.equal(sources.next('bulk', '198.51.100.1', 'google'), two);
  assert.equal(sources.next('bulk', '2001:db8:1::1', 'google'), 'none');
  assert.equal(new Sources({}, () => 0).next(null, '198.51.100.1', 'google'), 'any');
});

test('C2: an address that a provider does not trust rests for this provider, and is tried last', () => {
  let now = 0;
  const sources = new Sources({ default: [one, two], bulk: [one] }, () => now);
  assert.equal(sources.rest(one, 'google'), true, 'another one serves');
  for (let i = 0; i < 3; i++) assert.equal(sources.next(null, '198.51.100.1', 'google'), two);
  const forApple = [sources.next(null, '198.51.100.1', 'apple'), sources.next(null, '198.51.100.1', 'apple')];
  assert.deepEqual(forApple, [one, two]);
  assert.equal(sources.next('bulk', '198.51.100.1', 'google'), one, 'never from another pool');
  now += 60_000;
  assert.equal(sources.rest(two, 'google'), false, 'nobody is left');
  assert.equal(sources.next(null, '198.51.100.1', 'google'), one, 'the one that has rested longest');
  now += 31 * 60_000;
  const again = [sources.next(null, '198.51.100.1', 'google'), sources.next(null, '198.51.100.1', 'google')];
  assert.deepEqual(new Set(again), new Set([one, two]));
});

test('C2: mail leaves from an address of its pool, by the name of that address, and a refusal of one for lack of trust is tried again from the other', async () => {
  const pool = [
    { address: '127.0.0.11', hostname: 'eleven.acme.test' },
    { address: '127.0.0.12', hostname: 'twelve.acme.test' },
  ];
  const names: string[] = [];
  await using server = await ScriptedServer.start({
    answer: (step, line, _count, session) => {
      if (step === 'hello') names.push(line.split(' ')[1] ?? '');
      const isFirst = server.sessions[0] === session;
      return step === 'rcpt' && isFirst ? '550 5.7.1 Your address is on our blocklist' : null;
    },
  });
  await using bench = startBench({ routes: [routeTo(server.port, { pool: 'bulk' })], pools: { bulk: pool } });
  const key = routeKey(server.port);
  bench.work.offer(key, [claimOf(), claimOf()]);
  await bench.work.until({ released: 1 });
  assert.deepEqual(bench.work.kinds(), ['deferred']);
  bench.work.offer(key, [claimOf()]);
  await bench.work.until({ released: 2 });
  assert.deepEqual(bench.work.kinds(), ['deferred', 'delivered']);
  assert.deepEqual(names, ['eleven.acme.test', 'twelve.acme.test']);
});
