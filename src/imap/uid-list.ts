/** Rising lists of UIDs: a view may hold a hundred thousand of them, so they are typed arrays, and are looked up by halving. */
import { numberOf } from '#/codec/imap/index.ts';

/** Rising, each once. */
export type UidList = Uint32Array;

export const NO_UIDS: UidList = new Uint32Array(0);

/** What both lists have. */
export function common(one: UidList, other: UidList): UidList {
  const [few, many] = one.length < other.length ? [one, other] : [other, one];
  return few.filter((uid) => numberOf(uid, many) > 0);
}

/** What the first has and the second has not. */
export function without(uids: UidList, less: UidList): UidList {
  return less.length === 0 ? uids : uids.filter((uid) => numberOf(uid, less) === 0);
}

/** What either has. */
export function union(one: UidList, other: UidList): UidList {
  if (one.length === 0) return other;
  if (other.length === 0) return one;
  const all = new Uint32Array(one.length + other.length);
  all.set(one);
  all.set(other, one.length);
  all.sort();
  return all.filter((uid, place) => uid !== all[place - 1]);
}
