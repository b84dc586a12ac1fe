import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { decisionsContract } from '../contract/decisions.ts';
import { domainKeysContract } from '../contract/domain-keys.ts';
import { downloadsContract, FORGET_ALL, keepOneFile } from '../contract/downloads.ts';
import { endedSessionsContract } from '../contract/ended-sessions.ts';
import { type KeyRing, openKeyRing, wrappedKeyFolder } from '../keys/index.ts';
import { openSqliteDownloads } from './downloads.ts';

let dir: string;
let keyRing: KeyRing;
let downloads: Awaited<ReturnType<typeof openSqliteDownloads>>;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-downloads-'));
  keyRing = await openKeyRing({ keyFile: join(dir, 'secrets.key'), wrapped: wrappedKeyFolder(join(dir, 'keys')) });
  downloads = await openSqliteDownloads({ dir, keyRing });
});

after(async () => {
  await downloads[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

// One keeper for all, emptied behind each: a thread takes its time to start.
downloadsContract('sqlite', async () => ({
  downloads,
  reopen: async () => {
    await downloads[Symbol.asyncDispose]();
    downloads = await openSqliteDownloads({ dir, keyRing });
    return downloads;
  },
  [Symbol.asyncDispose]: emptied,
}));

endedSessionsContract('sqlite', async () => {
  const opened = new AsyncDisposableStack();
  opened.defer(emptied);
  return {
    sessions: downloads.sessions,
    other: async () => opened.use(await openSqliteDownloads({ dir, keyRing })).sessions,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
});

decisionsContract('sqlite', async () => ({ decisions: downloads.decisions, [Symbol.asyncDispose]: emptied }));

domainKeysContract('sqlite', async () => ({ domainKeys: downloads.domainKeys, [Symbol.asyncDispose]: emptied }));

async function emptied(): Promise<void> {
  const db = new DatabaseSync(join(dir, 'downloads.db'), { timeout: 5_000 });
  db.exec(FORGET_ALL);
  db.close();
}

test('design 1: the file of downloads is its owner’s alone, and no octet of what it keeps can be read in it', async () => {
  await keepOneFile(downloads, Buffer.from('a secret that is looked for'));
  const path = join(dir, 'downloads.db');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  for (const name of [path, `${path}-wal`]) assert.equal((await readFile(name)).includes('a secret that'), false, name);
});

test('design 4: a file of a newer release, or none of ours, stops the start', async () => {
  const other = join(dir, 'other');
  await assert.rejects(openAt(other, 'PRAGMA user_version = 99'), { code: 'store.foreign' });
  await writeFile(join(other, 'downloads.db'), 'this is no database, and long enough to be seen as none'.repeat(40));
  await assert.rejects(openSqliteDownloads({ dir: other, keyRing }), { code: 'store.failed' });
});

async function openAt(place: string, sql: string): ReturnType<typeof openSqliteDownloads> {
  const opened = await openSqliteDownloads({ dir: place, keyRing });
  await opened[Symbol.asyncDispose]();
  const db = new DatabaseSync(join(place, 'downloads.db'));
  db.exec(sql);
  db.close();
  return openSqliteDownloads({ dir: place, keyRing });
}
