/** The keys of an installation at work: today's for sealing, every living day's for opening. Unwrapped keys stay in memory, few and bounded. */
import { createHmac } from 'node:crypto';
import { Fault } from '#/model/index.ts';
import type { KeyDay } from './day.ts';
import { keyDayOf } from './day.ts';
import { openInstallationKey } from './installation-key.ts';
import { newDayKey, unwrapDayKey, wrapDayKey } from './seal.ts';
import type { WrappedKeys } from './wrapped-keys.ts';

export interface DayKey {
  readonly day: KeyDay;
  readonly key: Buffer;
}

export interface KeyRing {
  /** The key that seals what arrives at `nowMs` (wall clock); made, wrapped and durable before it is given out. */
  sealing(nowMs: number): Promise<DayKey>;
  /** The key that opens what `day` sealed; fault `key.missing` where it was destroyed or never was. */
  opening(day: KeyDay): Promise<Buffer>;
  /** Days that have a key, oldest first. */
  days(): Promise<readonly KeyDay[]>;
  /** Destroys a day's key: what it sealed can't be read by anyone, ever. */
  destroy(day: KeyDay): Promise<void>;
  /** A key of 32 bytes for one purpose, the same for the life of the installation; it tells nothing of the installation key. */
  derived(purpose: string): Buffer;
}

const UNWRAPPED_MAX = 512;

/**
 * The ring of the key in `keyFile`, which is made on the first run. Fault `key.missing` when the file is absent beside wrapped keys, or
 * is not the one that wrapped the newest of them. `alsoLocked` says that another keeper has content under this key.
 */
export async function openKeyRing(options: {
  readonly keyFile: string;
  readonly wrapped: WrappedKeys;
  readonly alsoLocked?: boolean;
}): Promise<KeyRing> {
  const days = await options.wrapped.days();
  const installationKey = openInstallationKey(options.keyFile, days.length > 0 || options.alsoLocked === true);
  const ring = new Ring(installationKey, options.wrapped);
  const newest = days.at(-1);
  if (newest !== undefined) await ring.opening(newest);
  return ring;
}

class Ring implements KeyRing {
  readonly #installationKey: Buffer;
  readonly #wrapped: WrappedKeys;
  // Promises, so that callers of one moment share one look-up and one making.
  readonly #unwrapped = new Map<KeyDay, Promise<Buffer | null>>();
  readonly #making = new Map<KeyDay, Promise<Buffer>>();

  constructor(installationKey: Buffer, wrapped: WrappedKeys) {
    this.#installationKey = installationKey;
    this.#wrapped = wrapped;
  }

  async sealing(nowMs: number): Promise<DayKey> {
    const day = keyDayOf(nowMs);
    const key = (await this.#known(day)) ?? (await this.#make(day));
    return { day, key };
  }

  async opening(day: KeyDay): Promise<Buffer> {
    const key = await this.#known(day);
    if (key === null) throw new Fault('key.missing', `The key of ${day} is not there any more.`);
    return key;
  }

  days(): Promise<readonly KeyDay[]> {
    return this.#wrapped.days();
  }

  async destroy(day: KeyDay): Promise<void> {
    this.#unwrapped.delete(day);
    await this.#wrapped.remove(day);
  }

  derived(purpose: string): Buffer {
    return createHmac('sha256', this.#installationKey).update(`derived key ${purpose}`).digest();
  }

  #make(day: KeyDay): Promise<Buffer> {
    return this.#making.getOrInsertComputed(day, async () => {
      try {
        const wrapped = wrapDayKey(this.#installationKey, day, newDayKey());
        return unwrapDayKey(this.#installationKey, day, await this.#wrapped.save(day, wrapped));
      } finally {
        this.#making.delete(day);
      }
    });
  }

  async #load(day: KeyDay): Promise<Buffer | null> {
    const wrapped = await this.#wrapped.load(day);
    return wrapped === null ? null : unwrapDayKey(this.#installationKey, day, wrapped);
  }

  // Absence and failure are not remembered: the key may be there the next time.
  #known(day: KeyDay): Promise<Buffer | null> {
    const waiting = this.#unwrapped.get(day);
    if (waiting !== undefined) return waiting;
    const found = this.#load(day);
    if (this.#unwrapped.size >= UNWRAPPED_MAX) this.#unwrapped.clear();
    this.#unwrapped.set(day, found);
    const forget = (): void => {
      if (this.#unwrapped.get(day) === found) this.#unwrapped.delete(day);
    };
    found.then((key) => key ?? forget(), forget);
    return found;
  }
}
