/**
 * Places for connections: so many in all, from one address, of one user and of one tenant, so that neither a flood nor one broken client nor
 * one company keeps out the others (O7).
 *
 * What must never happen: a place that is not given back.
 */
import { addressGroup } from '#/model/index.ts';

export interface AdmissionLimits {
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
  readonly connectionsPerUserMax: number;
  /** Of all, where there are several tenants. */
  readonly connectionsPerTenantShare: number;
}

/** Whose place it is. */
export interface PlaceOwner {
  readonly tenant: string;
  /** Unique in the installation. */
  readonly user: string;
}

export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #addresses = new Map<string, number>();
  readonly #users = new Map<string, number>();
  readonly #tenants = new Map<string, number>();
  #count = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** Connections at this moment. */
  get count(): number {
    return this.#count;
  }

  /** Takes a place for a connection; `leave` gives it back. */
  enter(address: string): 'entered' | 'full' | 'too many from this address' {
    if (this.#count >= this.#limits.connectionsMax) return 'full';
    if (!take(this.#addresses, addressGroup(address), this.#limits.connectionsPerAddressMax)) {
      return 'too many from this address';
    }
    this.#count += 1;
    return 'entered';
  }

  leave(address: string): void {
    this.#count -= 1;
    giveBack(this.#addresses, addressGroup(address));
  }

  /** Takes one of a user's places, and of their tenant's; `userLeaves` gives it back. `isAlone`: there is no other tenant to leave room for. */
  userEnters(
    { tenant, user }: PlaceOwner,
    isAlone: boolean,
  ): 'entered' | 'too many of this user' | 'too many of this tenant' {
    const { connectionsMax, connectionsPerTenantShare, connectionsPerUserMax } = this.#limits;
    const perTenantMax = isAlone ? connectionsMax : Math.ceil(connectionsMax * connectionsPerTenantShare);
    if (!take(this.#tenants, tenant, perTenantMax)) return 'too many of this tenant';
    if (take(this.#users, user, connectionsPerUserMax)) return 'entered';
    giveBack(this.#tenants, tenant);
    return 'too many of this user';
  }

  userLeaves({ tenant, user }: PlaceOwner): void {
    giveBack(this.#tenants, tenant);
    giveBack(this.#users, user);
  }
}

function take(counts: Map<string, number>, key: string, max: number): boolean {
  const held = counts.get(key) ?? 0;
  if (held >= max) return false;
  counts.set(key, held + 1);
  return true;
}

function giveBack(counts: Map<string, number>, key: string): void {
  const left = (counts.get(key) ?? 0) - 1;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}
