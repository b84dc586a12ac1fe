/**
 * Which segments are still needed. Content stays where it was first written; a segment goes when no live mail has content in it and the
 * tables hold, durably, all that it says. Where little of an old segment is alive, the rest is carried into a row each (`carry.ts`).
 */
import type { DatabaseSync } from 'node:sqlite';
import { Statement } from '../statement.ts';
import { type Place, placeAt, segmentOf } from './place.ts';
import type { Segments } from './segments.ts';

interface Live {
  mails: number;
  bytes: number;
}

export class SegmentKeeper {
  readonly #segments: Segments;
  readonly #count: Statement<{ segment: number; mails: number; bytes: number }>;
  #live = new Map<number, Live>();
  /** Segments without live content, and how far the log was when that was seen. */
  readonly #empty = new Map<number, Place>();

  constructor(db: DatabaseSync, segments: Segments) {
    this.#segments = segments;
    this.#count = new Statement(
      db,
      `SELECT log_at / 4294967296 AS segment, count(*) AS mails, sum(size) AS bytes
       FROM message INDEXED BY message_log WHERE log_at IS NOT NULL GROUP BY 1`,
    );
    this.recount();
  }

  /** At the start, and after a rollback. */
  recount(): void {
    this.#live = new Map(this.#count.all().map(({ segment, mails, bytes }) => [segment, { mails, bytes }]));
  }

  came(place: Place, bytes: number): void {
    const live = this.#live.getOrInsertComputed(segmentOf(place), () => ({ mails: 0, bytes: 0 }));
    live.mails += 1;
    live.bytes += bytes;
  }

  went(place: Place, bytes: number): void {
    const live = this.#live.get(segmentOf(place));
    if (live === undefined) return;
    live.mails -= 1;
    live.bytes -= bytes;
  }

  /**
   * Removes what nobody needs: the tables are durable up to `durable` as a commit said it; `end` is how far the log is. What was carried
   * into rows is in no place of the log: only a commit behind it says that it is durable, and that names a place behind `end`.
   */
  trim(durable: Place, end: Place): void {
    const before = segmentOf(durable);
    for (const segment of this.#segments.list()) {
      if (segment >= before || (this.#live.get(segment)?.mails ?? 0) > 0) {
        this.#empty.delete(segment);
        continue;
      }
      // What made it empty has to be durable too.
      if (durable <= this.#empty.getOrInsert(segment, end)) continue;
      this.#segments.remove(segment);
      this.#live.delete(segment);
      this.#empty.delete(segment);
    }
  }

  /** The oldest finished segment that has rested and holds less than `fewBytes`, or is old altogether; null where none is. */
  sparse(
    hasRested: (segment: number) => boolean,
    isOld: (segment: number) => boolean,
    fewBytes: number,
  ): number | null {
    const newest = this.#segments.list().at(-1);
    for (const [segment, { mails, bytes }] of [...this.#live].sort(([a], [b]) => a - b)) {
      if (segment === newest || mails === 0 || !hasRested(segment)) continue;
      if (bytes < fewBytes || isOld(segment)) return segment;
    }
    return null;
  }

  /** Where a segment begins and ends, as places. */
  spanOf(segment: number): readonly [Place, Place] {
    return [placeAt(segment, 0), placeAt(segment + 1, 0)];
  }
}
