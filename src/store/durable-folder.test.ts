import assert from 'node:assert/strict';
import fs, { mkdtempSync, rmSync, statSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeDurableFolder } from './durable-folder.ts';

/** Folders that were opened and flushed, in order. */
function watchFlushes(t: TestContext): string[] {
  const [flushed, paths] = [[] as string[], new Map<number, string>()];
  const { openSync, fsyncSync } = fs;
  t.mock.method(fs, 'openSync', (path: string, flags: string) => {
    const file = openSync(path, flags);
    paths.set(file, path);
    return file;
  });
  t.mock.method(fs, 'fsyncSync', (file: number) => {
    fsyncSync(file);
    flushed.push(paths.get(file) ?? '');
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  return flushed;
}

test('H3: each new folder is flushed by name in the one above it, so that a loss of power leaves the data where it was', (t) => {
  const base = mkdtempSync(join(tmpdir(), 'holdfast-folder-'));
  t.after(() => rmSync(base, { recursive: true }));
  const flushed = watchFlushes(t);
  const dir = join(base, 'srv', 'data');
  makeDurableFolder(dir);
  assert.deepEqual(flushed, [join(base, 'srv'), base]);
  assert.equal(statSync(dir).mode & 0o777, 0o700);
});

test('H3: a folder that is there already is flushed again: who made it may have been killed before', (t) => {
  const base = mkdtempSync(join(tmpdir(), 'holdfast-folder-'));
  t.after(() => rmSync(base, { recursive: true }));
  makeDurableFolder(join(base, 'data'));
  const flushed = watchFlushes(t);
  makeDurableFolder(join(base, 'data'));
  assert.deepEqual(flushed, [base]);
});
