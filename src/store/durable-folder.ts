/** Folders whose names survive a loss of power: a name that was not flushed takes everything below it along (H3). */
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Makes a folder for us alone, and those above it; each name is flushed in the folder that holds it. For starting up: it blocks. */
export function makeDurableFolder(dir: string): void {
  const path = resolve(dir);
  const first = mkdirSync(path, { recursive: true, mode: 0o700 });
  if (first === undefined) {
    flushAnew(dirname(path));
    return;
  }
  for (let made = path; ; made = dirname(made)) {
    flushFolder(dirname(made));
    if (made === first) return;
  }
}

// Who made it may have been killed before the flush. Where we may not read the folder above, it was not us.
function flushAnew(dir: string): void {
  try {
    flushFolder(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
  }
}

/** Makes the names in a folder last. It blocks. */
export function flushFolder(dir: string): void {
  const folder = openSync(dir, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
