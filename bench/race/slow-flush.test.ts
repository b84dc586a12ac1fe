/** The shim that makes flushes slow: they are counted, wherever they come from. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { orSkip } from '../../test/support/or-skip.ts';
import { makeSlowFlush } from './slow-flush.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'holdfast-flushes-'));
after(() => rmSync(folder, { recursive: true }));

const FILES = `
const { fsyncSync, fdatasyncSync, openSync } = require('node:fs');
const fd = openSync(process.argv[1], 'w');
fsyncSync(fd);
fdatasyncSync(fd);
`;
const DATABASE = `
const { DatabaseSync } = require('node:sqlite');
const db = new DatabaseSync(process.argv[1]);
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (n)');
for (let n = 0; n < 5; n++) db.exec('INSERT INTO t VALUES (1)');
`;

test("design 8: every flush of Node's files and of its SQLite goes through the shim", async (t) => {
  const made = orSkip(t, await makeSlowFlush());
  if (made === undefined) return;
  await using slow = made;
  await flush(FILES, 'file', slow.env('peer'));
  assert.equal(await slow.count('peer'), 2);
  assert.equal(await slow.count('ours'), 0);
  await flush(DATABASE, 'database', slow.env('ours'));
  assert.ok((await slow.count('ours')) >= 6, `${await slow.count('ours')} flushes of 6 commits`);
});

async function flush(program: string, file: string, env: NodeJS.ProcessEnv): Promise<void> {
  const words = ['--disable-warning=ExperimentalWarning', '-e', program, join(folder, file)];
  await run(process.execPath, words, { env: { ...process.env, ...env }, timeout: 30_000 });
}
