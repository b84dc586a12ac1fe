/**
 * One connection's right to work at one destination (ports/work.ts). It remembers what it took, so that nothing can be lost with
 * it: `release` gives back what was not finished. Its counts in the destination are changed here and nowhere else.
 */
import type { Claim, PeerReply, Settlement } from '#/model/index.ts';
import type { Slot, Trouble } from '#/ports/index.ts';
import type { Destination } from './destination.ts';

/** What a slot asks of the schedule. */
export interface SlotHost {
  /** Whether anything may be begun now: heartbeat, closing, outcomes that wait for the store. */
  mayBegin(): boolean;
  /** Whether another destination waits for the connection of a slot that has had so many claims. */
  wanted(claims: number): boolean;
  taken(destination: Destination, claim: Claim): void;
  /** An outcome of a claim; `counted` while the claim was still this slot's. */
  settle(settlement: Settlement, slot: WorkSlot, counted: boolean): void;
  giveBack(destination: Destination, claims: readonly Claim[]): void;
  opened(destination: Destination): void;
  down(destination: Destination, reply: PeerReply): void;
  busy(destination: Destination, reply: PeerReply): void;
  released(slot: WorkSlot): void;
}

interface Taken {
  readonly claim: Claim;
  readonly backlog: boolean;
}

export class WorkSlot implements Slot {
  readonly place: Destination;
  readonly probe: boolean;
  /** Claims it has had. */
  claims = 0;
  readonly #host: SlotHost;
  /** By claim: two claims of one message may come to one slot, for recipients that were due at different times. */
  readonly #taken = new Map<string, Taken>();
  #probeClaim: Claim | null;
  #backlogTaken = 0;
  #hungry = true;
  #standing = false;
  #released = false;
  readonly #successesBefore: number;

  constructor(place: Destination, host: SlotHost, probeClaim: Claim | null) {
    this.place = place;
    this.#host = host;
    this.probe = probeClaim !== null;
    this.#probeClaim = probeClaim;
    this.#successesBefore = place.successes;
    place.slots += 1;
    place.hungry += 1;
    if (this.probe) place.probes += 1;
  }

  get destination(): Destination['key'] {
    return this.place.key;
  }

  get released(): boolean {
    return this.#released;
  }

  next(): Claim | null {
    this.#fed();
    if (this.#released || !this.#host.mayBegin()) return null;
    const taken = this.#probeClaim === null ? this.#takeWaiting() : this.#takeProbe(this.#probeClaim);
    if (taken === undefined) return null;
    this.claims += 1;
    this.#taken.set(keyOf(taken.claim), taken);
    if (taken.backlog && this.#backlogTaken++ === 0) this.place.backlogSlots += 1;
    this.#host.taken(this.place, taken.claim);
    return taken.claim;
  }

  finish(settlement: Settlement): void {
    const taken = this.#taken.get(keyOf(settlement.claim));
    if (taken !== undefined) this.#forget(taken);
    if (settlement.outcomes.some(({ outcome }) => outcome.kind === 'delivered')) this.#stand();
    // A late outcome of a claim that was given back is still told: a true `delivered` is recorded whoever brings it.
    this.#host.settle(settlement, this, taken !== undefined);
  }

  alive(): void {
    if (!this.#released) this.#stand();
  }

  trouble(kind: Trouble, reply: PeerReply): void {
    if (this.#released) return;
    this.#unstand();
    // One connection that fails while others stand, or went well meanwhile, is a peer that wants fewer of them.
    const works = this.place.standing > 0 || this.place.successes > this.#successesBefore;
    if (kind === 'down' && !works) this.#host.down(this.place, reply);
    else this.#host.busy(this.place, reply);
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#fed();
    this.#unstand();
    this.place.slots -= 1;
    if (this.probe) this.place.probes -= 1;
    this.#host.giveBack(this.place, this.#rest());
    this.#host.released(this);
  }

  /** What it took or was to take and did not finish. */
  #rest(): Claim[] {
    const rest = [...this.#taken.values()];
    for (const taken of rest) this.#forget(taken);
    const claims = rest.map((taken) => taken.claim);
    if (this.#probeClaim !== null) claims.push(this.#probeClaim);
    this.#probeClaim = null;
    return claims;
  }

  #takeProbe(claim: Claim): Taken {
    this.#probeClaim = null;
    return { claim, backlog: false };
  }

  #takeWaiting(): Taken | undefined {
    // More connections than the destination bears now, or another waits for one: this one is to end.
    if (!this.place.open || this.place.slots > this.place.flow.limit || this.#host.wanted(this.claims))
      return undefined;
    return this.place.take(this.#backlogTaken > 0);
  }

  #forget(taken: Taken): void {
    this.#taken.delete(keyOf(taken.claim));
    if (taken.backlog && --this.#backlogTaken === 0) this.place.backlogSlots -= 1;
  }

  #fed(): void {
    if (!this.#hungry) return;
    this.#hungry = false;
    this.place.hungry -= 1;
  }

  #stand(): void {
    if (!this.#standing && !this.#released) {
      this.#standing = true;
      this.place.standing += 1;
    }
    this.#host.opened(this.place);
  }

  #unstand(): void {
    if (!this.#standing) return;
    this.#standing = false;
    this.place.standing -= 1;
  }
}

/** A recipient is in one claim at a time. */
function keyOf({ mail, recipients }: Claim): string {
  return `${mail.id} ${recipients[0]?.n}`;
}
