/**
 * The index of words beside a purge. A message that goes leaves a mark in the index; marks cost searches time and keep their space until the
 * segments that they stand in are written anew. Left to itself, FTS5 does that with each deletion, hundreds of pages at a time, for which
 * the owner waits; here it is done when there are as many marks as messages, so that each page is written about once, in steps (O3).
 * ```
 *   counting ── many marks ──▶ due ── first step ──▶ under way ── a step that finds nothing ──▶ counting
 * ```
 * Counted in memory: marks of an account that was closed meanwhile go when it has as many again, or with the segments that new mail merges.
 */
import type { Database } from './database.ts';
import { THINNED_PAGES, THINNING_MARKS_MIN, THINNING_SHARE_LAST } from './limits.ts';

export class Thinning {
  #marks = 0;
  #state: 'counting' | 'due' | 'under way' = 'counting';

  /** So many messages were taken out of the index. */
  marked(messages: number): void {
    this.#marks += messages;
  }

  /** Whether a step is to be taken, beside so many messages that stay. `last`: nothing else is left to purge. */
  isDue(messages: number, last: boolean): boolean {
    const enough = Math.max(THINNING_MARKS_MIN, last ? messages * THINNING_SHARE_LAST : messages);
    if (this.#state === 'counting' && this.#marks >= enough) this.#state = 'due';
    return this.#state !== 'counting';
  }

  /** Writes some pages of the index anew, without what is marked. In transactions of their own: the index sees neither marks nor settings of the running one. */
  step(db: Database): void {
    if (this.#state === 'due') {
      configure(db, 'deletemerge', MARKED_PERCENT);
      this.#state = 'under way';
      return;
    }
    const before = changesOf(db);
    configure(db, 'merge', THINNED_PAGES);
    if (changesOf(db) - before > 1) return;
    configure(db, 'deletemerge', 0);
    this.#state = 'counting';
    this.#marks = 0;
  }
}

/** Of the entries of a segment; with fewer marks it stays as it is. */
const MARKED_PERCENT = 10;

/** A command to the index, or a setting of it. */
function configure(db: Database, name: 'merge' | 'deletemerge', value: number): void {
  db.run('INSERT INTO term (term, rank) VALUES (?, CAST(? AS INTEGER))', name, value);
}

function changesOf(db: Database): number {
  return db.get<{ changes: number }>('SELECT total_changes() AS changes')?.changes ?? 0;
}
