/**
 * Where to begin looking for what is due. Claimed rows leave dead entries at the begin of their lane's index, and while somebody keeps an
 * old snapshot open no vacuum takes them away: each look from the begin would walk over all of them. So when a look has been slow, the
 * next ones begin where that one ended, and for a while only then from the begin again. Rows that this process puts back are told to it;
 * those of other hosts are found at the next look from the begin.
 */
import type { DestinationKey, TenantId } from '#/model/index.ts';
import type { Waiting } from './changes.ts';

/** One tenant's fresh (0) or tried (1) rows for one destination. */
export interface Lane {
  readonly tenant: TenantId;
  readonly tried: 0 | 1;
}

/** Where a lane's first row that waits may be. */
export type LaneFrom = Lane & { readonly due: number };

/** A look that takes no longer costs nothing worth saving. */
const SLOW_MS = 25;
/** From one slow look to the next it pauses so many times as long, but no longer than `PAUSE_MAX_MS`. */
const PAUSE_FACTOR = 20;
const PAUSE_MAX_MS = 5_000;
const DESTINATIONS_MAX = 10_000;

interface Destination {
  readonly lanes: Map<string, LaneFrom>;
  /** Monotonic ms until which looks begin at the marks. */
  readonly until: number;
}

export class Marks {
  readonly #destinations = new Map<DestinationKey, Destination>();

  /** The lanes and their marks while looks are slow; null where the next look begins at the begin. */
  lanes(destination: DestinationKey): readonly LaneFrom[] | null {
    const known = this.#destinations.get(destination);
    return known === undefined || known.until <= performance.now() ? null : [...known.lanes.values()];
  }

  /** What a look found: where the waiting of these lanes begins now. One from the begin says how long it took. */
  looked(destination: DestinationKey, lanes: readonly LaneFrom[], tookMs: number | null): void {
    const known = this.#destinations.get(destination);
    if (tookMs !== null && tookMs < SLOW_MS) {
      this.#destinations.delete(destination);
      return;
    }
    const all = new Map(known?.lanes);
    for (const lane of lanes) all.set(keyOf(lane), lane);
    if (this.#destinations.size >= DESTINATIONS_MAX) this.#destinations.clear();
    const pauseMs = tookMs === null ? 0 : Math.min(PAUSE_MAX_MS, tookMs * PAUSE_FACTOR);
    const until = tookMs === null ? (known?.until ?? 0) : performance.now() + pauseMs;
    this.#destinations.set(destination, { lanes: all, until });
  }

  /** A row has come to wait. */
  waits({ destination, tenant, tried, due }: Waiting): void {
    const known = this.#destinations.get(destination);
    if (known === undefined) return;
    const from = known.lanes.get(keyOf({ tenant, tried }));
    if (from === undefined || from.due > due) known.lanes.set(keyOf({ tenant, tried }), { tenant, tried, due });
  }
}

function keyOf({ tenant, tried }: Lane): string {
  return `${tried} ${tenant}`;
}
