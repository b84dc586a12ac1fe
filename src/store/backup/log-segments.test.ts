import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { mail, soon } from '../contract/samples.ts';
import { Fixture } from '../sqlite/fixture.ts';
import { openSqliteRegistry } from '../sqlite/index.ts';
import { embeddedSource } from './index.ts';

test('design 1: a segment of the log that goes while a copy is made is not missed', async () => {
  await using store = await Fixture.make();
  await (await openSqliteRegistry({ dir: store.dir }))[Symbol.asyncDispose]();
  await (await store.open()).accept([mail(store.clock)], null, soon());
  // A name that is there when the folder is read, and nothing behind it when it is opened.
  await symlink('nowhere', join(store.dir, 'log', '00000009.seg'));
  const room = await mkdtemp(join(tmpdir(), 'holdfast-backup-'));
  const watch = { signal: new AbortController().signal, progress: () => {} };
  const source = embeddedSource({ dir: store.dir, blobs: null, beside: [] });
  const paths: string[] = [];
  for await (const { path } of source.copy(room, watch)) paths.push(path);
  assert.deepEqual(
    paths.filter((path) => path.includes('/log/')),
    ['data/log/00000001.seg'],
  );
  await rm(room, { recursive: true });
});
