/**
 * Who gets a connection. Strangers share what is not reserved; submission listeners and known relay networks may use it all, so
 * that a flood on the MX port never keeps out a device (M3). One address can't take everything.
 *
 * States of a place: free → taken (by a stranger, or reserved) → free. What must never happen: a place that is not given back.
 */
import { addressGroup } from '#/model/index.ts';

/** Why there is no place. */
export type NoPlace = 'full' | 'too many from this address';

/** A connection's place; giving it back twice is harmless. */
export interface Place {
  readonly reserved: boolean;
  release(): void;
}

export interface AdmissionLimits {
  readonly connectionsMax: number;
  readonly reservedForSignedIn: number;
  readonly connectionsPerAddressMax: number;
}

export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #byAddress = new Map<string, number>();
  #strangers = 0;
  #reserved = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** Connections at this moment. */
  get count(): number {
    return this.#strangers + this.#reserved;
  }

  /** Nearly all places of strangers are taken: silent ones have to go sooner. */
  get underPressure(): boolean {
    return this.#strangers >= this.#strangersMax() * 0.8;
  }

  /** A place for a connection from `address`. `known`: a relay network, not counted by address. `reserved`: may use the kept places. */
  enter(address: string, options: { readonly reserved: boolean; readonly known: boolean }): Place | NoPlace {
    const full = options.reserved
      ? this.count >= this.#limits.connectionsMax
      : this.#strangers >= this.#strangersMax() || this.count >= this.#limits.connectionsMax;
    if (full) return 'full';
    const key = options.known ? null : addressGroup(address);
    if (key !== null && (this.#byAddress.get(key) ?? 0) >= this.#limits.connectionsPerAddressMax) {
      return 'too many from this address';
    }
    return this.#take(options.reserved, key);
  }

  #take(reserved: boolean, key: string | null): Place {
    this.#count(reserved, key, 1);
    let held = true;
    const release = (): void => {
      if (held) this.#count(reserved, key, -1);
      held = false;
    };
    return { reserved, release };
  }

  #count(reserved: boolean, key: string | null, by: 1 | -1): void {
    if (reserved) this.#reserved += by;
    else this.#strangers += by;
    if (key === null) return;
    const left = (this.#byAddress.get(key) ?? 0) + by;
    if (left === 0) this.#byAddress.delete(key);
    else this.#byAddress.set(key, left);
  }

  #strangersMax(): number {
    return Math.max(this.#limits.connectionsMax - this.#limits.reservedForSignedIn, 0);
  }
}
