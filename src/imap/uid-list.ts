/** Rising lists of UIDs: a view may hold a hundred thousand of them, so they are typed arrays, and are looked up by halving. */
import { numberOf } from '#/codec/imap/index.ts';
import type { Uid } from '#/model/index.ts';

/** Rising, each once. */
export type UidList = Uint32Array;

export const NO_UIDS: UidList = new Uint32Array(0);

/** What both lists have. */
export function common(one: UidList, other: UidList): UidList {
  const [few, many] = one.length < other.length ? [one, other] : [other, one];
  const isIn = membership(many, few.length);
  return few.filter((uid) => isIn(uid));
}

/** What the first has and the second has not. */
export function without(uids: UidList, less: UidList): UidList {
  if (less.length === 0) return uids;
  const isIn = membership(less, uids.length);
  return uids.filter((uid) => !isIn(uid));
}

/** Whether a list has a UID; asked of rising UIDs. Few are looked up by halving, many by going along. */
function membership(uids: UidList, asked: number): (uid: Uid) => boolean {
  if (asked * HALVING_COSTS < uids.length) return (uid) => numberOf(uid, uids) > 0;
  let at = 0;
  return (uid) => {
    while (at < uids.length && (uids[at] as Uid) < uid) at += 1;
    return uids[at] === uid;
  };
}

/** Steps of going along that a look-up costs. */
const HALVING_COSTS = 16;

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
