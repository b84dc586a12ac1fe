import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { CopyWatch } from '#/ports/index.ts';
import { snapshotDatabase } from './snapshot.ts';

const ROWS = 1_500;

/** A database of some megabytes in WAL, open for writing, and a place for its copy. */
async function database() {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-snapshot-'));
  const db = new DatabaseSync(join(dir, 'from.db'));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (id INTEGER PRIMARY KEY, x BLOB)');
  db.exec('BEGIN');
  const insert = db.prepare('INSERT INTO t (x) VALUES (randomblob(4000))');
  for (let i = 0; i < ROWS; i++) insert.run();
  db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  return {
    from: join(dir, 'from.db'),
    to: join(dir, 'to.db'),
    write: () => void insert.run(),
    names: () => readdir(dir),
    [Symbol.asyncDispose]: async () => {
      db.close();
      await rm(dir, { recursive: true });
    },
  };
}

function watching(progress: CopyWatch['progress']): CopyWatch {
  return { signal: new AbortController().signal, progress };
}

test('design 1: a copy shows one moment, and does not begin anew when others write', async () => {
  await using given = await database();
  const seen: number[] = [];
  const watch = watching((_step, done) => {
    given.write();
    seen.push(done);
    assert.ok(seen.length < 100, 'it begins anew and anew');
  });
  await snapshotDatabase(given.from, given.to, { step: 'all', watch });
  assert.ok(seen.length > 3, `${seen.length} steps`);
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  );
  using copy = new DatabaseSync(given.to, { readOnly: true });
  assert.equal(copy.prepare('SELECT count(*) AS n FROM t').get()?.n, ROWS);
  assert.equal(copy.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok');
  assert.deepEqual(
    (await given.names()).filter((name) => name.startsWith('to.db')),
    ['to.db'],
    'a copy that is read makes files beside itself',
  );
});

test('M3: a copy that can’t keep up with what is written is given up before acceptance has to be', async () => {
  await using given = await database();
  const watch = watching(() => {
    for (let i = 0; i < 50; i++) given.write();
  });
  await assert.rejects(snapshotDatabase(given.from, given.to, { step: 'all', watch, walBytesMax: 500_000 }), {
    name: 'Refusal',
    exit: 4,
    message: /Try again when it is quieter/,
  });
});
