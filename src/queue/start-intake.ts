/**
 * The door of custody in a process that delivers nothing (`roles: [gate, deliver]`): mail is accepted unclaimed, and a bell tells those
 * who deliver. Its incarnation is for what late commits claim to withdraw.
 */
import type { Settlement } from '#/model/index.ts';
import type { Intake } from '#/ports/index.ts';
import { DiskReserve } from './disk-reserve.ts';
import { QueueIntake } from './intake.ts';
import { LateCommits } from './late-commits.ts';
import { Leases } from './leases.ts';
import { queueMeters } from './meters.ts';
import type { QueueSettings } from './settings.ts';
import { reasonOf, Settler } from './settler.ts';
import type { QueueParts } from './start.ts';

export interface IntakeAlone extends AsyncDisposable {
  readonly intake: Intake;
  /** Monotonic ms since the last stored heartbeat. */
  beatAgeMs(): number;
  /** Records a settlement of ours in the background until custody takes it. */
  settleLater(settlement: Settlement): void;
}

export interface IntakeAloneParts extends Omit<QueueParts, 'notices' | 'people'> {
  /** Rows wait in the store that nobody has claimed. Losing a ring costs a second. */
  readonly ring: () => void;
}

const CLOSE_MS = 10_000;
const LATE_LOOK_MS = 1_000;

/** Enlists the incarnation and opens the door until it is disposed. */
export async function startIntake(settings: QueueSettings, parts: IntakeAloneParts): Promise<IntakeAlone> {
  return new RunningIntake(settings, parts, await Leases.start({ ...parts, onRows: parts.ring }));
}

class RunningIntake implements IntakeAlone {
  readonly intake: QueueIntake;
  readonly #parts: IntakeAloneParts;
  readonly #leases: Leases;
  readonly #settler: Settler;
  readonly #late: LateCommits;
  readonly #stop = new AbortController();
  readonly #loops: Promise<unknown>;

  constructor(settings: QueueSettings, parts: IntakeAloneParts, leases: Leases) {
    const worker = parts.incarnation.id;
    const meters = queueMeters(parts.meter);
    const disk = new DiskReserve(settings.disk, { ...parts, meters });
    this.#parts = parts;
    this.#leases = leases;
    this.#settler = new Settler({ ...parts, worker }, settings.pace, () => {});
    this.#late = new LateCommits({ ...parts, worker, meters });
    this.intake = new QueueIntake({
      ...parts,
      worker,
      schedule: null,
      disk,
      late: this.#late,
      meters,
      onRows: parts.ring,
      onUninspected: parts.onUninspected ?? (() => {}),
    });
    this.#loops = Promise.all([
      this.#every(settings.disk.lookMs, () => disk.look()),
      this.#every(LATE_LOOK_MS, () => this.#late.look()),
    ]);
  }

  beatAgeMs(): number {
    return this.#leases.ageMs();
  }

  settleLater(settlement: Settlement): void {
    this.#settler.submit(settlement);
  }

  /** Takes no more mail, lets what is under way finish, and gives up the incarnation. */
  async [Symbol.asyncDispose](): Promise<void> {
    const deadline = AbortSignal.timeout(CLOSE_MS);
    await this.intake.close(deadline);
    this.#stop.abort();
    await this.#loops;
    await this.#settler.idle(deadline);
    this.#settler.stop();
    const clean = this.#settler.pending === 0 && this.#late.size === 0;
    await this.#leases.end(clean).catch((cause: unknown) => {
      this.#parts.log.warn('queue.retire_failed', { why: reasonOf(cause) });
    });
  }

  async #every(ms: number, look: () => Promise<unknown>): Promise<void> {
    const { clock, log } = this.#parts;
    while (!this.#stop.signal.aborted) {
      await look().catch((cause: unknown) => log.warn('queue.look_failed', { why: reasonOf(cause) }));
      await clock.sleep(ms, this.#stop.signal);
    }
  }
}
