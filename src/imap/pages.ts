/** Long lists are taken to the store a page at a time, so that nobody else waits for them (O4). */
import type { Uid } from '#/model/index.ts';
import type { UidList } from './uid-list.ts';

export function* pagesOf(uids: UidList, most: number): Generator<Uid[]> {
  for (let at = 0; at < uids.length; at += most) yield [...uids.subarray(at, at + most)];
}
