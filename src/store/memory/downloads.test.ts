import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { within } from '#/model/index.ts';
import { downloadsContract, keepOneFile } from '../contract/downloads.ts';
import { openMemoryDownloads } from './downloads.ts';

downloadsContract('memory', async () => {
  const downloads = openMemoryDownloads();
  return { downloads, reopen: null, [Symbol.asyncDispose]: () => downloads[Symbol.asyncDispose]() };
});

const SQLITE_FULL = 13;
test('design 1: a disk that was full at a commit is written again when there is room', async (context) => {
  await using downloads = openMemoryDownloads();
  const method = 'exec' as const;
  const exec = DatabaseSync.prototype[method];
  const full = context.mock.method(DatabaseSync.prototype, method, function (this: DatabaseSync, sql: string) {
    if (sql === 'COMMIT') throw Object.assign(new Error('database or disk is full'), { errcode: SQLITE_FULL });
    exec.call(this, sql);
  });
  await assert.rejects(keepOneFile(downloads, Buffer.from('x')), { code: 'disk.full' });
  full.mock.restore();
  const share = await keepOneFile(downloads, Buffer.from('y'));
  assert.deepEqual(await downloads.file(share, 1, within(30_000)), Buffer.from('y'));
  assert.equal((await downloads.list({}, null, 10, within(30_000))).length, 1, 'nothing of what failed');
});
