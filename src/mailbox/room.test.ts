import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Room } from './room.ts';

test('B3: contents wait in line for room in memory, and one that is larger than all goes alone', async () => {
  const room = new Room(100);
  const first = await room.take(60);
  const order: string[] = [];
  const large = room.take(500).then((place) => {
    order.push('large');
    return place;
  });
  const small = room.take(10).then((place) => {
    order.push('small');
    return place;
  });
  await new Promise(setImmediate);
  assert.deepEqual(order, [], 'nobody passes who came first');
  first[Symbol.dispose]();
  (await large)[Symbol.dispose]();
  (await small)[Symbol.dispose]();
  assert.deepEqual(order, ['large', 'small']);
  (await room.take(100))[Symbol.dispose]();
});
