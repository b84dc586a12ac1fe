/** A maildir as a peer fills it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Reads all mails in the folder, each file once. */
export function maildirOf(folder: string): () => readonly Buffer[] {
  const seen = new Map<string, Buffer>();
  return () => {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    for (const name of names) if (!seen.has(name)) seen.set(name, readFileSync(join(folder, name)));
    return [...seen.values()];
  };
}
