/** Where wrapped day keys lie. A keeper that has a transaction of its own may keep them in a table instead. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from '#/model/index.ts';
import type { KeyDay } from './day.ts';
import { isKeyDay } from './day.ts';

export interface WrappedKeys {
  /** Days that have a key. */
  days(): Promise<readonly KeyDay[]>;
  /** Null where the day has no key, or no longer. */
  load(day: KeyDay): Promise<Uint8Array | null>;
  /** Durable when it resolves. A day that has a key keeps it: what is there afterwards comes back. */
  save(day: KeyDay, wrapped: Uint8Array): Promise<Uint8Array>;
  /** Destroys a day. Durable when it resolves. */
  remove(day: KeyDay): Promise<void>;
}

/** One file a day below `dir`, which is made where it is absent. Of several processes that save a day at once the first one's stays. */
export function wrappedKeyFolder(dir: string): WrappedKeys {
  return {
    days: async () => (await namesIn(dir)).filter(isKeyDay).sort(),
    load: (day) => readOrNull(join(dir, day)),
    save: (day, wrapped) => saveNew(dir, day, wrapped),
    remove: async (day) => {
      await rm(join(dir, day), { force: true });
      await flushFolder(dir);
    },
  };
}

/** Wrapped keys that live as long as the process: for the memory keepers and tests. */
export function wrappedKeysInMemory(): WrappedKeys {
  const kept = new Map<KeyDay, Uint8Array>();
  return {
    days: async () => [...kept.keys()].sort(),
    load: async (day) => kept.get(day) ?? null,
    save: async (day, wrapped) => kept.getOrInsert(day, wrapped),
    remove: async (day) => {
      kept.delete(day);
    },
  };
}

async function saveNew(dir: string, day: KeyDay, wrapped: Uint8Array): Promise<Uint8Array> {
  const there = await readOrNull(join(dir, day));
  if (there !== null) return there;
  const made = await mkdir(dir, { recursive: true, mode: 0o700 });
  // What a folder holds is lost with its name: that too must be on the disk before content is sealed with the key.
  if (made !== undefined) await flushFolder(dirname(made));
  const draft = join(dir, `${day}.${randomBytes(6).toString('hex')}.new`);
  await writeDurably(draft, wrapped);
  // Linking under the final name fails where somebody was quicker: then theirs is the key. A rename would take it from what they have sealed.
  const isOurs = await link(draft, join(dir, day)).then(() => true, unlessThere);
  await rm(draft, { force: true });
  await flushFolder(dir);
  if (isOurs) return wrapped;
  const theirs = await readOrNull(join(dir, day));
  if (theirs === null) throw new Fault('key.missing', `The key of ${day} was destroyed while it was made.`);
  return theirs;
}

function unlessThere(error: NodeJS.ErrnoException): false {
  if (error.code !== 'EEXIST') throw error;
  return false;
}

async function writeDurably(path: string, octets: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(octets);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function readOrNull(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function flushFolder(dir: string): Promise<void> {
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
