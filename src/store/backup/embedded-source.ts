/**
 * The embedded store as a backup copies it, beside the server that writes it. The order is what makes the copy whole: custody as of one
 * moment; its log while that moment is held, since the store keeps what the moment needs of it; then the mailboxes, which hold what
 * custody knows as delivered; then everything else that rows or log can name, which is written before it is named and kept for a day
 * after it was named last (design 1, Disk).
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type BackupSource, type CopiedFile, type CopyWatch, Refusal } from '#/ports/index.ts';
import { isAbsent, namesIn } from '../files/disk.ts';
import { CAMPAIGNS_FILE } from '../sqlite/campaigns.ts';
import { archiveFolder, custodyFile, openReader } from '../sqlite/connections.ts';
import { DOWNLOADS_FILE } from '../sqlite/downloads.ts';
import { INCIDENTS_FILE } from '../sqlite/incidents.ts';
import { PEOPLE_FILE } from '../sqlite/people.ts';
import { POLICY_MEMORY_FILE } from '../sqlite/policy-memory.ts';
import { snapshotDatabase } from '../sqlite/snapshot.ts';
import { STATUS_FILE } from '../sqlite/status-history.ts';
import { blobFilesOf, keyFilesOf, STORE_FOLDER, sizeOfFile, sizeOfFolder } from './beside.ts';
import { FolderCopy } from './folder-copy.ts';
import { mailboxFilesOf, sizeOfMailboxes } from './mailbox-files.ts';

export interface EmbeddedSourceOptions {
  /** Folder of the embedded store: custody and its log, mailboxes, tenants, closed days, wrapped keys. */
  readonly dir: string;
  /** Folder of blobs; null where they are kept elsewhere and have backups of their own. */
  readonly blobs: string | null;
  /** Other files that belong to the installation, and where they stand in the copy. Those that are absent are passed over. */
  readonly beside: readonly { readonly from: string; readonly path: string }[];
}

const CUSTODY = `${STORE_FOLDER}/custody.db`;
/** On the disk of a running store so much stays free. */
const SPARE_BYTES = 512 * 1024 * 1024;
const STAGING = /^backup-[0-9a-f]{12}\.tmp$/;
const DAY_FILE = /^\d{4,6}-\d\d-\d\d\.db$/;
const SEGMENT = /^\d{8,}\.seg$/;

/** Copies `options.dir`, whose store must be of this release. */
export function embeddedSource(options: EmbeddedSourceOptions): BackupSource {
  return new EmbeddedSource(options);
}

class EmbeddedSource implements BackupSource {
  readonly store = 'embedded';
  readonly #options: EmbeddedSourceOptions;
  snapshotAt = 0;

  constructor(options: EmbeddedSourceOptions) {
    this.#options = options;
  }

