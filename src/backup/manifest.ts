/**
 * What a backup says of itself: `manifest.json`, written last. A folder without one is no backup. The files stand in `files.sha256`, in
 * the form that `sha256sum --check` reads, so that a backup can be checked where no Holdfast is.
 */
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type CopyReport, Refusal } from '#/ports/index.ts';
import { flush, isAbsent, writeDurably } from './folder.ts';

export const MANIFEST = 'manifest.json';
/** Raised when a reader of the form before it could be misled. */
const FORMAT = 1;

const bookLine = z.object({
  tenant: z.string(),
  accepted: z.int(),
  received: z.int(),
  generated: z.int(),
  delivered: z.int(),
  bounced: z.int(),
  discarded: z.int(),
  expired: z.int(),
  held: z.int(),
  queued: z.int(),
});

const manifest = z.object({
  format: z.literal(FORMAT),
  /** Release that made it. */
  release: z.string(),
  hostname: z.string(),
  store: z.enum(['embedded', 'postgresql']),
  /** RFC 3339: the moment of custody that it shows, and its begin and end. */
  snapshotAt: z.string(),
  startedAt: z.string(),
  finishedAt: z.string(),
  files: z.object({ count: z.int(), bytes: z.int(), sha256: z.string() }),
  /** Whether secrets.key is in it, and which key opens it: a few figures that tell nothing of the key; null where nobody knew. */
  key: z.object({ included: z.boolean(), id: z.string().nullable() }),
  /** Where large mail is: in the copy, or in a store with backups of its own. */
  blobs: z.enum(['included', 'elsewhere']),
  /** Where PostgreSQL keeps custody: which database, without its password, and whether a dump of it is in the copy. */
  database: z.object({ url: z.string(), included: z.boolean() }).nullable(),
  /** Null where only the database could count. */
  messages: z.int().nullable(),
  live: z.int().nullable(),
  /** What people have in their mailboxes; null where there are none, or only the database could count. */
  mailboxes: z.object({ accounts: z.int(), messages: z.int(), bytes: z.int() }).nullable().default(null),
  /** Null where they were not counted. */
  balanced: z.boolean().nullable(),
  books: z.array(bookLine),
});

/** What a backup says of itself. */
export type Manifest = z.output<typeof manifest>;

/** Reads it; refuses, with the reason, a folder that holds no whole backup. */
export async function loadManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch((error: unknown) => {
    if (!isAbsent(error)) throw error;
    throw new Refusal(
      1,
      `There is no whole backup in ${folder}: it has no ${MANIFEST}, which is written last. Either it is another folder, or the backup was interrupted.`,
    );
  });
  const parsed = manifest.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  throw new Refusal(
    1,
    `${join(folder, MANIFEST)} is not what this release writes or reads. Use the release that made it.`,
  );
}

/** Writes it, durably and at once. */
export async function saveManifest(folder: string, content: Manifest): Promise<void> {
  const draft = join(folder, `${MANIFEST}.new`);
  await writeDurably(draft, `${JSON.stringify(content, null, 2)}\n`);
  await rename(draft, join(folder, MANIFEST));
  await flush(folder);
}

/** The lines of the books, and whether all of them agree. */
export function booksOf({ books }: CopyReport): Pick<Manifest, 'books' | 'balanced'> {
  if (books === null) return { books: [], balanced: null };
  return { books: books.map((each) => ({ ...each.books })), balanced: books.every(({ balanced }) => balanced) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
