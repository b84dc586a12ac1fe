/**
 * The folder that a copy becomes an embedded store in.
 * ```
 *   free ──take──▶ ours: locked, and marked as unfinished ──finish──▶ a store, marked as restored
 *                    └──disposed, or killed and taken again──▶ free
 * ```
 * What must never happen: a server that starts in a half of a store (the lock keeps it out while we live, the mark when we were
 * killed); a file that is written over which was not ours; a restored store whose mail goes out unmarked; a UID that is given again.
 */
import { existsSync } from 'node:fs';
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Fault } from '#/model/index.ts';
import {
  type CopiedFile,
  type CopyWatch,
  RESTORED_COPY,
  Refusal,
  type RestoreMark,
  type RestoreSite,
  type RestoreTarget,
} from '#/ports/index.ts';
import { makeDurableFolder } from '../durable-folder.ts';
import { flushFolder, namesIn } from '../files/disk.ts';
import { custodyFile, takeLock, UNFINISHED } from '../sqlite/connections.ts';
import { FolderCopy } from './folder-copy.ts';
import { MAILBOXES } from './mailbox-files.ts';
import { trustBounds } from './mailbox-marks.ts';

/** What may lie there before: the lock, and a key that was put there ahead. */
const NO_MAIL = /^(lock\.db(-journal|-wal|-shm)?|secrets\.key|lost\+found)$/;
/** And in its folder of mailboxes: how far the accounts of a lost installation were. */
const NO_ACCOUNTS = /^(lock\.db(-journal|-wal|-shm)?|marks)$/;

/** A restore into `dir`, which is made where it is absent. */
export function embeddedTarget(dir: string): RestoreTarget {
  return {
    take: async () => {
      makeDurableFolder(dir);
      if (!existsSync(join(dir, UNFINISHED))) await refuseWhereInUse(dir);
      const lock = takeLock(dir, 'to restore');
      const site = new EmbeddedSite(dir, lock);
      await site.clear();
      return site;
    },
  };
}

async function refuseWhereInUse(dir: string): Promise<void> {
  const [found] = await namesOf(dir);
  if (found === undefined) return;
  throw new Refusal(
    2,
    `${dir} is not empty: there is ${found}. Restore into a new folder (--data NEW), or move what is there away first; it is never written over.`,
  );
}

/** What lies there and would be mixed with what is restored, below `dir`. */
async function namesOf(dir: string): Promise<string[]> {
  const names = (await namesIn(dir)).filter((name) => !NO_MAIL.test(name) && name !== UNFINISHED);
  if (!names.includes(MAILBOXES)) return names;
  const inMailboxes = await namesIn(join(dir, MAILBOXES));
  const ours = inMailboxes.filter((name) => !NO_ACCOUNTS.test(name)).map((name) => join(MAILBOXES, name));
  return [...names.filter((name) => name !== MAILBOXES), ...ours];
}

class EmbeddedSite implements RestoreSite {
  readonly #dir: string;
  readonly #lock: DatabaseSync;
  readonly #copy: FolderCopy;
  #finished = false;

  constructor(dir: string, lock: DatabaseSync) {
    this.#dir = dir;
    this.#lock = lock;
    this.#copy = new FolderCopy(dir, false);
  }

  /** Begins anew: what a restore that was killed has left goes. */
  async clear(): Promise<void> {
    const mark = await open(join(this.#dir, UNFINISHED), 'w', 0o600);
    await mark.sync();
    await mark.close();
    await flushFolder(this.#dir);
    await this.#removeOurs();
  }

  async free(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#dir);
    return bavail * bsize;
  }

  place(from: string, path: string, watch: CopyWatch): Promise<CopiedFile> {
    // A key that was put there ahead is never written over; where it is another one, its hash says so.
    if (existsSync(join(this.#dir, path))) return this.#copy.describe(path, watch.signal);
    let done = 0;
    return this.#copy.place(from, path, watch.signal, (bytes) => {
      done += bytes;
      watch.progress(path, done, done);
    });
  }

  async finish(mark: RestoreMark): Promise<void> {
    writeMark(custodyFile(this.#dir), mark);
    await trustBounds(this.#dir);
    return this.finishFiles();
  }

  async finishFiles(): Promise<void> {
    await this.#copy.flush();
    await rm(join(this.#dir, UNFINISHED));
    await flushFolder(this.#dir);
    this.#finished = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#finished) {
      await this.#removeOurs();
      await rm(join(this.#dir, UNFINISHED), { force: true });
    }
    this.#lock.close();
  }

  async #removeOurs(): Promise<void> {
    for (const name of await namesOf(this.#dir)) await rm(join(this.#dir, name), { recursive: true, force: true });
  }
}

function writeMark(path: string, mark: RestoreMark): void {
  if (!existsSync(path)) throw new Fault('store.foreign', 'There is no custody.db in this backup.');
  using db = new DatabaseSync(path);
  db.exec('PRAGMA synchronous = EXTRA');
  db.prepare('INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)').run(RESTORED_COPY, JSON.stringify(mark));
}
