/**
 * The door of custody as the gate sees it (ports/intake.ts). A mail whose destinations are open and have room in memory is accepted
 * as claimed by this process and goes on in memory once it is durable; any other is accepted all the same, and waits in the
 * store (M3: acceptance does not depend on the backlog).
 *
 * What must never happen: a claim in a lane before its commit; a mail in a lane whose acceptance failed or was late.
 */
import {
  type ArrivedMail,
  type Call,
  type Claim,
  Fault,
  type FaultCode,
  type IncarnationId,
  isBeforeInspection,
  NotBegun,
} from '#/model/index.ts';
import type { Clock, Custody, Intake, IntakeRoom } from '#/ports/index.ts';
import type { DiskReserve } from './disk-reserve.ts';
import { claimsOf } from './hand-over.ts';
import type { LateCommits } from './late-commits.ts';
import type { QueueMeters } from './meters.ts';
import type { Schedule } from './schedule.ts';
import { bytesOf } from './settlements.ts';

export interface IntakeParts {
  readonly custody: Pick<Custody, 'accept'>;
  readonly clock: Clock;
  readonly worker: IncarnationId;
  /** Null where this process delivers nothing: all mail is accepted unclaimed. */
  readonly schedule: Schedule | null;
  readonly disk: DiskReserve;
  readonly late: LateCommits;
  readonly meters: QueueMeters;
  /** Rings when mail was accepted that is not in memory. */
  readonly onRows: () => void;
  /** Rings when mail was accepted that waits for inspection. */
  readonly onUninspected: () => void;
}

/** After so many failures in a row the door closes for a moment instead of letting every sender wait for a deadline (B3). */
const FAILURES_MAX = 3;
const CLOSED_MS = 1_000;
/** Faults after which nothing was begun. */
const NOTHING_DONE: ReadonlySet<FaultCode> = new Set(['store.busy', 'disk.full', 'store.locked']);

export class QueueIntake implements Intake {
  readonly #parts: IntakeParts;
  #failures = 0;
  #closedUntil = 0;
  #closing = false;
  #pending = 0;
  #idle: (() => void)[] = [];

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  room(): IntakeRoom {
    if (this.#closing) return { open: false, why: 'closing' };
    if (!this.#parts.disk.open) return { open: false, why: 'disk' };
    if (this.#parts.late.full || this.#parts.clock.monotonic() < this.#closedUntil)
      return { open: false, why: 'store' };
    return { open: true };
  }

  async accept(mails: readonly ArrivedMail[], call: Call): Promise<void> {
    const { schedule } = this.#parts;
    const claims = mails.flatMap(claimsOf);
    const ours = claims.length > 0 && !this.#closing && schedule !== null && this.#reserve(claims, schedule);
    this.#pending += 1;
    try {
      await this.#parts.custody.accept(mails, ours ? this.#parts.worker : null, call);
      // A success that is heard too late is none: the peer may have its 451 already.
      if (performance.now() > call.deadlineAt) throw new Fault('call.late');
    } catch (cause) {
      if (ours) this.#unreserve(claims, schedule);
      this.#failed(mails, ours, cause);
      throw cause;
    } finally {
      this.#ended();
    }
    this.#accepted(mails, claims, ours);
  }

  /** No more mail from now on; resolves when what was under way is known, or `signal` aborts. */
  async close(signal: AbortSignal): Promise<void> {
    this.#closing = true;
    if (this.#pending === 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  #accepted(mails: readonly ArrivedMail[], claims: readonly Claim[], ours: boolean): void {
    const { meters, schedule, onRows } = this.#parts;
    this.#failures = 0;
    meters.accepted.add(mails.length);
    if (!ours || schedule === null) {
      if (claims.length > 0) onRows();
      if (claims.some(waitsForInspection)) this.#parts.onUninspected();
      return;
    }
    meters.handedOver.add(claims.length);
    for (const claim of claims) schedule.put(schedule.destination(claim.destination), [claim]);
  }

  /** Counts the claims in, all or none. */
  #reserve(claims: readonly Claim[], schedule: Schedule): boolean {
    // What one call accepts is claimed as a whole or not at all, and this one is for others too.
    if (claims.some(waitsForInspection)) return false;
    for (const [i, claim] of claims.entries()) {
      const destination = schedule.destination(claim.destination);
      const room = destination.open && schedule.budget.room(destination, destination.waitingOf(claim.mail.tenant)) >= 1;
      if (!room) {
        this.#unreserve(claims.slice(0, i), schedule);
        return false;
      }
      schedule.budget.take(destination, 1, bytesOf(claim));
    }
    return true;
  }

  #unreserve(claims: readonly Claim[], schedule: Schedule): void {
    for (const claim of claims) schedule.budget.giveBack(schedule.destination(claim.destination), 1, bytesOf(claim));
  }

  #failed(mails: readonly ArrivedMail[], ours: boolean, cause: unknown): void {
    const begun = !(cause instanceof NotBegun || (cause instanceof Fault && NOTHING_DONE.has(cause.code)));
    if (begun) this.#parts.late.remember(mails, ours);
    this.#failures += 1;
    if (this.#failures >= FAILURES_MAX) this.#closedUntil = this.#parts.clock.monotonic() + CLOSED_MS;
  }

  #ended(): void {
    this.#pending -= 1;
    if (this.#pending > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

function waitsForInspection({ destination }: Claim): boolean {
  return isBeforeInspection(destination);
}
