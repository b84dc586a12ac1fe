/**
 * Where in the journal a span of time lies, without an index that acceptance would have to keep. Events stand in order of `seq`, and of time but
 * for a clock that was put back. Where it was, and where a process began, the writer notes a *step* (`journal_step`): from one step to the next no
 * event is more than `SLACK_MS` older than one before it, so that halving finds bounds outside of which nothing of the span stands.
 *
 * What must never happen: an event of the span outside of the bounds. One that is inside and not of the span is the caller's to leave out.
 */
import type { DatabaseSync } from 'node:sqlite';
import { Statement } from './statement.ts';

/** By so much the clock may go back without a step: it is put right in small pieces all the time. */
export const SLACK_MS = 1_000;

/** `from` is the first seq, `to` the first behind the last. */
export interface SeqRange {
  readonly from: number;
  readonly to: number;
}

/** The writing half: says at which events a step has to be noted. */
export class StepNotes {
  readonly #note: Statement;
  // The first event after a start or a rollback begins a run: nothing is known of those before it.
  #newestAt = Number.POSITIVE_INFINITY;

  constructor(db: DatabaseSync) {
    this.#note = new Statement(db, 'INSERT OR IGNORE INTO journal_step (seq) VALUES (?)');
  }

  see(seq: number, at: number): void {
    if (at < this.#newestAt - SLACK_MS) {
      this.#note.run(seq);
      this.#newestAt = at;
    } else if (at > this.#newestAt) this.#newestAt = at;
  }

  forget(): void {
    this.#newestAt = Number.POSITIVE_INFINITY;
  }
}

/** The reading half. */
export class JournalSpan {
  readonly #bounds: Statement<{ first: number | null; last: number | null }>;
  readonly #steps: Statement<{ seq: number }>;
  readonly #at: Statement<{ at: number }>;

  constructor(db: DatabaseSync) {
    // Each by itself is a look at one end; both in one question would read every row.
    this.#bounds = new Statement(
      db,
      'SELECT (SELECT min(seq) FROM journal) AS first, (SELECT max(seq) FROM journal) AS last',
    );
    this.#steps = new Statement(db, 'SELECT seq FROM journal_step WHERE seq <= ? ORDER BY seq');
    this.#at = new Statement(db, 'SELECT at FROM journal WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT 1');
  }

  /** Ranges that hold every event from `from` on and before `to` (wall-clock ms), in order; none where there is none. */
  ranges(from: number, to: number): readonly SeqRange[] {
    const { first, last } = this.#bounds.get() ?? { first: null, last: null };
    if (first === null || last === null) return [];
    const starts = [
      first,
      ...this.#steps
        .all(last)
        .map(({ seq }) => seq)
        .filter((seq) => seq > first),
    ];
    const known = this.#steps.all(first).length > 0;
    const runs = starts.map((start, i): SeqRange => ({ from: start, to: starts[i + 1] ?? last + 1 }));
    // What an earlier release wrote has no steps: it is read as a whole.
    const narrowed = runs.map((run, i) => (i === 0 && !known ? run : this.#narrowed(run, from, to)));
    return narrowed.filter((run) => run.from < run.to);
  }

  #narrowed(run: SeqRange, from: number, to: number): SeqRange {
    const begin = this.#firstWhere(run, (at) => at >= from - SLACK_MS);
    return { from: begin, to: this.#firstWhere({ from: begin, to: run.to }, (at) => at >= to + SLACK_MS) };
  }

  /** Behind what is returned lie only events younger by the slack than what fails; before it none that holds by more than that. */
  #firstWhere(run: SeqRange, holds: (at: number) => boolean): number {
    let [low, high] = [run.from, run.to];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (holds(this.#at.get(middle, run.to)?.at ?? Number.POSITIVE_INFINITY)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
