import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from '#/model/index.ts';
import { Room } from './room.ts';

test('B3: contents wait in line for room in memory, and one that is larger than all goes alone', async () => {
  const room = new Room(100);
  const first = await room.take(60, within(30_000));
  const order: string[] = [];
  const large = room.take(500, within(30_000)).then((place) => {
    order.push('large');
    return place;
  });
  const small = room.take(10, within(30_000)).then((place) => {
    order.push('small');
    return place;
  });
  await new Promise(setImmediate);
  assert.deepEqual(order, [], 'nobody passes who came first');
  first[Symbol.dispose]();
  (await large)[Symbol.dispose]();
  (await small)[Symbol.dispose]();
  assert.deepEqual(order, ['large', 'small']);
  (await room.take(100, within(30_000)))[Symbol.dispose]();
});

test('B3: who waits for room longer than its call is sent away, and those behind have their turn', async () => {
  const room = new Room(100);
  const first = await room.take(60, within(30_000));
  const large = assert.rejects(room.take(90, within(20)), { code: 'call.late' });
  const small = room.take(10, within(30_000));
  await large;
  (await small)[Symbol.dispose]();
  first[Symbol.dispose]();
  const gone = new AbortController();
  const whole = await room.take(100, within(30_000));
  const left = assert.rejects(room.take(1, within(5_000, gone.signal)), { code: 'call.late' });
  gone.abort();
  await left;
  whole[Symbol.dispose]();
});
