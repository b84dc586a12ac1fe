/**
 * Mailboxes whose folder came back from an earlier time with its marks, as a snapshot of a disk does: nobody knows how far they were.
 * Without its mark an account gets a new UIDVALIDITY when it is opened (restored.ts; RFC 9051 §2.3.1.1).
 */
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { flushFolder } from '../files/disk.ts';
import { takeLock } from '../sqlite/connections.ts';

/** Of what was cut short, or is going. */
const GOING = 'marks.old';

/** Forgets all marks at once, durably. Fault `store.locked` where somebody works there. */
export async function forgetMarks(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const lock = takeLock(folder);
  try {
    const [marks, going] = [join(folder, 'marks'), join(folder, GOING)];
    await rm(going, { recursive: true, force: true });
    if (!existsSync(marks)) return;
    await rename(marks, going);
    await flushFolder(folder);
    await rm(going, { recursive: true });
  } finally {
    lock.close();
  }
}
