/** Backup and restore of an installation, with the keepers that its settings name. They run in the process of a command, beside the server. */
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import {
  type MadeBackup,
  type Manifest,
  makeBackup,
  restoreBackup,
  type Verdict,
  verifyBackup,
} from '#/backup/index.ts';
import { suggestion } from '#/codec/forms/index.ts';
import { isDatabase, type Loaded, type Settings } from '#/config/index.ts';
import { Fault } from '#/model/index.ts';
import type { CopyReader, CopyWatch } from '#/ports/index.ts';
import {
  embeddedCopyReader,
  embeddedSource,
  embeddedTarget,
  hasMarks,
  keyIdOf,
  postgresCopyReader,
  postgresSource,
  STORE_FOLDER,
  withoutPassword,
} from '#/store/backup/index.ts';
import { cellSettings } from './cells/cell-settings.ts';
import { RELEASE } from './release.ts';
import { systemClock } from './system-clock.ts';

/** Where ours stands in a database that others may use too. */
const SCHEMA = 'holdfast';

export interface BackupOptions {
  /** Copies secrets.key too. */
  readonly withKey: boolean;
  /** Of a PostgreSQL installation: a dump of the database too, where that can be made. */
  readonly withDatabase: boolean;
}

/** Makes a backup of the installation in `folder`, an absolute path. */
export function backUp(loaded: Loaded, folder: string, options: BackupOptions, watch: CopyWatch): Promise<MadeBackup> {
  stepBack();
  const { settings, found } = loaded;
  const { data, secrets, hostname } = settings;
  const { withKey } = options;
  const store = storeOf(settings);
  const blobs = settings.blobs === null ? join(data, 'blobs') : null;
  const beside = [
    ...(found.file === null ? [] : [{ from: found.file, path: 'settings/holdfast.yaml' }]),
    ...(withKey ? [{ from: secrets.key.file, path: `${STORE_FOLDER}/secrets.key` }] : []),
  ];
  const key = { included: withKey, id: keyIdOf(secrets.key.file) };
  const order = {
    folder,
    data,
    release: RELEASE,
    hostname,
    key,
    blobs: blobs === null ? ('elsewhere' as const) : ('included' as const),
    databaseUrl: store.kind === 'database' ? withoutPassword(store.url).bare : null,
    now: () => systemClock.now(),
  };
  if (store.kind === 'database') {
    const { url } = store;
    const source = postgresSource({ url, schema: SCHEMA, ...options, dir: data, blobs, beside });
    return makeBackup(order, { source, reader: postgresCopyReader() }, watch);
  }
  const reader = embeddedCopyReader({ withBlobs: blobs !== null, key: { file: secrets.key.file, id: key.id } });
  return makeBackup(order, { source: embeddedSource({ dir: store.dir, blobs, beside }), reader }, watch);
}

/** Whoever has work for the processors goes first: nobody waits for this command. */
function stepBack(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Where it may not be changed, the copying is paced all the same.
  }
  // Stopped by Ctrl-Z it would make the store keep one moment for as long as it lies there.
  process.on('SIGTSTP', () => {});
}

/** The installation as one of its cells has it. Fault `config.invalid` where it has no such cell. */
export function oneCell(loaded: Loaded, name: string): Loaded {
  const { settings } = loaded;
  const names = Object.keys(settings.cells ?? {});
  if (names.includes(name)) return { ...loaded, settings: cellSettings(settings, name) };
  const known = names.length === 0 ? 'the settings name none' : suggestion(name, names);
  throw new Fault('config.invalid', `There is no cell ${name}: ${known}.`);
}

/** Where custody is. Fault `config.invalid` where it is in several stores: their copies would not be of one moment. */
function storeOf({
  store,
  data,
  cells,
}: Settings): { kind: 'database'; url: string } | { kind: 'folder'; dir: string } {
  if (cells !== null)
    throw new Fault(
      'config.invalid',
      'This installation has cells. Back up each of them by itself (--cell NAME), and restore it into a folder of its own (--data NEW), which then is the store of that cell.',
    );
  if (store === null) return { kind: 'folder', dir: data };
  return isDatabase(store) ? { kind: 'database', url: store } : { kind: 'folder', dir: store };
}

/** Looks whether the backup in `folder` is whole; opens the content of its mail where `keyFile` is its key. */
export function verify(folder: string, keyFile: string | null, watch: CopyWatch): Promise<Verdict> {
  return verifyBackup(folder, (manifest) => readerOf(folder, manifest, keyFile), watch);
}

/** What a restore came to. */
export interface Restored {
  readonly manifest: Manifest;
  /** Whether the key file that the settings name opens the mail: not there, another one, or the one. */
  readonly key: 'missing' | 'other' | 'fits' | 'unknown';
  /** Whether UIDs of restored mailboxes go on, or mail programs fetch everything anew; null where there are no mailboxes in it. */
  readonly uids: 'go on' | 'begin anew' | null;
}

/** Makes the backup in `folder` the store of these settings, whose place must be empty. */
export async function restore(settings: Settings, folder: string, by: string, watch: CopyWatch): Promise<Restored> {
  const { data, secrets } = settings;
  const store = storeOf(settings);
  const dir = store.kind === 'folder' ? store.dir : data;
  const order = { folder, store: store.kind === 'folder' ? ('embedded' as const) : ('postgresql' as const), by };
  const manifest = await restoreBackup({ ...order, now: () => systemClock.now() }, embeddedTarget(dir), watch);
  const there = keyIdOf(secrets.key.file);
  const { id } = manifest.key;
  const key = there === null ? 'missing' : id === null ? 'unknown' : there === id ? 'fits' : 'other';
  const goOn = hasMarks(dir) ? ('go on' as const) : ('begin anew' as const);
  return { manifest, key, uids: manifest.mailboxes === null ? null : goOn };
}

function readerOf(folder: string, { store, blobs, key }: Manifest, keyFile: string | null): CopyReader {
  if (store === 'postgresql') return postgresCopyReader();
  const file = key.included ? join(folder, STORE_FOLDER, 'secrets.key') : keyFile;
  return embeddedCopyReader({
    withBlobs: blobs === 'included',
    key: file === null ? null : { file, id: key.id },
  });
}
