/** Looks whether closed destinations are back: one claim of what waits there is tried, at the pace that the destination keeps. */
import type { Clock, Log } from '#/ports/index.ts';
import type { Destination } from './destination.ts';
import type { LateCommits } from './late-commits.ts';
import type { Refill } from './refill.ts';
import type { Schedule } from './schedule.ts';
import { reasonOf } from './settler.ts';

export interface ProberParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly schedule: Schedule;
  readonly refill: Refill;
  readonly late: LateCommits;
}

/** Probes begun in one look; the others have their turn in the next. */
const PROBES_AT_ONCE = 20;

export class Prober {
  readonly #parts: ProberParts;

  constructor(parts: ProberParts) {
    this.#parts = parts;
  }

  /** Begins the probes that are due. */
  async look(): Promise<void> {
    const { clock, schedule, refill, random } = this.#parts;
    const now = clock.monotonic();
    const due: Destination[] = [];
    for (const destination of schedule.destinations()) {
      if (due.length >= PROBES_AT_ONCE) break;
      if (!destination.wantsProbe(now) || !refill.waitsFor(destination)) continue;
      destination.awaitProbe(now, random());
      due.push(destination);
    }
    await Promise.all(due.map((destination) => this.#probe(destination)));
  }

  async #probe(destination: Destination): Promise<void> {
    try {
      const claim = await this.#parts.refill.claimProbe(destination);
      if (claim !== null && !this.#parts.late.withdraw(claim)) this.#parts.schedule.probe(destination, claim);
    } catch (cause) {
      this.#parts.log.warn('queue.probe_failed', { destination: destination.key, why: reasonOf(cause) });
    }
  }
}
