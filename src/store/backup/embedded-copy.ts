/** A copy of the embedded store, opened to see whether it is whole. Reads alone: the folder may be one that can't be written. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isFault } from '#/model/index.ts';
import type { CopyReader, CopyReport, CopyWatch, Recount } from '#/ports/index.ts';
import { namesIn } from '../files/disk.ts';
import { CAMPAIGNS_FILE } from '../sqlite/campaigns.ts';
import { DOWNLOADS_FILE } from '../sqlite/downloads.ts';
import { INCIDENTS_FILE } from '../sqlite/incidents.ts';
import { PEOPLE_FILE } from '../sqlite/people.ts';
import { POLICY_MEMORY_FILE } from '../sqlite/policy-memory.ts';
import { Reader } from '../sqlite/reader.ts';
import { STATUS_FILE } from '../sqlite/status-history.ts';
import { STORE_FOLDER } from './beside.ts';
import { contentOpened } from './content-opened.ts';
import { contentThere } from './content-there.ts';
import { checkDatabase } from './database-check.ts';
import { keyIdOf } from './key-id.ts';
import { checkMailboxes } from './mailbox-check.ts';

const COUNT_MS = 3_600_000;

export interface EmbeddedCopyOptions {
  /** Whether blobs belong to the copy. */
  readonly withBlobs: boolean;
  /** The key that opens its content, where it is at hand, and the name of the one that it needs: another one is not tried. */
  readonly key: { readonly file: string; readonly id: string | null } | null;
}

/** Looks into copies made by `embeddedSource`. */
export function embeddedCopyReader(options: EmbeddedCopyOptions): CopyReader {
  return { report: (folder, watch) => report(join(folder, STORE_FOLDER), options, watch) };
}

async function report(dir: string, { withBlobs, key }: EmbeddedCopyOptions, watch: CopyWatch): Promise<CopyReport> {
  const accounts = await checkMailboxes(dir, watch);
  const [mailboxes, inMailboxes] = [accounts?.counts ?? null, accounts?.damage ?? []];
  const damage = await checkDatabases(dir, watch);
  if (damage.length > 0)
    return { damage: [...damage, ...inMailboxes], messages: 0, live: 0, mailboxes, opened: false, books: null };
  using custody = new DatabaseSync(join(dir, 'custody.db'), { readOnly: true });
  const count = (sql: string): number => Number(custody.prepare(sql).get()?.n);
  const counts = {
    messages: count('SELECT count(*) AS n FROM message'),
    live: count('SELECT count(*) AS n FROM recipient WHERE phase < 2'),
  };
  const books = recount(dir);
  const fits = key !== null && key.id !== null && keyIdOf(key.file) === key.id && books !== null;
  const lost = fits
    ? await contentOpened(dir, { withBlobs, keyFile: key.file }, watch)
    : await contentThere(custody, dir, withBlobs, watch);
  return { damage: [...lost, ...inMailboxes], ...counts, mailboxes, opened: fits, books };
}

async function checkDatabases(dir: string, watch: CopyWatch): Promise<string[]> {
  const archived = (await namesIn(join(dir, 'archive'))).map((name) => join('archive', name));
  const added = [DOWNLOADS_FILE, INCIDENTS_FILE, POLICY_MEMORY_FILE, PEOPLE_FILE, STATUS_FILE, CAMPAIGNS_FILE].filter(
    (name) => existsSync(join(dir, name)),
  );
  const names = ['custody.db', 'control.db', ...added, ...archived];
  const damage: string[] = [];
  for (const [i, name] of names.entries()) {
    watch.progress('checking databases', i, names.length);
    damage.push(...(await checkDatabase(join(dir, name), name, watch)));
  }
  return damage;
}

// A copy of another release is counted by that release.
function recount(dir: string): readonly Recount[] | null {
  try {
    const reader = new Reader({ dir, keyFile: null });
    try {
      return reader.call('recount', null, COUNT_MS) as readonly Recount[];
    } finally {
      reader.close();
    }
  } catch (error) {
    if (isFault(error, 'store.foreign')) return null;
    throw error;
  }
}
