/**
 * Keys that need no row, laid over a view: one octet a message, 1 where the key is true. A thousand keys over a hundred thousand messages stay
 * cheap that way, whoever writes them.
 */
import { numberOf, type SearchKey } from '#/codec/imap/index.ts';
import type { UidList } from '../uid-list.ts';

export type Mask = Uint8Array;

/** `found`: the UIDs of keys that name messages, or look for text. */
export function maskOf(key: SearchKey, uids: UidList, found: ReadonlyMap<SearchKey, UidList>): Mask {
  const mask = new Uint8Array(uids.length);
  switch (key.kind) {
    case 'numbers':
    case 'uids':
    case 'text':
      for (const uid of found.get(key) ?? []) mark(mask, numberOf(uid, uids));
      return mask;
    case 'not':
      return maskOf(key.key, uids, found).map((bit) => 1 - bit);
    case 'or':
      for (const inner of key.keys) combine(mask, maskOf(inner, uids, found), (one, other) => one | other);
      return mask;
    case 'and':
      mask.fill(1);
      for (const inner of key.keys) combine(mask, maskOf(inner, uids, found), (one, other) => one & other);
      return mask;
    default:
      return mask.fill(1);
  }
}

function mark(mask: Mask, number: number): void {
  if (number > 0) mask[number - 1] = 1;
}

function combine(mask: Mask, other: Mask, how: (one: number, other: number) => number): void {
  for (let at = 0; at < mask.length; at++) mask[at] = how(mask[at] ?? 0, other[at] ?? 0);
}
