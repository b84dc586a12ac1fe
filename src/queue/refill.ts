/**
 * From the store into the lanes. The store is asked what waits (`depth`, paced, at once after a doorbell) and gives it out in
 * batches, tenant by tenant, never more than the budget has room for: memory does not depend on the backlog (M3). Never
 * attempted mail is asked for before other mail, in turns, so that neither starves (M5).
 *
 * One request per destination is under way at a time; a lost doorbell costs one pace. Mail that has just come to wait at a known place
 * (`arrived`) is fetched without that look: it goes on as soon as it may.
 */
import {
  type Claim,
  type DestinationKey,
  type IncarnationId,
  isBeforeInspection,
  type TenantId,
  within,
} from '#/model/index.ts';
import type { Clock, Custody, Depth, Log } from '#/ports/index.ts';
import { apart } from './apart.ts';
import type { Destination } from './destination.ts';
import type { LateCommits } from './late-commits.ts';
import { nextDue } from './retry.ts';
import type { Schedule } from './schedule.ts';
import type { QueueSettings } from './settings.ts';
import { bytesOf, returned } from './settlements.ts';
import type { Settler } from './settler.ts';
import { reasonOf } from './settler.ts';

export interface RefillParts {
  readonly custody: Pick<Custody, 'claim' | 'depth'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly worker: IncarnationId;
  readonly schedule: Schedule;
  readonly settler: Settler;
  readonly late: LateCommits;
}

/** One tenant's rows at one destination, as last seen. */
interface Line {
  readonly tenant: TenantId;
  nextDue: number;
  /** All that was never attempted, and all, has been fetched, as far as is known. */
  freshDone: boolean;
  done: boolean;
  /** Times that more has come: what was asked for before does not know of it. */
  arrivals: number;
  turn: boolean;
}

/** Tenants asked for at once in one round of one destination. */
const TENANTS_AT_ONCE = 4;

export class Refill {
  readonly #settings: QueueSettings;
  readonly #parts: RefillParts;
  readonly #busy = new Map<Destination, Promise<unknown>>();
  /** Wanted while it was busy. */
  readonly #again = new Set<Destination>();
  #lines = new Map<DestinationKey, Line[]>();
  #seen: readonly Depth[] = [];

