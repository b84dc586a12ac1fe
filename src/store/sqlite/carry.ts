/**
 * Carries the content of mails that wait long out of the log into rows, so that a segment whose other mails have ended can go, and none
 * stays for more than a day: a log also names people. A little at a time, and never what the next hour may end by itself.
 */
import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { MailId } from '#/model/index.ts';
import { isFault } from '#/model/index.ts';
import type { KeyDay } from '../keys/index.ts';
import { isPlain, UNSEALED } from './bodies.ts';
import { type Place, type Segments, splitBlock } from './log/index.ts';
import { Statement } from './statement.ts';
import type { Tables } from './tables.ts';

/** Before a segment is looked at, ms since it was last written: most of its mails have ended by then. */
const REST_MS = 10 * 60_000;
/** From then on all of it is carried. */
const OLD_MS = 24 * 3_600_000;
const STEP_MAILS = 64;
const STEP_BYTES = 1024 * 1024;
/** Between two steps, ms. */
const PACE_MS = 200;

type ToCarry = { id: MailId; log_at: Place; size: number; sha256: string };

export class Carrier {
  readonly #tables: Tables;
  readonly #segments: Segments;
  readonly #choose: Statement<ToCarry>;
  readonly #insert: Statement;
  readonly #move: Statement;
  /** Segments of which nothing more can be carried. */
  readonly #stuck = new Set<number>();
  #lastId: number;
  #nextAt = 0;

  constructor(db: DatabaseSync, tables: Tables, segments: Segments) {
    this.#tables = tables;
    this.#segments = segments;
    this.#choose = new Statement(
      db,
      `SELECT id, log_at, size, sha256 FROM message INDEXED BY message_log
       WHERE log_at IS NOT NULL AND log_at >= ? AND log_at < ? ORDER BY log_at LIMIT ${STEP_MAILS}`,
    );
    this.#insert = new Statement(db, 'INSERT INTO body (id, day, content) VALUES (?, ?, ?)');
    this.#move = new Statement(db, 'UPDATE message SET body = ?, log_at = NULL WHERE id = ?');
    const last = new Statement<{ last: number | null }>(db, 'SELECT max(id) AS last FROM body').get()?.last ?? 0;
    // Behind the clock, which no number of mails overtakes: never an id that a former process gave out.
    this.#lastId = Math.max(last, Date.now() * 1000);
  }

  /** The segment to carry from, where it is time for a step and one is worth it. */
  next(): number | null {
    if (performance.now() < this.#nextAt) return null;
    this.#nextAt = performance.now() + PACE_MS;
    return this.#tables.keeper.sparse(
      (each) => !this.#stuck.has(each) && this.#restedMs(each) > REST_MS,
      (each) => this.#restedMs(each) > OLD_MS,
      this.#segments.bytes / 2,
    );
  }

  /** One step, in the running transaction. Content that can't be read stays where it is: the scrub names it. */
  step(segment: number): void {
    let bytes = 0;
    let carried = 0;
    for (const mail of this.#choose.all(...this.#tables.keeper.spanOf(segment))) {
      if (bytes > STEP_BYTES) return;
      if (!this.#carry(mail)) continue;
      bytes += mail.size;
      carried += 1;
    }
    if (carried === 0) this.#stuck.add(segment);
  }

  #carry({ id, log_at: place, size, sha256 }: ToCarry): boolean {
    const stored = this.#read(place, size);
    if (stored === null || (stored.day === UNSEALED) !== isPlain(sha256)) return false;
    this.#insert.run(++this.#lastId, stored.day, stored.content);
    this.#move.run(this.#lastId, id);
    this.#tables.keeper.went(place, size);
    return true;
  }

  #read(place: Place, size: number): { readonly day: KeyDay | typeof UNSEALED; readonly content: Uint8Array } | null {
    const block = this.#tables.blocks.read(place, size);
    if (block === null) return null;
    try {
      const { day, rest } = splitBlock(block);
      return { day: day ?? UNSEALED, content: rest };
    } catch (error) {
      if (isFault(error, 'body.damaged')) return null;
      throw error;
    }
  }

  // A segment that is lost has nothing to carry: the scrub names its mails.
  #restedMs(segment: number): number {
    const file = statSync(this.#segments.path(segment), { throwIfNoEntry: false });
    return file === undefined ? 0 : Date.now() - file.mtimeMs;
  }
}
