import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { within } from '#/model/index.ts';
import type { PastMails } from '#/ports/index.ts';
import { FORGET_ALL_PAST, pastBatch, pastMailsContract } from '../contract/past-mails.ts';
import { type KeyRing, openKeyRing, wrappedKeyFolder } from '../keys/index.ts';
import { openSqlitePastMails } from './past-mails.ts';

let dir: string;
let keyRing: KeyRing;
let past: PastMails;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-past-'));
  keyRing = await openKeyRing({ keyFile: join(dir, 'secrets.key'), wrapped: wrappedKeyFolder(join(dir, 'keys')) });
  past = openSqlitePastMails({ dir, keyRing });
});

after(async () => {
  await past[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

test('design 4: a process that asks nothing of past mail opens no file for it', async () => {
  assert.equal(existsSync(join(dir, 'past.db')), false);
});

// One keeper for all, emptied behind each: a thread takes its time to start.
pastMailsContract('sqlite', async () => ({
  past,
  reopen: async () => {
    await past[Symbol.asyncDispose]();
    past = openSqlitePastMails({ dir, keyRing });
    return past;
  },
  [Symbol.asyncDispose]: async () => {
    const db = new DatabaseSync(join(dir, 'past.db'), { timeout: 5_000 });
    db.exec(FORGET_ALL_PAST);
    db.close();
  },
}));

test('design 1: the file is its owner’s alone, none of its octets can be read in it, and what was tampered with is a gap', async () => {
  const batch = pastBatch(0, { content: Buffer.from('taro@example.test') });
  await past.keep(batch, { batches: 9, bytes: 9_999 }, within(30_000));
  const path = join(dir, 'past.db');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  for (const name of [path, `${path}-wal`]) assert.equal((await readFile(name)).includes('taro@'), false, name);
  const db = new DatabaseSync(path, { timeout: 5_000 });
  db.exec("UPDATE past_batch SET tenant = 'bolt'");
  db.close();
  const [read] = await past.read('bolt' as never, 0, null, 9, within(30_000));
  assert.equal(read?.content, null, 'it was sealed for another tenant');
});
