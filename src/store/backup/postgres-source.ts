/**
 * An installation whose mail is in PostgreSQL, as far as it is ours to copy: blobs and keys in files, and a dump of the database where
 * `pg_dump` is installed. A database that matters has backups of its own, continuous ones; the dump is the lesser of the two.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupSource, CopiedFile, CopyReader, CopyReport, CopyWatch } from '#/ports/index.ts';
import { blobFilesOf, keyFilesOf, sizeOfFolder } from './beside.ts';
import { dumpDatabase, faultOfDump } from './database-dump.ts';
import { FolderCopy } from './folder-copy.ts';

export interface PostgresSourceOptions {
  readonly url: string;
  /** Schema of ours in it. */
  readonly schema: string;
  /** False leaves the database to its own backups. */
  readonly withDatabase: boolean;
  /** Folder of this host's keys and, unless they are kept elsewhere, blobs. */
  readonly dir: string;
  readonly blobs: string | null;
  readonly beside: readonly { readonly from: string; readonly path: string }[];
}

/** Where the dump stands in a copy. */
export const DATABASE_DUMP = 'database.dump';

export function postgresSource(options: PostgresSourceOptions): BackupSource {
  return new PostgresSource(options);
}

class PostgresSource implements BackupSource {
  readonly store = 'postgresql';
  readonly #options: PostgresSourceOptions;
  snapshotAt = Date.now();

  constructor(options: PostgresSourceOptions) {
    this.#options = options;
  }

  // What the dump takes only the database could say.
  async size(): Promise<number> {
    return this.#options.blobs === null ? 0 : sizeOfFolder(this.#options.blobs);
  }

  async *copy(folder: string, watch: CopyWatch): AsyncIterable<CopiedFile> {
    const { url, schema, withDatabase, dir, blobs, beside } = this.#options;
    const to = new FolderCopy(folder, true);
    this.snapshotAt = Date.now();
    watch.progress('database', 0, 1);
    if (withDatabase && (await dumpDatabase(url, await to.pathOf(DATABASE_DUMP), schema, watch.signal)))
      yield await to.describe(DATABASE_DUMP, watch.signal);
    // Behind the dump, so that everything that it names is there; what it names is kept for a day after it was named last.
    if (blobs !== null) yield* blobFilesOf(blobs, to, watch);
    yield* keyFilesOf(join(dir, 'keys'), to, watch);
    for (const { from, path } of beside) if (existsSync(from)) yield await to.place(from, path, watch.signal);
    await to.flush();
  }
}

/** Looks into copies made by `postgresSource`: the books in a dump are counted when it is a database again. */
export function postgresCopyReader(): CopyReader {
  return {
    report: async (folder, watch): Promise<CopyReport> => {
      const dump = join(folder, DATABASE_DUMP);
      const fault = existsSync(dump) ? await faultOfDump(dump, watch.signal) : null;
      const damage = fault === null ? [] : [`${DATABASE_DUMP} can't be read: ${fault}`];
      return { damage, messages: null, live: null, mailboxes: null, opened: false, books: null };
    },
  };
}
