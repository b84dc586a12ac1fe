/**
 * One client's picture of a mailbox, drawn from nothing but what it is told, by the rules of RFC 9051 §7.5 and RFC 7162. It is strict: what a
 * real client would be misled by fails here.
 *
 *   empty ── EXISTS, FETCH, EXPUNGE, VANISHED ──▶ what the server has, as soon as all was told
 */
import assert from 'node:assert/strict';
import type { Tree } from '../../mail-clients/imap-tree.ts';

/** What the client turned on: changes alone, mod-sequences with them, or VANISHED in the place of EXPUNGE. */
export type Manner = 'plain' | 'condstore' | 'qresync';

export interface Place {
  /** Null until it was told. */
  uid: number | null;
  /** In order; null until they were told. */
  flags: string | null;
  /** That of the flags; 0 where none was told with them. */
  modSeq: number;
}

/** A STORE.SILENT that runs: the client knows what it has done itself (RFC 9051 §6.4.6). */
export interface Silence {
  readonly how: string;
  readonly flags: readonly string[];
}

export class Picture {
  readonly manner: Manner;
  readonly places: Place[];
  /** Told of the mailbox as a whole. */
  uidValidity = 0;
  uidNext = 0;
  /** The highest mod-sequence that was told of anything. */
  modSeq = 0;
  /** HIGHESTMODSEQ when it was opened: up to there, all was told. */
  openedAt = 0;
  /** Whether a command runs in which no number may move (RFC 9051 §7.5.1). */
  held = false;
  /** Whether a FETCH runs: what it says is what was asked for. */
  reads = false;
  silence: Silence | null = null;
  /** Heard of each that goes. */
  onGone: (uid: number) => void = () => undefined;
  /** While it is opened with QRESYNC: the first EXISTS says what it is to be, and what was missed comes behind it by UID. */
  #resuming: { exists: number | null } | null = null;
  /** By UID, the last MODSEQ that was told. */
  readonly #modSeqs = new WeakMap<Place, number>();

  constructor(manner: Manner, known: readonly Place[] = []) {
    this.manner = manner;
    this.places = known.map((place) => ({ ...place }));
    this.#resuming = known.length > 0 ? { exists: null } : null;
  }

  /** What was missed was told: with QRESYNC, the picture is now what EXISTS said (RFC 7162 §3.2.5). */
  opened(): void {
    if (this.#resuming === null) return;
    assert.equal(this.places.length, this.#resuming.exists, 'RFC 7162 §3.2.5: what was missed makes the picture whole');
    this.#resuming = null;
  }

  /** Takes one untagged response. */
  take(words: readonly Tree[]): void {
    const [first, second, third] = words;
    if (second === 'EXISTS') this.#exists(Number(first));
    else if (second === 'EXPUNGE') this.#expunge(Number(first));
    else if (second === 'FETCH') this.#fetch(Number(first), itemsOf(third));
    else if (first === 'VANISHED' && Array.isArray(second)) this.#vanishedEarlier(uidsIn(third));
    else if (first === 'VANISHED') this.#vanished(uidsIn(second));
    else if (first === 'OK' && Array.isArray(second)) this.takeCode(second);
  }

  /** Takes a response code, of an untagged response or a tagged one. */
  takeCode([name, value]: readonly Tree[]): void {
    if (name === 'UIDVALIDITY') this.uidValidity = Number(value);
    else if (name === 'UIDNEXT') this.uidNext = Number(value);
    else if (name === 'HIGHESTMODSEQ') {
      if (this.openedAt === 0) this.openedAt = Number(value);
      this.modSeq = Math.max(this.modSeq, Number(value));
    }
  }

  /** The place of a UID, or none. */
  at(uid: number): Place | undefined {
    return this.places.find((place) => place.uid === uid);
  }

  get isLearned(): boolean {
    return this.places.every(({ uid, flags }) => uid !== null && flags !== null);
  }

  #exists(count: number): void {
    if (this.#resuming?.exists === null) {
      this.#resuming.exists = count;
      return;
    }
    // News, behind what was missed.
    this.opened();
    assert.ok(count >= this.places.length, `RFC 9051 §7.4.1: EXISTS never falls, ${this.places.length} to ${count}`);
    while (this.places.length < count) this.places.push({ uid: null, flags: null, modSeq: 0 });
  }

  #expunge(number: number): void {
    assert.notEqual(this.manner, 'qresync', 'RFC 7162 §3.2.10: VANISHED takes the place of EXPUNGE');
    assert.ok(!this.held, 'RFC 9051 §7.5.1: no EXPUNGE while numbers are in use');
    assert.ok(number >= 1 && number <= this.places.length, `EXPUNGE ${number} of ${this.places.length}`);
    this.#remove(number - 1);
  }

