/** Whether a database of a copy is sound. Reads alone: the copy may lie where nothing can be written. */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import type { CopyWatch } from '#/ports/index.ts';

/** Findings of one database that are told one by one. */
const TOLD_MAX = 20;

/**
 * What is wrong with it, in sentences that begin with `name`. `further` looks into one whose pages are sound. Table by table, so that a
 * person who has seen enough can end it between two.
 */
export async function checkDatabase(
  path: string,
  name: string,
  watch: CopyWatch,
  further: (db: DatabaseSync) => readonly string[] = () => [],
): Promise<string[]> {
  if (!existsSync(path)) return [`${name} is not in it.`];
  const found: string[] = [];
  try {
    using db = new DatabaseSync(path, { readOnly: true });
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
    for (const table of tables) {
      await setImmediate();
      watch.signal.throwIfAborted();
      const lines = db.prepare(`PRAGMA integrity_check(${quoted(String(table.name))})`).all();
      const wrong = lines.map((line) => String(line.integrity_check)).filter((line) => line !== 'ok');
      found.push(...wrong.slice(0, TOLD_MAX).map((line) => `${name}: ${line}`));
    }
    if (found.length === 0) found.push(...further(db).map((line) => `${name}: ${line}`));
  } catch (error) {
    if (watch.signal.aborted) throw error;
    found.push(`${name} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return found;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
