import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from './database.ts';
import { loadUids } from './entries.ts';

test('B3: a list of UIDs takes the memory that it is counted for', () => {
  const db = { get: () => ({ uids: '7,100000,4294967295' }) } as unknown as Database;
  const uids = loadUids(db, 1);
  assert.deepEqual([...uids], [7, 100_000, 4_294_967_295]);
  assert.equal(uids.buffer.byteLength, uids.byteLength);
});
