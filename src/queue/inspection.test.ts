/** Who delivers leaves alone what waits for inspection (H1), and who inspects gets it fairly (M5, H10). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Claim,
  INSPECT_DESTINATION,
  type IncarnationId,
  SLOW_INSPECT_DESTINATION,
  within,
} from '#/model/index.ts';
import { incarnationOf, QueueBench, until } from '#/testkit/index.ts';
import { QUEUE_DEFAULTS, startInspectionWork } from './index.ts';

const MINUTE = 60_000;
const retry = { ...QUEUE_DEFAULTS.retry, delayNoticeMs: 10 * MINUTE, expireMs: 30 * MINUTE };
const ME = 'host/inspect/9/1' as IncarnationId;

async function workOf(bench: QueueBench) {
  return startInspectionWork(QUEUE_DEFAULTS, {
    custody: bench.store,
    clock: bench.clock,
    log: bench.log,
    incarnation: incarnationOf(ME, bench.clock.now()),
    random: Math.random,
    onFatal: () => {},
    onPassed: () => {},
  });
}

function tenantsOf(claims: readonly Claim[]): readonly string[] {
  return claims.map(({ mail }) => mail.tenant);
}

test('H1: mail that waits for inspection is never delivered and never expires: its sender hears of the delay, then a person sees it', async () => {
  await using bench = await QueueBench.start({ settings: { retry } });
  const mail = await bench.accept({
    to: ['a@one.test', 'b@two.test'],
    destination: [INSPECT_DESTINATION, 'mx:two.test'],
  });
  await bench.clock.advance(90 * MINUTE, 1_000);
  assert.deepEqual(await bench.states(mail.id), ['held', 'delivered']);
  assert.ok(bench.deliverer.attempted.every(({ destination }) => destination !== INSPECT_DESTINATION));
  assert.deepEqual(
    bench.notices.map(({ kind }) => kind),
    ['delay'],
  );
  assert.equal(await bench.balanced(), true);
});

test('M5: with more due than one request brings, tenants take turns', async () => {
  await using bench = new QueueBench();
  const send = (tenant: string) =>
    bench.store.accept([bench.mail({ tenant, destination: INSPECT_DESTINATION })], null, within(1_000));
  for (let i = 0; i < 12; i++) await send('acme');
  await send('globex');
  await using work = await workOf(bench);
  const taken: string[] = [];
  for (let i = 0; i < 3; i++) taken.push(...tenantsOf(await work.claim(4)));
  assert.ok(taken.includes('globex'), taken.join(' '));
  for (let i = 0; i < 4; i++) taken.push(...tenantsOf(await work.claim(4)));
  assert.equal(taken.length, 13);
  assert.deepEqual(await work.claim(4), []);
});

test('M4, M5: of the slow lane tenants have their turn, as far as there is room for each, and a mail comes whole', async () => {
  await using bench = new QueueBench();
  const send = (tenant: string, to: readonly string[]) =>
    bench.store.accept([bench.mail({ tenant, to, destination: SLOW_INSPECT_DESTINATION })], null, within(1_000));
  for (let i = 0; i < 4; i++) await send('acme', ['a@one.test']);
  await send('bolt', ['a@one.test', 'b@one.test', 'c@one.test', 'd@one.test', 'e@one.test']);
  await send('full', ['a@one.test']);
  const { store } = bench;
  const claim = store.claim.bind(store);
  // A store gives only so many recipients to a claim by name.
  store.claim = (request, by, call) => claim(request.kind === 'named' ? { ...request, limit: 1 } : request, by, call);
  await using work = await workOf(bench);
  const room = (tenant: string) => (tenant === 'full' ? 0 : 2);
  const turns: string[] = [];
  const sizes: number[] = [];
  for (;;) {
    const claims = await work.claimSlow(room);
    if (claims.length === 0) break;
    turns.push(tenantsOf(claims).join());
    sizes.push(...claims.map(({ recipients }) => recipients.length));
  }
  assert.deepEqual(turns, ['acme,acme', 'bolt', 'acme,acme']);
  assert.deepEqual(sizes, [1, 1, 5, 1, 1]);
  assert.deepEqual(tenantsOf(await work.claimSlow(() => 1)), ['full']);
  assert.deepEqual(await work.claim(9), [], 'none of it is for the fast lane');
});

test('H10: mail over which a worker was lost comes whole, and only to who asks for it', async () => {
  await using bench = new QueueBench();
  const to = ['a@one.test', 'b@two.test', 'c@three.test'];
  const mail = bench.mail({ to, destination: INSPECT_DESTINATION });
  const lost = incarnationOf('host/inspect/8/1' as IncarnationId, bench.clock.now());
  await bench.store.enlist(lost, within(1_000));
  await bench.store.accept([mail], null, within(1_000));
  await bench.store.claim({ kind: 'named', filter: { ids: [mail.id] }, limit: 9 }, lost.id, within(1_000));
  await bench.store.retire(lost.id, false, within(1_000));
  await using work = await workOf(bench);
  assert.deepEqual(await work.claim(10), []);
  const claim = await work.claimAlone();
  assert.deepEqual(
    claim?.recipients.map(({ n }) => n),
    [1, 2, 3],
  );
  assert.equal(claim?.everybody?.length, 3);
  assert.equal(await work.claimAlone(), null);
});

test('H5: a lost mail of which only a part could be taken is given back, and can be taken whole', async () => {
  await using bench = new QueueBench();
  const mail = bench.mail({ to: ['a@one.test', 'b@two.test'], destination: INSPECT_DESTINATION });
  const lost = incarnationOf('host/inspect/8/1' as IncarnationId, bench.clock.now());
  await bench.store.enlist(lost, within(1_000));
  await bench.store.accept([mail], null, within(1_000));
  await bench.store.claim({ kind: 'named', filter: { ids: [mail.id] }, limit: 9 }, lost.id, within(1_000));
  await bench.store.retire(lost.id, false, within(1_000));
  await using work = await workOf(bench);
  const { store } = bench;
  const claim = store.claim.bind(store);
  store.claim = (request, by, call) =>
    request.kind === 'named' ? Promise.reject(new Error('the store is away')) : claim(request, by, call);
  await assert.rejects(work.claimAlone(), /the store is away/);
  store.claim = claim;
  await until(() => work.unsettled === 0);
  const whole = await work.claimAlone();
  assert.deepEqual(
    whole?.recipients.map(({ n }) => n),
    [1, 2],
  );
});

test('H10: the age of the oldest mail is unknown where the store fails or does not answer, and whoever asks has an answer', async () => {
  await using bench = new QueueBench();
  await bench.store.accept([bench.mail({ destination: INSPECT_DESTINATION })], null, within(1_000));
  await using work = await workOf(bench);
  await bench.clock.advance(5_000);
  assert.equal(await work.oldestMs(2_000), 5_000);
  bench.store.depth = () => Promise.reject(new Error('the store is away'));
  assert.equal(await work.oldestMs(2_000), null);
  bench.store.depth = () => new Promise(() => {});
  const asked = work.oldestMs(2_000);
  await bench.clock.advance(2_000);
  assert.equal(await asked, null);
});

test('H10: what a fenced worker still says counts no more, and its mail is due for others', async () => {
  await using bench = new QueueBench();
  const mail = bench.mail({ destination: INSPECT_DESTINATION });
  await bench.store.accept([mail], null, within(1_000));
  const work = await workOf(bench);
  const [claim] = await work.claim(10);
  assert.ok(claim);
  const fencing = work.fence(true);
  await bench.clock.advance(1_000, 100);
  await fencing;
  const outcome = { kind: 'discarded', reason: 'garbage' } as const;
  work.finish({ claim, outcomes: [{ n: 1, outcome }], born: [], elapsedMs: 0, peer: null });
  assert.deepEqual(await bench.states(mail.id), ['queued']);
  await work[Symbol.asyncDispose]();
});
