/** What waits, how fast it moves, and when it will be through (M7). */
import {
  type Books,
  type FlowView,
  INSPECT_DESTINATION,
  LOCAL_DESTINATION,
  PROBE_TENANT,
  SLOW_INSPECT_DESTINATION,
} from '#/model/index.ts';
import type { Depth } from '#/ports/index.ts';
import { flowWindowMs } from './limits.ts';

/** Sums of the books at a moment, monotonic ms. */
interface Tally {
  readonly at: number;
  readonly accepted: number;
  readonly ended: number;
  readonly waiting: number;
}

const MINUTE_MS = 60_000;

export class Flow {
  readonly #tallies: Tally[] = [];

  /** What the books say at a monotonic ms. */
  add(at: number, books: readonly Books[]): void {
    const sum = (pick: (one: Books) => number): number => books.reduce((all, one) => all + pick(one), 0);
    this.#tallies.push({
      at,
      accepted: sum(({ accepted }) => accepted),
      ended: sum(({ delivered, bounced, discarded, expired }) => delivered + bounced + discarded + expired),
      waiting: sum(({ queued }) => queued),
    });
    while (this.#tallies.length > 2 && at - (this.#tallies[0]?.at ?? at) > flowWindowMs) this.#tallies.shift();
  }

  /** Null before the books were read. */
  view(oldestMs: number | null): FlowView | null {
    const [first, last] = [this.#tallies[0], this.#tallies.at(-1)];
    if (first === undefined || last === undefined) return null;
    const minutes = (last.at - first.at) / MINUTE_MS;
    const pace = (pick: (one: Tally) => number): number =>
      minutes <= 0 ? 0 : Math.max(0, (pick(last) - pick(first)) / minutes);
    const arrivedPerMinute = pace(({ accepted }) => accepted);
    const leftPerMinute = pace(({ ended }) => ended);
    const drainMs = drainOf(last.waiting, leftPerMinute - arrivedPerMinute);
    return { waiting: last.waiting, oldestMs, arrivedPerMinute, leftPerMinute, drainMs };
  }
}

/** Until so many are through at a net pace a minute; null where they would never be. */
export function drainOf(waiting: number, perMinute: number): number | null {
  if (waiting === 0) return 0;
  return perMinute > 0 ? (waiting / perMinute) * MINUTE_MS : null;
}

/** Ms since the most urgent of some destinations has been due without being taken. */
export function overdueOf(depths: readonly Depth[], now: number, is: (destination: string) => boolean): number {
  const due = depths.filter(({ destination, waiting }) => waiting > 0 && is(destination)).map(({ nextDue }) => nextDue);
  return due.length === 0 ? 0 : Math.max(0, now - Math.min(...due));
}

/** Age of the oldest mail that is due; mail that was told to come again later is not. Null where none is. */
export function oldestOf(depths: readonly Depth[], now: number): number | null {
  const due = depths.filter(({ waiting, nextDue, tenant }) => waiting > 0 && nextDue <= now && tenant !== PROBE_TENANT);
  return due.length === 0 ? null : Math.max(0, now - Math.min(...due.map(({ oldestAt }) => oldestAt)));
}

export const isInspection = (destination: string): boolean =>
  destination === INSPECT_DESTINATION || destination === SLOW_INSPECT_DESTINATION;
export const isMailboxes = (destination: string): boolean => destination === LOCAL_DESTINATION;
/** A next server of the operator's own choice; those of the world are their owners'. */
export const isUpstream = (destination: string): boolean => destination.startsWith('route:');
