/**
 * The newest resources that this host has seen of each cell, in one file a cell: so that a process that starts while a cell is away still
 * knows its tenants, and answers their mail with "later", not with "we are not responsible". It holds what the registry holds, passwords
 * hashed; nobody but us may read it.
 *
 * What must never happen: a file half written; an older version over a newer one.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { RegistrySnapshot } from '#/ports/index.ts';

export interface KnownResources {
  /** Null where nothing is known, or what is there can't be read. */
  load(cell: string): Promise<RegistrySnapshot | null>;
  save(cell: string, snapshot: RegistrySnapshot): Promise<void>;
}

const FILE = 'known-resources.json';
const form = z.object({ version: z.int(), at: z.number(), resources: z.unknown() });

/** Below `folderOf(cell)`. */
export function knownResourcesIn(folderOf: (cell: string) => string): KnownResources {
  const load = async (cell: string): Promise<RegistrySnapshot | null> => {
    const text = await readFile(join(folderOf(cell), FILE), 'utf8').catch(() => '');
    const { data } = form.safeParse(parsed(text));
    return data === undefined ? null : { ...data, resources: data.resources ?? null };
  };
  return {
    load,
    save: async (cell, snapshot) => {
      const before = await load(cell);
      if (before === null || before.version < snapshot.version) await write(folderOf(cell), JSON.stringify(snapshot));
    },
  };
}

async function write(folder: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fresh = join(folder, `${FILE}.${randomUUID()}`);
  try {
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, join(folder, FILE));
  } finally {
    await rm(fresh, { force: true });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
