/**
 * Closed days, one file each: `archive/2026-11-21.db`. A step copies rows and flushes them before the writer may delete them from the
 * hot tables; a step that is repeated finds them there already. A day is dropped by removing its file: its totals are long committed.
 */
import { existsSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { MailId } from '#/model/index.ts';
import { lookUpHashes } from '../custody/index.ts';
import { archiveFolder } from './connections.ts';
import { dayOf } from './forget.ts';
import { History } from './history.ts';
import type { RecipientKey } from './protocol.ts';
import type { MessageRow, RecipientRow } from './rows.ts';
import { ARCHIVE_SCHEMA } from './schema.ts';
import type { SqlValue } from './statement.ts';
import { Statement } from './statement.ts';

const DAY_MS = 86_400_000;
/** Closed days that stay open for reading. */
const OPEN_MAX = 8;
/** Newer events at the journal's head, from a clock that stood ahead, that a step looks behind. */
const SLACK_EVENTS = 10_000;

type JournalRow = Record<string, SqlValue> & { seq: number; at: number; source: number };
type ArchivedRecipient = RecipientRow & Record<string, SqlValue>;

/** The days that are there, for reading. */
export class Archive {
  readonly #dir: string;
  readonly #open = new Map<string, { readonly db: DatabaseSync; readonly history: History }>();

  constructor(dir: string) {
    this.#dir = archiveFolder(dir);
  }

  /** Newest first. */
  days(): string[] {
    if (!existsSync(this.#dir)) return [];
    const names = readdirSync(this.#dir).filter((name) => /^\d{4,6}-\d\d-\d\d\.db$/.test(name));
    return names
      .map((name) => name.slice(0, -3))
      .sort()
      .reverse();
  }

  history(day: string): History {
    const known = this.#open.get(day);
    if (known !== undefined) return known.history;
    if (this.#open.size >= OPEN_MAX) this.close();
    const db = new DatabaseSync(this.#file(day), { readOnly: true, timeout: 2000 });
    const history = new History(db);
    this.#open.set(day, { db, history });
    return history;
  }

  /** A connection of its own, which the caller closes. */
  openApart(day: string): DatabaseSync {
    return new DatabaseSync(this.#file(day), { readOnly: true, timeout: 2000 });
  }

  close(): void {
    for (const { db } of this.#open.values()) db.close();
    this.#open.clear();
  }

  /** Removes the days that had ended by `before`. */
  drop(before: number): void {
    const gone = this.days().filter((day) => Date.parse(`${day}T00:00:00Z`) + DAY_MS <= before);
    if (gone.length > 0) this.close();
    for (const day of gone) unlinkSync(this.#file(day));
  }

  #file(day: string): string {
    return join(this.#dir, `${day}.db`);
  }

  /** Copies rows of one day, durably. */
  write(day: string, fill: (db: DatabaseSync) => void): void {
    this.close();
    const db = new DatabaseSync(this.#file(day), { timeout: 2000 });
    try {
      db.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; BEGIN IMMEDIATE;');
      db.exec(ARCHIVE_SCHEMA);
      fill(db);
      db.exec('COMMIT');
    } finally {
      db.close();
    }
  }
}

/** The copying half of a roll-over. */
export class Archiver {
  readonly #archive: Archive;
  readonly #recipients: Statement<ArchivedRecipient>;
  readonly #events: Statement<JournalRow>;
  readonly #message: Statement<MessageRow & Record<string, SqlValue>>;
  readonly #source: Statement<Record<string, SqlValue>>;

  constructor(db: DatabaseSync, archive: Archive) {
    this.#archive = archive;
    this.#recipients = new Statement(
      db,
      `SELECT * FROM recipient INDEXED BY recipient_ended WHERE phase = 2 AND ended_at < ? ORDER BY ended_at LIMIT ?`,
    );
    this.#events = new Statement(
      db,
      `SELECT * FROM (SELECT * FROM journal WHERE seq <=
         coalesce((SELECT CAST(value AS INTEGER) FROM fact WHERE name = 'store.look-up.cursor'), 0) ORDER BY seq LIMIT ?)
       WHERE at < ? ORDER BY seq LIMIT ?`,
    );
    this.#message = new Statement(db, 'SELECT * FROM message WHERE id = ?');
    this.#source = new Statement(db, 'SELECT * FROM source WHERE id = ?');
  }

  /** Copies up to `limit` ended recipients and events from before `before`; what comes back may be deleted from the hot tables. */
  copy(before: number, limit: number): { recipients: RecipientKey[]; events: number[]; more: boolean } {
    const recipients = this.#recipients.all(before, limit);
    const events = this.#events.all(limit + SLACK_EVENTS, before, limit);
    const byDay = Map.groupBy(recipients, (row) => dayOf(row.ended_at ?? 0));
    const eventsByDay = Map.groupBy(events, (row) => dayOf(row.at));
    for (const day of new Set([...byDay.keys(), ...eventsByDay.keys()]))
      this.#archive.write(day, (db) => this.#fill(db, byDay.get(day) ?? [], eventsByDay.get(day) ?? []));
    return {
      recipients: recipients.map(({ message, n }) => [message, n]),
      events: events.map(({ seq }) => seq),
      more: recipients.length >= limit || events.length >= limit,
    };
  }

  #fill(db: DatabaseSync, recipients: readonly ArchivedRecipient[], events: readonly JournalRow[]): void {
    const put = inserterOf(db);
    const messages = new Map<MailId, MessageRow>();
    for (const { message } of recipients) {
      const row = messages.has(message) ? undefined : this.#message.get(message);
      if (row === undefined) continue;
      messages.set(message, row);
      // Its content is gone with its last recipient.
      const { log_at: _place, born: _born, ...lasting } = row;
      put('message', lasting);
    }
    for (const row of recipients) {
      // It has ended, and the journal says by which verdict.
      const { verdict: _verdict, judged: _judged, ...ended } = row;
      put('recipient', ended);
      const { sender = null, message_id: messageId = '' } = messages.get(row.message) ?? {};
      for (const hash of lookUpHashes([sender, row.address, row.original], messageId))
        put('look_up', { lot: 0, hash, message: row.message });
    }
    for (const source of new Set(events.map((event) => event.source))) put('source', this.#source.get(source) ?? {});
    for (const event of events) put('journal', event);
  }
}

function inserterOf(db: DatabaseSync): (table: string, row: Record<string, SqlValue>) => void {
  const statements = new Map<string, Statement>();
  return (table, row) => {
    const columns = Object.keys(row);
    if (columns.length === 0) return;
    const statement = statements.getOrInsertComputed(table, () => {
      const marks = columns.map(() => '?').join(', ');
      return new Statement(db, `INSERT OR REPLACE INTO ${table} (${columns.join(', ')}) VALUES (${marks})`);
    });
    statement.run(...Object.values(row));
  };
}
