/**
 * Who works on what, now: destinations, their lanes in memory, and the slots given to the deliverer (ports/work.ts).
 *
 * Claims come in by `put` (handed over at acceptance, fetched from the store, or for a last attempt) and leave as settlements.
 * Every claim in memory is in exactly one place: a lane, a slot, or the settler. What must never happen: a destination that
 * hangs or refuses slows another (own lanes, own limit, a share of memory and of connections); fresh mail stuck behind a
 * backlog; a slot that is given and never counted back.
 *
 * Carries M5, M2 (time to the first attempt), design 1 (a destination that is down is closed as a whole).
 */
import {
  type Claim,
  type DestinationKey,
  isBeforeInspection,
  type Outcome,
  type PeerReply,
  type Settled,
  type Settlement,
} from '#/model/index.ts';
import type { Clock, Log, Slot, Work } from '#/ports/index.ts';
import { Budget } from './budget.ts';
import { Destination } from './destination.ts';
import type { QueueMeters } from './meters.ts';
import { nextDue } from './retry.ts';
import type { QueueSettings } from './settings.ts';
import { bytesOf, complete, delivers, quieten, returned } from './settlements.ts';
import type { Settler } from './settler.ts';
import { type SlotHost, WorkSlot } from './slot.ts';

export interface ScheduleParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly meters: QueueMeters;
  readonly settler: Settler;
  /** Our stored heartbeat is fresh. */
  readonly mayAttempt: () => boolean;
  /** A destination's lanes run low. */
  readonly onHunger: (destination: Destination) => void;
  /** A destination that was down has opened. */
  readonly onOpened: (destination: Destination) => void;
  /** Rows may have become due in the store. */
  readonly onRows: () => void;
}

/** A destination that was not used for so long is forgotten. */
const FORGET_MS = 10 * 60_000;
/** Outcomes after which a row waits elsewhere, or is due at once. */
const MOVES: ReadonlySet<Outcome['kind']> = new Set(['moved', 'passed', 'signed']);
/** After so many claims a connection goes to a destination that waits for one. */
const TURN_CLAIMS = 50;
const NO_ANSWER: PeerReply = { code: 0, enhanced: null, text: 'The probe ended without an answer.', host: null };

export class Schedule implements Work, SlotHost {
  readonly budget: Budget;
  readonly #settings: QueueSettings;
  readonly #parts: ScheduleParts;
  readonly #destinations = new Map<DestinationKey, Destination>();
  #start: ((slot: Slot) => void) | null = null;
  #slots = 0;
  /** Destinations that wait for a connection because all are in use; first come, first served. */
  readonly #starved = new Set<Destination>();
  /** The settler has reached its bound and has not come down to half of it. */
  #full = false;
  #closing = false;
  #quiet: (() => void) | null = null;

  constructor(settings: QueueSettings, parts: ScheduleParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.budget = new Budget(settings.lanes.claimsMax, settings.lanes.bodyBytesMax);
  }

  // ── Work: the deliverer's side ────────────────────────────────────────────────────────────────────────────────────

