/**
 * Memory for claims and their bodies, shared by all destinations with dynamic thresholds (Choudhury and Hahne, 1998): a holder may
 * have at most as much as is still free. So the first that hangs takes half at most, the next a third, and there is always
 * room for one that works; and the sum stays below the bound whatever waits in the store (M3).
 */
export interface Holding {
  claims: number;
  bytes: number;
}

/** Of the free room, the part that one tenant may have at one destination. */
const TENANT_SHARE = 4;

export class Budget implements Holding {
  claims = 0;
  bytes = 0;
  readonly #claimsMax: number;
  readonly #bytesMax: number;

  constructor(claimsMax: number, bytesMax: number) {
    this.#claimsMax = claimsMax;
    this.#bytesMax = bytesMax;
  }

  /** How many claims more `holder` may have, when one tenant has `tenantClaims` of them. */
  room(holder: Holding, tenantClaims: number): number {
    const free = this.#claimsMax - this.claims;
    const bytesLeft = this.#bytesMax - this.bytes;
    if (holder.claims === 0) return this.#last(free, bytesLeft);
    if (holder.bytes >= bytesLeft) return 0;
    // What is given makes the free part smaller: h + n ≤ f − n, and t + n ≤ (f − n) / TENANT_SHARE.
    const forHolder = Math.floor((free - holder.claims) / 2);
    const forTenant = Math.floor((free - TENANT_SHARE * tenantClaims) / (TENANT_SHARE + 1));
    return Math.max(0, Math.min(forHolder, forTenant));
  }

  take(holder: Holding, claims: number, bytes: number): void {
    this.claims += claims;
    this.bytes += bytes;
    holder.claims += claims;
    holder.bytes += bytes;
  }

  giveBack(holder: Holding, claims: number, bytes: number): void {
    this.take(holder, -claims, -bytes);
  }

  /** A holder without any may always have one, so that many that hang can't shut out the next; up to twice the bound. */
  #last(free: number, bytesLeft: number): number {
    if (free > 1 && bytesLeft > 0) return Math.floor(free / (TENANT_SHARE + 1)) || 1;
    return this.claims < 2 * this.#claimsMax && this.bytes < 2 * this.#bytesMax ? 1 : 0;
  }
}