  async size(): Promise<number> {
    const { dir, blobs, beside } = this.#options;
    const folders = [archiveFolder(dir), join(dir, 'keys'), ...(blobs === null ? [] : [blobs])];
    const files = [
      ...[
        'control.db',
        DOWNLOADS_FILE,
        INCIDENTS_FILE,
        POLICY_MEMORY_FILE,
        PEOPLE_FILE,
        STATUS_FILE,
        CAMPAIGNS_FILE,
      ].map((name) => join(dir, name)),
      ...beside.map(({ from }) => from),
    ];
    const ours = [custodySize(dir), sizeOfMailboxes(dir)];
    const sizes = await Promise.all([...ours, ...files.map(sizeOfFile), ...folders.map(sizeOfFolder)]);
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  async *copy(folder: string, watch: CopyWatch): AsyncIterable<CopiedFile> {
    const { dir, blobs, beside } = this.#options;
    const to = new FolderCopy(folder, true);
    yield* await this.#custody(folder, to, watch);
    yield* mailboxFilesOf(dir, to, watch);
    yield await this.#database('control.db', 'tenants and their resources', to, watch);
    // Behind custody, whose verdicts name what is in it; older installations have none.
    if (existsSync(join(dir, DOWNLOADS_FILE))) yield await this.#database(DOWNLOADS_FILE, 'downloads', to, watch);
    if (existsSync(join(dir, INCIDENTS_FILE))) yield await this.#database(INCIDENTS_FILE, 'incidents', to, watch);
    if (existsSync(join(dir, POLICY_MEMORY_FILE)))
      yield await this.#database(POLICY_MEMORY_FILE, 'what policy remembers', to, watch);
    if (existsSync(join(dir, PEOPLE_FILE))) yield await this.#database(PEOPLE_FILE, 'generations of people', to, watch);
    if (existsSync(join(dir, STATUS_FILE))) yield await this.#database(STATUS_FILE, 'the status', to, watch);
    if (existsSync(join(dir, CAMPAIGNS_FILE)))
      yield await this.#database(CAMPAIGNS_FILE, 'redelivery campaigns', to, watch);
    for (const name of (await namesIn(archiveFolder(dir))).filter((each) => DAY_FILE.test(each))) {
      const day = await this.#day(`archive/${name}`, to, watch);
      if (day !== null) yield day;
    }
    if (blobs !== null) yield* blobFilesOf(blobs, to, watch);
    yield* keyFilesOf(join(dir, 'keys'), to, watch);
    for (const { from, path } of beside) if (existsSync(from)) yield await to.place(from, path, watch.signal);
    await to.flush();
  }

  /**
   * While custody is being copied the store has to keep that moment, and must not wait for a slow or hanging target meanwhile: where
   * the target is another disk, the copy is made on the store's own first.
   */
  async #custody(folder: string, to: FolderCopy, watch: CopyWatch): Promise<readonly CopiedFile[]> {
    const { dir } = this.#options;
    // Refuses what this release can't read.
    openReader(dir).close();
    await removeStaging(dir);
    await mayTake(dir);
    if ((await stat(dir)).dev === (await stat(folder)).dev) return this.#snapshot(to, watch);
    const staging = join(dir, `backup-${randomBytes(6).toString('hex')}.tmp`);
    try {
      const files = await this.#snapshot(new FolderCopy(staging, true), watch);
      return await across(staging, files, to, watch);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }

  async #snapshot(to: FolderCopy, watch: CopyWatch): Promise<readonly CopiedFile[]> {
    const { dir } = this.#options;
    const log: CopiedFile[] = [];
    const whilePinned = async (): Promise<void> => {
      for (const name of (await namesIn(join(dir, 'log'))).filter((each) => SEGMENT.test(each))) {
        const segment = await this.#segment(name, to, watch);
        if (segment !== null) log.push(segment);
      }
    };
    const parts = { step: 'mail in custody', watch, whilePinned };
    this.snapshotAt = await snapshotDatabase(custodyFile(dir), await to.pathOf(CUSTODY), parts);
    return [await to.describe(CUSTODY, watch.signal), ...log];
  }

  // What goes now was let go before the moment, which does not need it.
  async #segment(name: string, to: FolderCopy, watch: CopyWatch): Promise<CopiedFile | null> {
    const from = join(this.#options.dir, 'log', name);
    try {
      return await to.place(from, `${STORE_FOLDER}/log/${name}`, watch.signal);
    } catch (error) {
      if (isAbsent(error) && !existsSync(from)) return null;
      throw error;
    }
  }

  async #database(name: string, step: string, to: FolderCopy, watch: CopyWatch): Promise<CopiedFile> {
    const path = `${STORE_FOLDER}/${name}`;
    await snapshotDatabase(join(this.#options.dir, name), await to.pathOf(path), { step, watch });
    return to.describe(path, watch.signal);
  }

  // A day may be dropped between two looks: its time had come.
  async #day(name: string, to: FolderCopy, watch: CopyWatch): Promise<CopiedFile | null> {
    try {
      return await this.#database(name, 'closed days', to, watch);
    } catch (error) {
      if (existsSync(join(this.#options.dir, name))) throw error;
      return null;
    }
  }
}

async function across(
  staging: string,
  files: readonly CopiedFile[],
  to: FolderCopy,
  watch: CopyWatch,
): Promise<readonly CopiedFile[]> {
  const of = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const placed: CopiedFile[] = [];
  for (const { path } of files) {
    const onPiece = (bytes: number): void => {
      done += bytes;
      watch.progress('mail in custody, to the other disk', done, of);
    };
    placed.push(await to.place(join(staging, path), path, watch.signal, onPiece));
  }
  return placed;
}

/** What a copying that was killed left on the store's disk. */
async function removeStaging(dir: string): Promise<void> {
  for (const name of (await namesIn(dir)).filter((each) => STAGING.test(each)))
    await rm(join(dir, name), { recursive: true, force: true });
}

async function mayTake(dir: string): Promise<void> {
  const needed = (await custodySize(dir)) + SPARE_BYTES;
  const { bavail, bsize } = await statfs(dir);
  if (bavail * bsize >= needed) return;
  throw new Refusal(
    4,
    `The disk of ${dir} has ${megabytes(bavail * bsize)} free; a copy of custody is made there first, and takes ${megabytes(needed)} with what stays free for mail. Free some room, and try again.`,
  );
}

async function custodySize(dir: string): Promise<number> {
  return (await sizeOfFile(custodyFile(dir))) + (await sizeOfFolder(join(dir, 'log')));
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_000_000)} MB`;
}
