/**
 * Marks of mailboxes that a person put into the place of a restore ahead: those of the lost installation as it was last, so that UIDs go
 * on above them. An account whose mark is not there, or says less than the copy itself, gets a new UIDVALIDITY when it is opened
 * (sqlite-mailbox/restored.ts, design 1, After a restore).
 */
import { existsSync, globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { MarkFile, readMark } from '../sqlite-mailbox/mark.ts';
import { accountFilesIn, MAILBOXES } from './mailbox-files.ts';

/** The folder of them, in the one of the mailboxes. */
const MARKS = 'marks';

/** Whether any account that was restored into `dir` goes on above its mark. */
export function hasMarks(dir: string): boolean {
  return globSync('??/*.mark', { cwd: join(dir, MAILBOXES, MARKS) }).length > 0;
}

/**
 * Makes every account that was restored into `dir` go on above its mark. How far it was last is not trusted, since a loss of power may
 * have taken the end of it: the bounds were flushed, and everything begins behind them. Returns how many accounts have a mark.
 */
export async function trustBounds(dir: string): Promise<number> {
  const folder = join(dir, MAILBOXES);
  if (!existsSync(join(folder, MARKS))) return 0;
  let marked = 0;
  for await (const name of accountFilesIn(folder)) {
    await setImmediate();
    if (trustBound(join(folder, name), join(folder, MARKS, name.replace(/\.db$/, '.mark')))) marked += 1;
  }
  return marked;
}

function trustBound(database: string, file: string): boolean {
  const mark = readMark(file);
  const there = modSeqOf(database);
  if (mark === null || there === null || mark.modSeqBound <= there) {
    rmSync(file, { force: true });
    return false;
  }
  const written = new MarkFile(file, mark);
  written.follow(mark.modSeqBound, mark.validity, mark.nextId);
  written.cover(mark.modSeqBound, 0);
  written.close();
  return true;
}

/** Null where it holds nothing yet. */
function modSeqOf(database: string): number | null {
  try {
    using db = new DatabaseSync(database, { readOnly: true });
    const row = db.prepare('SELECT mod_seq AS n FROM account').get();
    return row === undefined ? null : Number(row.n);
  } catch {
    return null;
  }
}
