/** A backup from begin to end: the folder, the copy, the look into the copy, and last the manifest that makes it one. */
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type BackupSource, type CopyReader, type CopyWatch, Refusal } from '#/ports/index.ts';
import { plainly } from './disk-trouble.ts';
import { DATABASE_DUMP, FileList } from './file-list.ts';
import { beginFolder, flush, writeDurably } from './folder.ts';
import { booksOf, type Manifest, saveManifest } from './manifest.ts';
import { readmeOf } from './readme.ts';

export interface BackupOrder {
  /** Where it goes: absent, empty, or left behind by a backup that was interrupted. */
  readonly folder: string;
  /** The data directory of the installation, which can't hold its own backup. */
  readonly data: string;
  readonly release: string;
  readonly hostname: string;
  readonly key: Manifest['key'];
  readonly blobs: Manifest['blobs'];
  /** Where PostgreSQL keeps custody, without its password. */
  readonly databaseUrl: string | null;
  readonly now: () => number;
}

export interface BackupParts {
  readonly source: BackupSource;
  readonly reader: CopyReader;
}

/** What is found wrong in the copy that was just made; none where it is good. */
export interface MadeBackup {
  readonly manifest: Manifest;
  readonly damage: readonly string[];
  /** Whether the content of live mail was opened with its key. */
  readonly opened: boolean;
}

/** Makes a backup. What ends it early, a refusal and a signal among them, leaves nothing behind. */
export function makeBackup(order: BackupOrder, parts: BackupParts, watch: CopyWatch): Promise<MadeBackup> {
  return plainly(() => make(order, parts, watch));
}

async function make(order: BackupOrder, parts: BackupParts, watch: CopyWatch): Promise<MadeBackup> {
  const startedAt = new Date(order.now()).toISOString();
  const folder = await beginFolder(order.folder, order.data);
  try {
    await refuseWithoutRoom(order.folder, await parts.source.size());
    const { files, hasDump } = await copyAll(order.folder, parts.source, watch);
    const found = await parts.reader.report(order.folder, watch);
    const { release, hostname, key, blobs, databaseUrl } = order;
    const { store, snapshotAt } = parts.source;
    const manifest: Manifest = {
      format: 1,
      release,
      hostname,
      store,
      snapshotAt: new Date(snapshotAt).toISOString(),
      startedAt,
      finishedAt: new Date(order.now()).toISOString(),
      files,
      key,
      blobs,
      database: databaseUrl === null ? null : { url: databaseUrl, included: hasDump },
      messages: found.messages,
      live: found.live,
      mailboxes: found.mailboxes,
      ...booksOf(found),
    };
    await writeDurably(join(order.folder, 'README.txt'), readmeOf(manifest));
    await flush(order.folder);
    await saveManifest(order.folder, manifest);
    await folder.finish();
    return { manifest, damage: found.damage, opened: found.opened };
  } catch (error) {
    await folder.abandon();
    throw error;
  }
}

async function copyAll(
  folder: string,
  source: BackupSource,
  watch: CopyWatch,
): Promise<{ readonly files: Manifest['files']; readonly hasDump: boolean }> {
  await using list = await FileList.create(folder);
  let hasDump = false;
  for await (const file of source.copy(folder, watch)) {
    watch.signal.throwIfAborted();
    await list.add(file);
    hasDump ||= file.path === DATABASE_DUMP;
  }
  return { files: await list.finish(), hasDump };
}

async function refuseWithoutRoom(folder: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= needed) return;
  const mb = (bytes: number): string => `${Math.ceil(bytes / 1_000_000)} MB`;
  throw new Refusal(
    4,
    `The disk of ${folder} has ${mb(free)} free, and this backup takes about ${mb(needed)}. Free some room, or name a folder on another disk.`,
  );
}
