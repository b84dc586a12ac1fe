/** Long lists are taken to the store a page at a time, so that nobody else waits for them (O4). */
import type { Uid } from '#/model/index.ts';
import type { Clock } from '#/ports/index.ts';
import type { UidList } from './uid-list.ts';

export function* pagesOf(uids: UidList, most: number): Generator<Uid[]> {
  for (let at = 0; at < uids.length; at += most) yield [...uids.subarray(at, at + most)];
}

/** Between the pages of a command that changes much. */
export interface Rests {
  readonly clock: Clock;
  /** What others of the same store thread ask next goes before the next page, ms. */
  readonly restMs: number;
  /** A command that goes on for longer rests as long as it works, ms. */
  readonly shortMs: number;
  /** At most so, ms. */
  readonly restMsMax: number;
}

/** The same for what changes the store: between two pages others have a moment, and half of the time where it goes on for long. */
export async function* pagesWithRests(uids: UidList, most: number, rests: Rests): AsyncGenerator<Uid[]> {
  const { clock, restMs, shortMs, restMsMax } = rests;
  const beganAt = clock.monotonic();
  let pageMs = 0;
  for (const page of pagesOf(uids, most)) {
    const isLong = clock.monotonic() - beganAt > shortMs;
    if (pageMs > 0) await clock.sleep(isLong ? Math.min(restMsMax, Math.max(restMs, pageMs)) : restMs);
    const from = clock.monotonic();
    yield page;
    pageMs = Math.max(1, clock.monotonic() - from);
  }
}