  #vanished(uids: readonly number[]): void {
    this.opened();
    assert.equal(this.manner, 'qresync', 'RFC 7162 §3.2.10: VANISHED is for those who asked for it');
    assert.ok(!this.held, 'RFC 7162 §3.2.10.2: no VANISHED while numbers are in use');
    for (const uid of uids) {
      const at = this.#placeFor(uid);
      assert.ok(at >= 0, `RFC 7162 §3.2.10.2: VANISHED names ${uid}, which the client was never told of`);
      this.onGone(uid);
      this.places.splice(at, 1);
    }
  }

  // RFC 7162 §3.2.10.1: it may name what the client never knew.
  #vanishedEarlier(uids: readonly number[]): void {
    for (const uid of uids) {
      this.onGone(uid);
      const at = this.places.findIndex((place) => place.uid === uid);
      if (at >= 0) this.places.splice(at, 1);
    }
  }

  // A message of which the client knows the number alone stands between those whose UIDs it knows.
  #placeFor(uid: number): number {
    const known = this.places.findIndex((place) => place.uid === uid);
    if (known >= 0) return known;
    const behind = this.places.findLastIndex((place) => place.uid !== null && place.uid < uid);
    return this.places[behind + 1]?.uid === null ? behind + 1 : -1;
  }

  #remove(at: number): void {
    const [gone] = this.places.splice(at, 1);
    if (gone?.uid !== null && gone !== undefined) this.onGone(gone.uid);
  }

  #fetch(number: number, items: ReadonlyMap<string, Tree>): void {
    const uid = items.has('UID') ? Number(items.get('UID')) : null;
    if (this.#resuming !== null && uid !== null) this.#make(uid);
    const place = this.places[number - 1];
    if (this.#resuming === null) assert.ok(place !== undefined, `FETCH ${number} of ${this.places.length}`);
    const right = this.#resuming === null ? place : this.at(uid ?? 0);
    if (this.manner === 'qresync' && !this.reads)
      assert.ok(uid !== null, 'RFC 7162 §3.2.4: with QRESYNC, what is told without being read has its UID');
    if (right === undefined) return;
    if (uid !== null) this.#name(right, uid, number);
    this.#change(right, items);
  }

  #make(uid: number): void {
    if (this.at(uid) !== undefined) return;
    const behind = this.places.findLastIndex((place) => (place.uid ?? 0) < uid);
    this.places.splice(behind + 1, 0, { uid, flags: null, modSeq: 0 });
  }

  #name(place: Place, uid: number, number: number): void {
    assert.ok(place.uid === null || place.uid === uid, `message ${number} was UID ${place.uid} and is ${uid}`);
    place.uid = uid;
    if (this.#resuming !== null) return;
    const before = this.places.slice(0, number - 1).findLast((other) => other.uid !== null);
    const behind = this.places.slice(number).find((other) => other.uid !== null);
    assert.ok((before?.uid ?? 0) < uid && uid < (behind?.uid ?? Infinity), `UIDs rise by number: ${uid} at ${number}`);
  }

  #change(place: Place, items: ReadonlyMap<string, Tree>): void {
    const [told] = [items.get('MODSEQ')].flat();
    const modSeq = told === undefined ? null : Number(told);
    if (modSeq !== null) this.#rises(place, modSeq);
    const flags = items.get('FLAGS');
    if (Array.isArray(flags)) {
      assert.ok(
        this.manner === 'plain' || modSeq !== null,
        'RFC 7162 §3.2: with CONDSTORE, FLAGS come with their MODSEQ',
      );
      place.flags = inOrder(flags);
      place.modSeq = modSeq ?? 0;
    } else if (modSeq !== null && this.silence !== null) {
      place.flags = after(place.flags, this.silence);
      place.modSeq = modSeq;
    }
  }

  #rises(place: Place, modSeq: number): void {
    const before = this.#modSeqs.get(place) ?? 0;
    assert.ok(modSeq >= before, `RFC 7162 §3.1: MODSEQ of UID ${place.uid} fell from ${before} to ${modSeq}`);
    this.#modSeqs.set(place, modSeq);
    this.modSeq = Math.max(this.modSeq, modSeq);
  }
}

/** Flags after a change of which the client is not told more. */
export function after(flags: string | null, { how, flags: changed }: Silence): string | null {
  if (how === '') return inOrder(changed);
  if (flags === null) return null;
  const before = flags.split(' ').filter((flag) => flag !== '');
  return inOrder(how === '+' ? [...before, ...changed] : before.filter((flag) => !changed.includes(flag)));
}

/** Flags as one text. */
export function inOrder(flags: readonly Tree[]): string {
  return [...new Set(flags.map(String).filter((flag) => flag !== '\\Recent'))].sort().join(' ');
}

/** The items of a FETCH by name. */
export function itemsOf(tree: Tree | undefined): ReadonlyMap<string, Tree> {
  const items = new Map<string, Tree>();
  if (Array.isArray(tree)) for (let at = 0; at + 1 < tree.length; at += 2) items.set(String(tree[at]), tree[at + 1]);
  return items;
}

/** `3:5,7` as 3, 4, 5, 7. */
export function uidsIn(tree: Tree | undefined): readonly number[] {
  const ranges = String(tree ?? '')
    .split(',')
    .filter((range) => range !== '');
  return ranges.flatMap((range) => {
    const [from = 0, to = from] = range.split(':').map(Number);
    return Array.from({ length: to - from + 1 }, (_, at) => from + at);
  });
}
