/** Long lists are taken to the store a page at a time, so that nobody else waits for them (O4). */
import type { Uid } from '#/model/index.ts';
import type { Clock } from '#/ports/index.ts';
import type { UidList } from './uid-list.ts';

export function* pagesOf(uids: UidList, most: number): Generator<Uid[]> {
  for (let at = 0; at < uids.length; at += most) yield [...uids.subarray(at, at + most)];
}

/** The same for what changes the store: between two pages others have a moment. */
export async function* pagesWithRests(
  uids: UidList,
  most: number,
  { clock, restMs }: { readonly clock: Clock; readonly restMs: number },
): AsyncGenerator<Uid[]> {
  let isFirst = true;
  for (const page of pagesOf(uids, most)) {
    if (!isFirst) await clock.sleep(restMs);
    isFirst = false;
    yield page;
  }
}
