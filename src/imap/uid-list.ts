/** Rising lists of UIDs: a view may hold a hundred thousand of them, so they are typed arrays, and are looked up by halving. */
import { numberOf } from '#/codec/imap/index.ts';
import type { Uid } from '#/model/index.ts';

/** Rising, each once. */
export type UidList = Uint32Array;

export const NO_UIDS: UidList = new Uint32Array(0);

/** What both lists have. */
export function common(one: UidList, other: UidList): UidList {
  const [few, many] = one.length < other.length ? [one, other] : [other, one];
  return picked(few, many, true);
}

/** What the first has and the second has not. */
export function without(uids: UidList, less: UidList): UidList {
  return less.length === 0 ? uids : picked(uids, less, false);
}

/**
 * Of `uids` those that `list` has, or those that it has not. Few are looked up by halving, many by going along, without a call for each: a
 * mailbox of a million is nothing that others should wait for (O4).
 */
function picked(uids: UidList, list: UidList, isWanted: boolean): UidList {
  const found = new Uint32Array(uids.length);
  const halves = uids.length * HALVING_COSTS < list.length;
  let [count, at] = [0, 0];
  for (let i = 0; i < uids.length; i++) {
    const uid = uids[i] as Uid;
    if (!halves) while (at < list.length && (list[at] as Uid) < uid) at += 1;
    const isIn = halves ? numberOf(uid, list) > 0 : list[at] === uid;
    if (isIn === isWanted) found[count++] = uid;
  }
  return found.slice(0, count);
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
