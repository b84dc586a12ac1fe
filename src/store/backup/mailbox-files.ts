/**
 * The mailboxes of the embedded store as a backup copies them, beside the process that owns them: each account as of one moment, one
 * account after the other, so that as many files are open with ten thousand as with one.
 *
 * They are copied behind custody: a delivery that custody knows as done is in the copy of its account, and one that is there and not
 * done by custody's copy comes again and is found by its key. `accounts.db` is copied last, since it names an account before its file is
 * made. The marks are not copied: they say how far the accounts were, and are worth something only where they did not go back with them.
 */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CopiedFile, CopyWatch } from '#/ports/index.ts';
import { namesIn } from '../files/disk.ts';
import { snapshotDatabase } from '../sqlite/snapshot.ts';
import { sqliteTrouble } from '../sqlite/statement.ts';
import { STORE_FOLDER, sizeOfFile } from './beside.ts';
import type { FolderCopy } from './folder-copy.ts';

/** Where they are in a data directory, and in a copy of one. */
export const MAILBOXES = 'mailboxes';
/** Who has an account, and the key under which the names of files are made. */
export const REGISTER = 'accounts.db';

const STEP = 'mailboxes';
const PART = /^[0-9a-f]{2}$/;
const ACCOUNT = /^[0-9a-f]{38}\.db$/;
/** It rests as long as it worked, and no longer than this at once. */
const REST_MS_MAX = 50;

/** All accounts of the data directory `dir`, and the register. None where nobody ever had one. */
export async function* mailboxFilesOf(dir: string, to: FolderCopy, watch: CopyWatch): AsyncIterable<CopiedFile> {
  const folder = join(dir, MAILBOXES);
  if (!existsSync(join(folder, REGISTER))) return;
  const of = await sizeOfMailboxes(dir);
  let done = 0;
  for await (const name of accountFilesIn(folder)) {
    watch.signal.throwIfAborted();
    const began = performance.now();
    const copied = await copyAccount(folder, name, to, { signal: watch.signal, progress: () => {} });
    if (copied === null) continue;
    done += copied.bytes;
    watch.progress(STEP, Math.min(done, of), of);
    yield copied;
    await sleep(Math.min(performance.now() - began, REST_MS_MAX));
  }
  yield await copyDatabase(folder, REGISTER, to, watch);
}

/** Octets of all that is copied of them. */
export async function sizeOfMailboxes(dir: string): Promise<number> {
  const folder = join(dir, MAILBOXES);
  let sum = await sizeOfFile(join(folder, REGISTER));
  for await (const name of accountFilesIn(folder)) {
    const file = join(folder, name);
    sum += (await sizeOfFile(file)) + (await sizeOfFile(`${file}-wal`));
  }
  return sum;
}

/** The files of accounts below a folder of mailboxes, `3f/9c…e1.db`; the names of one part of 256 in memory at a time. */
export async function* accountFilesIn(folder: string): AsyncGenerator<string> {
  for (const part of (await namesIn(folder)).filter((name) => PART.test(name)))
    for (const name of (await namesIn(join(folder, part))).filter((each) => ACCOUNT.test(each)))
      yield `${part}/${name}`;
}

/** One account; null where it went between two looks. */
async function copyAccount(folder: string, name: string, to: FolderCopy, watch: CopyWatch): Promise<CopiedFile | null> {
  const path = `${STORE_FOLDER}/${MAILBOXES}/${name}`;
  try {
    return await copyDatabase(folder, name, to, watch);
  } catch (error) {
    watch.signal.throwIfAborted();
    if (!existsSync(join(folder, name))) return null;
    if (sqliteTrouble(error) !== 'broken') throw error;
    // It is nobody's trouble but its own: what is there of it is copied as it is, and the look into the copy names it.
    await rm(await to.pathOf(path), { force: true });
    return to.place(join(folder, name), path, watch.signal);
  }
}

/**
 * Straight to the target, be it slow: an account's log grows by nothing but what comes for this one account meanwhile, and nobody waits.
 * The copying gives up where that is too much (sqlite/snapshot.ts).
 */
async function copyDatabase(folder: string, name: string, to: FolderCopy, watch: CopyWatch): Promise<CopiedFile> {
  const path = `${STORE_FOLDER}/${MAILBOXES}/${name}`;
  await snapshotDatabase(join(folder, name), await to.pathOf(path), { step: STEP, watch, leavesNothing: true });
  return to.describe(path, watch.signal);
}
