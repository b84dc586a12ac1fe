/**
 * Waiting claims of one destination, fair between tenants: deficit round robin (Shreedhar and Varghese, 1995). Each tenant has
 * a lane; lanes with work stand in a ring, get a quantum in turn and spend it on recipients and octets. A tenant with a
 * million mails and one with a single mail get the same share while both wait (M5). Constant time per claim.
 */
import type { Claim, TenantId } from '#/model/index.ts';
import { Fifo } from './fifo.ts';

/** What a lane may spend per turn: 16 recipients of small mail, or 1 MiB. */
const QUANTUM = 16;
/** Octets that cost as much as one recipient. */
const BYTES_PER_UNIT = 64 * 1024;
/** The dearest claim: bounds the turns until a lane can pay. */
const COST_MAX = 4 * QUANTUM;

interface Lane {
  readonly tenant: TenantId;
  readonly claims: Fifo<Claim>;
  deficit: number;
}

export class FairQueue {
  readonly #lanes = new Map<TenantId, Lane>();
  readonly #ring = new Fifo<Lane>();
  #size = 0;

  /** Claims waiting. */
  get size(): number {
    return this.#size;
  }

  /** Claims of one tenant waiting. */
  sizeOf(tenant: TenantId): number {
    return this.#lanes.get(tenant)?.claims.size ?? 0;
  }

  /** Adds a claim behind the others of its tenant. */
  push(claim: Claim): void {
    let lane = this.#lanes.get(claim.mail.tenant);
    if (lane === undefined) {
      lane = { tenant: claim.mail.tenant, claims: new Fifo(), deficit: QUANTUM };
      this.#lanes.set(lane.tenant, lane);
      this.#ring.push(lane);
    }
    lane.claims.push(claim);
    this.#size += 1;
  }

  /** Takes the next claim in fair order, or undefined when none waits. */
  take(): Claim | undefined {
    for (let lane = this.#ring.peek(); lane !== undefined; lane = this.#ring.peek()) {
      const head = lane.claims.peek();
      if (head !== undefined && lane.deficit >= costOf(head)) return this.#takeFrom(lane, head);
      lane.deficit += QUANTUM;
      this.#ring.rotate();
    }
    return undefined;
  }

  /** Takes everything out. */
  drain(): Claim[] {
    const claims: Claim[] = [];
    for (let claim = this.take(); claim !== undefined; claim = this.take()) claims.push(claim);
    return claims;
  }

  #takeFrom(lane: Lane, head: Claim): Claim {
    lane.claims.shift();
    lane.deficit -= costOf(head);
    this.#size -= 1;
    // A lane that runs empty leaves: what it did not spend is not saved up for later.
    if (lane.claims.size === 0) {
      this.#ring.shift();
      this.#lanes.delete(lane.tenant);
    }
    return head;
  }
}

function costOf(claim: Claim): number {
  return Math.min(COST_MAX, claim.recipients.length + Math.floor(claim.mail.size / BYTES_PER_UNIT));
}
