/** The mailboxes in a copy, opened one by one: whether their databases are sound, and each message in them is whole and has its place. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { CopiedMailboxes, CopyWatch } from '#/ports/index.ts';
import { ACCOUNT_VERSION } from '../sqlite-mailbox/schema.ts';
import { checkDatabase } from './database-check.ts';
import { accountFilesIn, MAILBOXES, REGISTER } from './mailbox-files.ts';

/** Findings that are told one by one; the rest are counted. */
const TOLD_MAX = 20;

/** What is said of the rows that a question finds. */
const QUESTIONS: Readonly<Record<string, string>> = {
  'messages are not as long as they were': `
    SELECT count(*) AS n FROM message WHERE size <> length(begin) + coalesce(
      (SELECT sum(length(octets)) FROM piece WHERE piece.id BETWEEN first_piece AND first_piece + pieces - 1), 0)`,
  'places in mailboxes have no message': `
    SELECT count(*) AS n FROM entry WHERE NOT EXISTS (SELECT 1 FROM message WHERE message.id = entry.message)`,
  'UIDs would be given again': `
    SELECT count(*) AS n FROM mailbox JOIN entry ON entry.mailbox = mailbox.id WHERE entry.uid >= mailbox.uid_next`,
};

export interface MailboxesReport {
  readonly damage: readonly string[];
  /** Null where another release has to count them. */
  readonly counts: CopiedMailboxes | null;
}

/** Looks into the copy of a data directory; null where it has no mailboxes. */
export async function checkMailboxes(dir: string, watch: CopyWatch): Promise<MailboxesReport | null> {
  const folder = join(dir, MAILBOXES);
  if (!existsSync(folder)) return null;
  const damage = new Findings();
  damage.add(await checkDatabase(join(folder, REGISTER), `${MAILBOXES}/${REGISTER}`, watch));
  const counts = { accounts: 0, messages: 0, bytes: 0 };
  let isForeign = false;
  for await (const name of accountFilesIn(folder)) {
    const look = (db: DatabaseSync): string[] => {
      isForeign ||= versionOf(db) > ACCOUNT_VERSION;
      count(db, counts);
      return versionOf(db) === ACCOUNT_VERSION ? answersOf(db) : [];
    };
    damage.add(await checkDatabase(join(folder, name), `${MAILBOXES}/${name}`, watch, look));
    watch.progress('checking mailboxes', counts.accounts, counts.accounts);
  }
  return { damage: damage.told(), counts: isForeign ? null : counts };
}

class Findings {
  readonly #first: string[] = [];
  #more = 0;

  add(lines: readonly string[]): void {
    const fit = Math.max(0, TOLD_MAX - this.#first.length);
    this.#first.push(...lines.slice(0, fit));
    this.#more += Math.max(0, lines.length - fit);
  }

  told(): string[] {
    return this.#more === 0 ? this.#first : [...this.#first, `And ${this.#more} more findings in its mailboxes.`];
  }
}

function answersOf(db: DatabaseSync): string[] {
  return Object.entries(QUESTIONS).flatMap(([what, sql]) => {
    const n = Number(db.prepare(sql).get()?.n);
    return n === 0 ? [] : [`${n} ${what}`];
  });
}

// One that was being made when it was copied holds nothing yet.
function count(db: DatabaseSync, counts: { accounts: number; messages: number; bytes: number }): void {
  const version = versionOf(db);
  if (version === 0 || version > ACCOUNT_VERSION) return;
  const row = db.prepare('SELECT live_messages AS messages, live_bytes AS bytes FROM account').get();
  if (row === undefined) return;
  counts.accounts += 1;
  counts.messages += Number(row.messages);
  counts.bytes += Number(row.bytes);
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version);
}
