/** Live UIDs of mailboxes that were looked at lately, within a budget that all accounts of a thread share. */
import type { Uid } from '#/model/index.ts';
import { VIEW_BYTES_MAX } from './limits.ts';
import type { Run } from './uid-runs.ts';

/** Rising UIDs, with room behind them for what comes. */
class UidList {
  #uids: Uint32Array;
  #length: number;

  constructor(uids: Uint32Array) {
    this.#uids = uids;
    this.#length = uids.length;
  }

  get bytes(): number {
    return this.#uids.byteLength;
  }

  copy(): Uint32Array<ArrayBuffer> {
    return this.#uids.slice(0, this.#length);
  }

  add(uid: Uid): void {
    if (this.#length === this.#uids.length) {
      const larger = new Uint32Array(Math.max(64, this.#length * 2));
      larger.set(this.#uids);
      this.#uids = larger;
    }
    this.#uids[this.#length++] = uid;
  }

  /** Runs between which nothing lives become one. */
  bridge(runs: readonly Run[]): Run[] {
    const bridged: [from: Uid, to: Uid][] = [];
    for (const [from, to] of runs) {
      const last = bridged.at(-1);
      if (last !== undefined && this.#firstAbove(last[1]) >= from) last[1] = to;
      else bridged.push([from, to]);
    }
    return bridged;
  }

  #firstAbove(uid: Uid): Uid {
    const place = this.#placeAbove(uid);
    return place < this.#length ? (this.#uids[place] as Uid) : Number.POSITIVE_INFINITY;
  }

  #placeAbove(uid: Uid): number {
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#uids[middle] as Uid) <= uid) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Both rise. What stands behind moves in one go: of a million a page goes a thousand times. */
  remove(gone: ArrayLike<Uid>): void {
    const last = gone[gone.length - 1];
    if (last === undefined) return;
    const behind = this.#placeAbove(last);
    let kept = this.#placeAbove((gone[0] as Uid) - 1);
    let next = 0;
    for (let i = kept; i < behind; i++) {
      const uid = this.#uids[i] as Uid;
      while (next < gone.length && (gone[next] as Uid) < uid) next += 1;
      if (gone[next] !== uid) this.#uids[kept++] = uid;
    }
    this.#uids.copyWithin(kept, behind, this.#length);
    this.#length -= behind - kept;
  }
}

export class Views {
  /** The one that was used last is the last. Keys are the account's own object and a mailbox of it. */
  readonly #lists = new Map<UidList, { readonly owner: Map<number, UidList>; readonly mailbox: number }>();
  #bytes = 0;

  /** The views of one account. */
  ofAccount(): AccountViews {
    return new AccountViews(this);
  }

  keep(list: UidList, owner: Map<number, UidList>, mailbox: number): void {
    owner.set(mailbox, list);
    this.#lists.set(list, { owner, mailbox });
    this.#bytes += list.bytes;
    for (const oldest of this.#lists.keys()) {
      if (this.#bytes <= VIEW_BYTES_MAX || oldest === list) break;
      this.drop(oldest);
    }
  }

  drop(list: UidList): void {
    const place = this.#lists.get(list);
    if (place === undefined) return;
    this.#lists.delete(list);
    this.#bytes -= list.bytes;
    place.owner.delete(place.mailbox);
  }

  /** The same list, looked at or grown just now. */
  touch(list: UidList, change: (list: UidList) => void): void {
    const place = this.#lists.get(list);
    if (place === undefined) return;
    this.#lists.delete(list);
    this.#bytes -= list.bytes;
    change(list);
    this.keep(list, place.owner, place.mailbox);
  }
}

export class AccountViews {
  readonly #all: Views;
  readonly #own = new Map<number, UidList>();

  constructor(all: Views) {
    this.#all = all;
  }

  /** A copy that the caller may give away. */
  get(mailbox: number, load: () => Uint32Array): Uint32Array<ArrayBuffer> {
    return this.#list(mailbox, load).copy();
  }

  /** Runs between which nothing lives become one. */
  bridge(mailbox: number, runs: readonly Run[], load: () => Uint32Array): Run[] {
    return this.#list(mailbox, load).bridge(runs);
  }

  #list(mailbox: number, load: () => Uint32Array): UidList {
    let list = this.#own.get(mailbox);
    if (list === undefined) {
      list = new UidList(load());
      this.#all.keep(list, this.#own, mailbox);
    } else this.#all.touch(list, () => {});
    return list;
  }

  add(mailbox: number, uid: Uid): void {
    const list = this.#own.get(mailbox);
    if (list !== undefined) this.#all.touch(list, () => list.add(uid));
  }

  /** Rising. */
  remove(mailbox: number, gone: ArrayLike<Uid>): void {
    this.#own.get(mailbox)?.remove(gone);
  }

  /** After a rollback nothing that was remembered counts. */
  clear(): void {
    for (const list of [...this.#own.values()]) this.#all.drop(list);
  }
}
