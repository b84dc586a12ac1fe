/** The keys of stored content, as threads use them: wrapped ones stand in custody's own file, so that key and content are committed together. */
import type { DatabaseSync } from 'node:sqlite';
import { Fault } from '#/model/index.ts';
import type { KeyDay } from '../keys/index.ts';
import { keyDayOf, newDayKey, openInstallationKey, unwrapDayKey, wrapDayKey } from '../keys/index.ts';
import { Statement } from './statement.ts';

/** Days whose keys stay unwrapped in memory. */
const UNWRAPPED_MAX = 64;
const DAY_MS = 86_400_000;

export class BodyKeys {
  readonly #installationKey: Buffer;
  readonly #unwrapped = new Map<KeyDay, Buffer>();
  readonly #load: Statement<{ wrapped: Uint8Array }>;
  readonly #save: Statement;
  #today: { readonly number: number; readonly day: KeyDay } = { number: -1, day: keyDayOf(0) };

  /** Opens the installation key, which is made where nothing is locked yet; fault `key.missing` when it is absent or another one. */
  constructor(db: DatabaseSync, keyFile: string) {
    this.#load = new Statement(db, 'SELECT wrapped FROM day_key WHERE day = ?');
    this.#save = new Statement(db, 'INSERT INTO day_key (day, wrapped) VALUES (?, ?)');
    const newest = new Statement<{ day: KeyDay }>(db, 'SELECT day FROM day_key ORDER BY day DESC LIMIT 1').get();
    this.#installationKey = openInstallationKey(keyFile, newest !== undefined);
    if (newest !== undefined) this.opening(newest.day);
  }

  /** The key of the day of `now`; null where the day has none yet. */
  sealing(now: number): { readonly day: KeyDay; readonly key: Buffer } | null {
    const day = this.#dayOf(now);
    const key = this.#unwrapped.get(day) ?? this.#find(day);
    return key === null ? null : { day, key };
  }

  /** Makes the key of the day of `now`, in a transaction that has to be durable before anything is sealed with it. */
  make(now: number): void {
    const day = this.#dayOf(now);
    this.#save.run(day, wrapDayKey(this.#installationKey, day, newDayKey()));
  }

  /** The key that opens what `day` sealed; fault `key.missing` when it was destroyed. */
  opening(day: KeyDay): Buffer {
    const key = this.#unwrapped.get(day) ?? this.#find(day);
    if (key === null) throw new Fault('key.missing', `The key of ${day} is not there any more.`);
    return key;
  }

  /** After a rollback: a key that was made in it was never stored. */
  forget(): void {
    this.#unwrapped.clear();
  }

  // Asked for every mail, answered anew once a day.
  #dayOf(now: number): KeyDay {
    const number = Math.floor(now / DAY_MS);
    if (number !== this.#today.number) this.#today = { number, day: keyDayOf(now) };
    return this.#today.day;
  }

  #find(day: KeyDay): Buffer | null {
    const row = this.#load.get(day);
    return row === undefined ? null : this.#keep(day, unwrapDayKey(this.#installationKey, day, row.wrapped));
  }

  #keep(day: KeyDay, key: Buffer): Buffer {
    if (this.#unwrapped.size >= UNWRAPPED_MAX) this.#unwrapped.clear();
    this.#unwrapped.set(day, key);
    return key;
  }
}