  constructor(settings: QueueSettings, parts: RefillParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  /** What waited in the store at the last look. */
  get seen(): readonly Depth[] {
    return this.#seen;
  }

  /** Looks what waits, and fills what runs low. */
  async look(): Promise<void> {
    this.#seen = await this.#parts.custody.depth(within(this.#settings.pace.callMs));
    const lines = new Map<DestinationKey, Line[]>();
    for (const { destination, tenant, nextDue: due } of this.#seen) {
      // No next hop: what waits there is not ours to take.
      if (isBeforeInspection(destination)) continue;
      const line = { tenant, nextDue: due, freshDone: false, done: false, turn: true, arrivals: 0 };
      const there = lines.get(destination);
      if (there === undefined) lines.set(destination, [line]);
      else there.push(line);
    }
    this.#lines = lines;
    const now = this.#parts.clock.now();
    for (const [key, waiting] of lines) {
      const catchUp = this.#parts.schedule.known(key)?.catchUp;
      const due = waiting.some((line) => this.#isDue(line, now) || catchUp?.has(line.tenant));
      if (due) this.want(this.#parts.schedule.destination(key));
    }
  }

  /** Never attempted mail of a tenant waits here since this moment: fetched at once. */
  arrived(key: DestinationKey, tenant: TenantId): void {
    if (isBeforeInspection(key)) return;
    const lines = this.#lines.getOrInsertComputed(key, () => []);
    const now = this.#parts.clock.now();
    let line = lines.find((each) => each.tenant === tenant);
    if (line === undefined) {
      // All that is known to wait is fresh.
      line = { tenant, nextDue: now, freshDone: false, done: true, turn: true, arrivals: 0 };
      lines.push(line);
    }
    line.nextDue = Math.min(line.nextDue, now);
    line.freshDone = false;
    line.arrivals += 1;
    this.want(this.#parts.schedule.destination(key));
  }

  /** Whether rows wait for a destination, due or not. */
  waitsFor(destination: Destination): boolean {
    return this.#lines.has(destination.key);
  }

  /** A destination runs low: fills it in the background, unless that is under way. */
  want(destination: Destination): void {
    if (!destination.open || !this.#lines.has(destination.key)) return;
    if (this.#busy.has(destination)) {
      this.#again.add(destination);
      return;
    }
    const filling = this.#fill(destination)
      .catch((cause: unknown) => this.#parts.log.warn('queue.refill_failed', { why: reasonOf(cause) }))
      .then(() => {
        this.#busy.delete(destination);
        if (this.#again.delete(destination)) this.want(destination);
      });
    this.#busy.set(destination, filling);
  }

  /** Resolves when nothing is being fetched, or `signal` aborts. */
  async idle(signal: AbortSignal): Promise<void> {
    while (this.#busy.size > 0 && !signal.aborted) await Promise.all(this.#busy.values());
  }

  /** A destination has opened: its rows are due now, whatever their own times say. */
  catchUp(destination: Destination): void {
    const lines = this.#lines.get(destination.key) ?? [];
    destination.catchUp = new Set(lines.map((line) => line.tenant));
    for (const line of lines) line.done = false;
    this.want(destination);
  }

  /** One claim of a closed destination, to look whether it is back; null when nothing waits. */
  async claimProbe(destination: Destination): Promise<Claim | null> {
    const claims = await this.#claim(destination, null, false, true, 1);
    const [first, ...others] = claims;
    for (const other of others) this.#parts.settler.submit(returned(other, this.#parts.clock.now()));
    return first ?? null;
  }

  async #fill(destination: Destination): Promise<void> {
    for (;;) {
      const lines = this.#pick(destination);
      if (lines.length === 0) return;
      await Promise.all(lines.map((line) => this.#fetch(destination, line)));
    }
  }

  /** The tenants to ask for next; taken from the front and put to the end, so that all have their turn. */
  #pick(destination: Destination): Line[] {
    const lines = this.#lines.get(destination.key);
    if (lines === undefined || !destination.open || destination.backlog.size >= this.#settings.lanes.lowWater)
      return [];
    const now = this.#parts.clock.now();
    const picked: Line[] = [];
    for (let left = lines.length; left > 0 && picked.length < TENANTS_AT_ONCE; left--) {
      const line = lines.shift();
      if (line === undefined) break;
      lines.push(line);
      const due = this.#isDue(line, now) || destination.catchUp.has(line.tenant);
      if (due && !(line.done && line.freshDone) && this.#roomFor(destination, line) > 0) picked.push(line);
    }
    return picked;
  }

  #isDue(line: Line, now: number): boolean {
    return line.nextDue <= now || this.#isAstray(line, now);
  }

  /** No retry is so far away: the time was taken from a clock that stood ahead, and waiting for it could take for ever. */
  #isAstray({ nextDue: due }: Line, now: number): boolean {
    return Number.isFinite(due) && due > now + 2 * this.#settings.retry.maxMs;
  }

  #roomFor(destination: Destination, line: Line): number {
    const { budget } = this.#parts.schedule;
    return budget.room(destination, destination.waitingOf(line.tenant));
  }

  async #fetch(destination: Destination, line: Line): Promise<void> {
    const fresh = !line.freshDone && (line.turn || line.done);
    line.turn = !line.turn;
    const { arrivals } = line;
    const ignoreDue = destination.catchUp.has(line.tenant) || this.#isAstray(line, this.#parts.clock.now());
    const limit = Math.min(this.#settings.lanes.batch, Math.floor(this.#roomFor(destination, line)));
    if (limit < 1) return;
    const claims = await this.#claim(destination, line.tenant, fresh, ignoreDue, limit);
    const recipients = claims.reduce((sum, claim) => sum + claim.recipients.length, 0);
    if (recipients < limit && line.arrivals === arrivals) this.#exhausted(destination, line, fresh);
    this.#take(destination, line, claims);
  }

  #exhausted(destination: Destination, line: Line, fresh: boolean): void {
    line.freshDone = true;
    if (fresh) return;
    line.done = true;
    destination.catchUp.delete(line.tenant);
  }

  async #claim(
    destination: Destination,
    tenant: TenantId | null,
    fresh: boolean,
    ignoreDue: boolean,
    limit: number,
  ): Promise<readonly Claim[]> {
    const { custody, clock, worker } = this.#parts;
    const claims = await custody.claim(
      { kind: 'due', destination: destination.key, tenant, fresh, ignoreDue, now: clock.now(), limit },
      worker,
      within(this.#settings.pace.callMs),
    );
    return apart(claims);
  }

  #take(destination: Destination, line: Line, claims: readonly Claim[]): void {
    const wanted: Claim[] = [];
    for (const claim of claims) {
      if (this.#parts.late.withdraw(claim)) continue;
      if (destination.catchUp.has(line.tenant) && this.#attemptedSince(claim, destination.openedAt)) {
        this.#tooSoon(destination, line, claim);
        continue;
      }
      this.#parts.schedule.budget.take(destination, 1, bytesOf(claim));
      wanted.push(claim);
    }
    this.#parts.schedule.put(destination, wanted);
  }

  #attemptedSince(claim: Claim, openedAt: number): boolean {
    return claim.recipients.some((recipient) => (recipient.lastAttemptAt ?? 0) >= openedAt && recipient.attempts > 0);
  }

  /** Catching up has come round to mail that was tried after the opening: it waits for its own time, and catching up is over. */
  #tooSoon(destination: Destination, line: Line, claim: Claim): void {
    destination.catchUp.delete(line.tenant);
    const [recipient] = claim.recipients;
    const due = nextDue(
      recipient?.attempts ?? 1,
      recipient?.lastAttemptAt ?? this.#parts.clock.now(),
      this.#settings.retry,
      this.#parts.random(),
    );
    this.#parts.settler.submit(returned(claim, due));
  }
}
