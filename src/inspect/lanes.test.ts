/** Slow mail and other mail in one worker, over the model of custody: who waits for whom. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MailId } from '#/model/index.ts';
import { clock, WorkerBench } from '#/testkit/inspect/index.ts';
import { Lanes } from './lanes.ts';

const LOOK_MS = 5;
const SENT = 'queued mx:there.test';
const WAITS_SLOW = 'queued inspect:slow';

/** Mails that take until they are let go. */
function held(bench: WorkerBench, ids: ReadonlySet<MailId>): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  bench.inspector.say = async ({ mail }, { signal }) => {
    const given = Promise.withResolvers<never>();
    signal?.addEventListener('abort', () => given.reject(signal.reason));
    if (ids.has(mail.id)) await Promise.race([promise, given.promise]);
    return { kind: 'pass' };
  };
  return resolve;
}

/** The states of these mails, once so many of them wait in the slow lane of the store. */
async function waitingSlow(bench: WorkerBench, ids: readonly MailId[], count: number): Promise<readonly string[]> {
  for (;;) {
    const states = (await Promise.all(ids.map((id) => bench.states(id)))).flat();
    if (states.filter((state) => state === WAITS_SLOW).length === count) return states;
    await clock.sleep(LOOK_MS);
  }
}

async function send(bench: WorkerBench, count: number, tenant?: string): Promise<readonly MailId[]> {
  return Promise.all(Array.from({ length: count }, () => bench.mail({ tenant })));
}

test('M4: mail that takes long goes on in a bounded number of slow places, the rest of it waits in the slow lane, and other mail passes it', async () => {
  await using bench = new WorkerBench();
  const slow = await send(bench, 9);
  const letGo = held(bench, new Set(slow));
  await bench.start({ mailsAtOnce: 3, slowAtOnce: 4, slowShare: 2, slowAfterMs: 1, slowLookMs: 1 });
  const others = await send(bench, 5, 'other');
  for (const id of others) await bench.becomes(id, SENT);
  const states = await waitingSlow(bench, slow, 7);
  assert.ok(!states.includes(SENT));
  assert.equal(bench.inspector.atOnce, 2, 'a tenant has its share of the slow places and no more');
  letGo();
  for (const id of slow) await bench.becomes(id, SENT);
  assert.deepEqual(bench.unfit, []);
});

test('M4: a mail whose server is known to be slow never takes a fast place, and its visit in the slow lane takes the time that it takes', async () => {
  await using bench = new WorkerBench();
  bench.inspector.slowTenants.add('slow');
  const slow = await send(bench, 6, 'slow');
  let most = 0;
  bench.inspector.say = async () => {
    most = Math.max(most, bench.inspector.atOnce);
    await new Promise((done) => setTimeout(done, 3));
    return { kind: 'pass' };
  };
  await bench.start({ mailsAtOnce: 6, slowAtOnce: 3, slowShare: 2, slowAfterMs: 1, slowLookMs: 1 });
  for (const id of slow) await bench.becomes(id, SENT);
  assert.equal(bench.inspector.seen.length, slow.length, 'each is inspected once');
  assert.ok(most <= 2, `${most} at once`);
});

test('M4: one server that is slow leaves slow places to those who do not ask it, whatever tenants it is slow for', () => {
  const lanes = new Lanes({ mailsAtOnce: 4, slowAtOnce: 4, slowShare: 3 });
  const tenant = (name: string) => name as Parameters<Lanes['enter']>[1];
  for (const name of ['a', 'b', 'c']) lanes.enter('slow', tenant(name), ['clamav']);
  assert.equal(lanes.slowRoom(tenant('d'), ['clamav']), 0);
  assert.equal(lanes.slowRoom(tenant('d'), ['rspamd']), 1);
  assert.equal(lanes.slowRoom(tenant('d'), []), 1);
  const place = lanes.enter('fast', tenant('d'), []);
  assert.equal(lanes.slowDown(place, ['clamav']), false);
  assert.equal(lanes.slowDown(place, []), true);
  assert.deepEqual([lanes.fast, lanes.slow, lanes.slowRoom(tenant('e'), [])], [0, 4, 0]);
  lanes.leave(place);
  lanes.leave(place);
  assert.deepEqual([lanes.size, lanes.slow], [3, 3]);
});

test('H10: mail over which a worker was lost is inspected alone for as long as it takes, also while slow mail never ends', async () => {
  await using bench = new WorkerBench();
  bench.inspector.slowTenants.add('slow');
  const slow = await send(bench, 12, 'slow');
  const suspect = await bench.mail();
  await bench.lose(suspect);
  const beside: number[] = [];
  bench.inspector.say = async ({ mail }) => {
    await new Promise((done) => setTimeout(done, 3));
    if (mail.id === suspect) beside.push(bench.inspector.atOnce);
    return { kind: 'pass' };
  };
  await bench.start({ slowAfterMs: 1, slowLookMs: 1, slowShare: 2, aloneMs: 1, aloneLatestMs: 20, calmMs: 0 });
  await bench.becomes(suspect, SENT);
  for (const id of slow) await bench.becomes(id, SENT);
  assert.deepEqual(beside, [1]);
});

test('H10: a worker that ends gives back slow mail that does not end, and it stays in the slow lane', async () => {
  const bench = new WorkerBench();
  const [id] = await send(bench, 1);
  assert.ok(id);
  held(bench, new Set([id]));
  await bench.start({ slowAfterMs: 1, slowShare: 0, slowLookMs: 1, drainMs: 1 });
  await bench.becomes(id, WAITS_SLOW);
  await bench[Symbol.asyncDispose]();
  assert.deepEqual(await bench.states(id), [WAITS_SLOW]);
});