  onReady(start: (slot: Slot) => void): () => void {
    if (this.#start !== null) throw new Error('The queue has a deliverer already.');
    this.#start = start;
    this.offerAll();
    return () => {
      if (this.#start === start) this.#start = null;
    };
  }

  mayAttempt(): boolean {
    return this.#parts.mayAttempt();
  }

  retryAt(attempts: number): number {
    return nextDue(attempts, this.#parts.clock.now(), this.#settings.retry, this.#parts.random());
  }

  // ── Claims in ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The destination, made on first use. */
  destination(key: DestinationKey): Destination {
    let destination = this.#destinations.get(key);
    if (destination === undefined) {
      destination = new Destination(key, this.#parts.clock.now(), this.#settings);
      this.#destinations.set(key, destination);
    }
    destination.usedAt = this.#parts.clock.monotonic();
    return destination;
  }

  /** The destination, when it is known. */
  known(key: DestinationKey): Destination | undefined {
    return this.#destinations.get(key);
  }

  /** All destinations known now. */
  destinations(): Iterable<Destination> {
    return this.#destinations.values();
  }

  get slots(): number {
    return this.#slots;
  }

  /** Puts claims of ours, already counted in the budget, into their lanes; gives them back where the destination has closed meanwhile. */
  put(destination: Destination, claims: readonly Claim[]): void {
    if (claims.length === 0) return;
    if (!destination.open || this.#closing) {
      this.giveBack(destination, claims);
      return;
    }
    const now = this.#parts.clock.now();
    for (const claim of claims) destination.put(claim, now);
    this.#offer(destination);
  }

  /** Counts claims in and puts them into their lane, where there is room and the destination is open. */
  adopt(claim: Claim): boolean {
    // Inspection is no hop of ours, whatever its time says.
    if (isBeforeInspection(claim.destination)) return false;
    const destination = this.destination(claim.destination);
    if (!destination.open || this.#closing) return false;
    if (this.budget.room(destination, destination.waitingOf(claim.mail.tenant)) < 1) return false;
    this.budget.take(destination, 1, bytesOf(claim));
    this.put(destination, [claim]);
    return true;
  }

  /** Looks at every destination for work and free slots: what a lost wake-up would have missed. */
  offerAll(): void {
    for (const destination of this.#destinations.values()) this.#offer(destination);
  }

  /** Forgets destinations that nobody needs. */
  forget(monotonicMs: number): void {
    for (const destination of this.#destinations.values()) {
      if (destination.idle() && monotonicMs - destination.usedAt > FORGET_MS)
        this.#destinations.delete(destination.key);
    }
  }

  /** Gives one claim of a closed destination to the deliverer, to see whether it is back. */
  probe(destination: Destination, claim: Claim): void {
    this.budget.take(destination, 1, bytesOf(claim));
    if (destination.open) {
      this.put(destination, [claim]);
      return;
    }
    if (this.#start === null || this.#closing || !this.mayAttempt()) {
      this.giveBack(destination, [claim]);
      return;
    }
    destination.probing();
    this.#give(destination, claim);
  }

  /** Ends offering; what waits in lanes is given back to the store, what is under way may finish. */
  close(): void {
    this.#closing = true;
    this.#start = null;
    for (const destination of this.#destinations.values()) this.giveBack(destination, destination.drain());
  }

  /** Resolves when every slot has come back, or `signal` aborts. */
  async quiet(signal: AbortSignal): Promise<void> {
    if (this.#slots === 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#quiet = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  // ── SlotHost ──────────────────────────────────────────────────────────────────────────────────────────────────────

  mayBegin(): boolean {
    if (this.#parts.settler.pending >= this.#settings.lanes.unsettledMax) this.#full = true;
    return !this.#full && !this.#closing && this.mayAttempt();
  }

  wanted(claims: number): boolean {
    return claims >= TURN_CLAIMS && this.#starved.size > 0;
  }

  taken(destination: Destination, claim: Claim): void {
    if (destination.backlog.size < this.#settings.lanes.lowWater) this.#parts.onHunger(destination);
    if (claim.recipients.some((recipient) => recipient.attempts > 0)) return;
    this.#parts.meters.firstAttempt.observe((this.#parts.clock.now() - claim.mail.receivedAt) / 1_000);
  }

  settle(settlement: Settlement, slot: WorkSlot, counted: boolean): void {
    const { place } = slot;
    if (counted) this.budget.giveBack(place, 1, bytesOf(settlement.claim));
    const now = this.#parts.clock.now();
    const whole = complete(settlement, now);
    if (delivers(whole)) {
      place.successes += 1;
      place.flow.success(place.slots);
    }
    const quiet = slot.probe && !place.open;
    this.#parts.settler.submit(quiet ? quieten(whole, now, this.#settings.probe.attemptMs) : whole);
  }

  giveBack(destination: Destination, claims: readonly Claim[]): void {
    const now = this.#parts.clock.now();
    for (const claim of claims) {
      this.budget.giveBack(destination, 1, bytesOf(claim));
      this.#parts.settler.submit(returned(claim, now));
    }
  }

  opened(destination: Destination): void {
    if (!destination.reopen(this.#parts.clock.now())) return;
    this.#parts.log.info('queue.destination_opened', { destination: destination.key });
    this.#parts.onOpened(destination);
  }

  down(destination: Destination, reply: PeerReply): void {
    const { clock, log, random } = this.#parts;
    if (destination.close(reply.text, clock.now(), clock.monotonic(), random())) {
      log.warn('queue.destination_closed', { destination: destination.key, code: reply.code });
    }
    this.giveBack(destination, destination.drain());
  }

  busy(destination: Destination, reply: PeerReply): void {
    destination.lastTrouble = reply.text;
    destination.flow.busy(this.#parts.clock.monotonic());
  }

  released(slot: WorkSlot): void {
    this.#slots -= 1;
    if (this.#slots === 0) this.#quiet?.();
    const destination = slot.place;
    // A probe that neither stood nor said why it did not.
    if (slot.probe && destination.state === 'probing' && destination.probes === 0) this.down(destination, NO_ANSWER);
    // One connection came free: the one that waits longest may have it; refused, it stands in line again.
    const [next] = this.#starved;
    if (next !== undefined) this.#offer(next);
    // A slot that found nothing is not followed by another at once, or the two could spin.
    if (slot.claims > 0) this.#offer(destination);
  }

  /** What the settler tells: outcomes are durable. */
  settled(settlement: Settlement, answers: readonly Settled[]): void {
    const { meters, onRows, settler } = this.#parts;
    answers.forEach((answer, i) => {
      if (answer === 'lapsed') meters.lapsed.add();
      else meters.settled.add(1, { outcome: settlement.outcomes[i]?.outcome.kind ?? 'none' });
    });
    if (settlement.born.length > 0 || settlement.outcomes.some(({ outcome }) => MOVES.has(outcome.kind))) onRows();
    if (!this.#full || settler.pending > this.#settings.lanes.unsettledMax / 2) return;
    this.#full = false;
    this.offerAll();
  }

  // ── Slots out ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #offer(destination: Destination): void {
    if (this.#start === null || !destination.open || !this.mayBegin()) return;
    // Bounded by the openings counted now: what `start` does meanwhile can't make this endless.
    for (let openings = destination.openings(); openings > 0 && destination.openings() > 0; openings--) {
      this.#starved.delete(destination);
      if (!this.#connectionFree(destination)) {
        this.#starved.add(destination);
        return;
      }
      if (!this.#give(destination, null)) return;
    }
  }

  /** Hands out one slot; false when it came back unused. */
  #give(destination: Destination, probeClaim: Claim | null): boolean {
    const slot = new WorkSlot(destination, this, probeClaim);
    this.#slots += 1;
    try {
      this.#start?.(slot);
    } catch (cause) {
      this.#parts.log.error('queue.deliverer_threw', { why: cause instanceof Error ? cause.message : String(cause) });
      slot.release();
    }
    return !slot.released || slot.claims > 0;
  }

  #connectionFree(destination: Destination): boolean {
    const { totalMax, unprovenShare } = this.#settings.flow;
    if (this.#slots >= totalMax) return false;
    const share = totalMax * unprovenShare;
    if (destination.flow.proven || this.#slots < share) return true;
    let unproven = 0;
    for (const other of this.#destinations.values()) if (!other.flow.proven) unproven += other.slots;
    return unproven < share;
  }
}
