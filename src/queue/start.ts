/** Where the parts of the queue meet, and the loops that drive them. */
import {
  type ArrivedRecipient,
  type Incarnation,
  isBeforeInspection,
  type Settled,
  type Settlement,
} from '#/model/index.ts';
import type {
  Bypasses,
  Clock,
  Custody,
  Depth,
  Intake,
  Log,
  Meter,
  NoticeMaker,
  PeopleNotices,
  Routing,
  Work,
} from '#/ports/index.ts';
import { Attention } from './attention.ts';
import { ClockGuard } from './clock-guard.ts';
import type { DestinationState } from './destination.ts';
import { DiskReserve } from './disk-reserve.ts';
import { Ferry } from './ferry.ts';
import { QueueIntake } from './intake.ts';
import { LateCommits } from './late-commits.ts';
import { Leases } from './leases.ts';
import { type QueueMeters, queueMeters } from './meters.ts';
import { Prober } from './prober.ts';
import { Refill } from './refill.ts';
import { Schedule } from './schedule.ts';
import type { QueueSettings } from './settings.ts';
import { reasonOf, Settler } from './settler.ts';
import { Wake } from './wake.ts';

export interface QueueParts {
  readonly custody: Custody;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  /** Who claims; written down before the first claim. */
  readonly incarnation: Incarnation;
  readonly notices: NoticeMaker;
  /** Who hears of mail that waits for them. */
  readonly people: PeopleNotices;
  /** Free octets where custody is kept: `freeBytesOf(dir)`. */
  readonly freeBytes: () => Promise<number>;
  /** In [0, 1): jitter. */
  readonly random: () => number;
  /** Mail has come that waits for inspection: whoever inspects may look. Losing a ring costs a second. */
  readonly onUninspected?: () => void;
  /** Told what was settled, by whoever learns from it: it must neither wait nor throw. */
  readonly onSettled?: (settlement: Settlement) => void;
  /** Whose mail goes by inspection, and where it goes then (M8); nobody's where this is absent. */
  readonly around?: { readonly bypasses: Bypasses; readonly routing: Pick<Routing, 'plan'> };
  /** The process must stop now: declared dead, or an outcome can't be recorded. */
  readonly onFatal: (reason: string) => void;
}

/** One destination as the status page and operators see it. Times are wall-clock ms. */
export interface DestinationView {
  readonly destination: string;
  readonly state: DestinationState;
  readonly since: number;
  readonly connections: number;
  readonly connectionsMax: number;
  readonly inMemory: number;
  readonly lastTrouble: string;
}

export interface Queue extends AsyncDisposable {
  /** The gate's door. */
  readonly intake: Intake;
  /** The deliverer's door. */
  readonly work: Work;
  /** Rows may wait in the store: look now (a retry, a release, mail accepted elsewhere). Losing it costs a second. */
  doorbell(): void;
  /** Another process has recorded this in our store: what it sends on its way is fetched at once. Losing it costs a second. */
  settledElsewhere(settlement: Settlement): void;
  destinations(): readonly DestinationView[];
  /** What waited in the store at the last look. */
  depth(): readonly Depth[];
  /** Whether the heartbeat is fresh, for readiness. */
  alive(): boolean;
  /** Monotonic ms since the last stored heartbeat. */
  beatAgeMs(): number;
  /** Records a settlement of ours in the background until custody takes it. */
  settleLater(settlement: Settlement): void;
  /** Why expiry and releases by time stand still; empty while they run. */
  clockTrouble(): string;
}

/** Longest wait at the end for acceptances, attempts and outcomes under way. */
const CLOSE_MS = 10_000;
const PROBE_LOOK_MS = 250;
const LATE_LOOK_MS = 1_000;
/** Shortest pause between two looks at what time does to waiting mail, where the first one did not see all. */
const ATTENTION_PAUSE_MS = 50;
/** Outcomes on their way to the store above which it waits its whole time nevertheless: the store is behind. */
const ATTENTION_UNSETTLED_MAX = 1_000;

/** Starts custody's engine in this process: enlists the incarnation, then fills, offers and watches until it is disposed. Dispose the deliverer first. */
export async function startQueue(settings: QueueSettings, parts: QueueParts): Promise<Queue> {
  const guard = await ClockGuard.open(parts);
  const wake = new Wake(parts.clock);
  const onRows = (): void => wake.ring();
  const leases = await Leases.start({ ...parts, onRows });
  return new RunningQueue(settings, parts, guard, leases, wake);
}

class RunningQueue implements Queue {
  readonly intake: QueueIntake;
  readonly work: Schedule;
  readonly #settings: QueueSettings;
  readonly #parts: QueueParts;
  readonly #guard: ClockGuard;
  readonly #leases: Leases;
  readonly #wake: Wake;
  readonly #meters: QueueMeters;
  readonly #settler: Settler;
  readonly #refill: Refill;
  readonly #late: LateCommits;
  readonly #ferry: Ferry | null;
  readonly #stop = new AbortController();
  readonly #loops: Promise<unknown>;

  constructor(settings: QueueSettings, parts: QueueParts, guard: ClockGuard, leases: Leases, wake: Wake) {
    this.#settings = settings;
    this.#parts = parts;
    this.#guard = guard;
    this.#leases = leases;
    this.#wake = wake;
    const worker = parts.incarnation.id;
    const meters = queueMeters(parts.meter);
    const onRows = (): void => wake.ring();
    const onUninspected = parts.onUninspected ?? (() => {});
    const settled = (settlement: Settlement, answers: readonly Settled[]): void => {
      this.work.settled(settlement, answers);
      parts.onSettled?.(settlement);
      if (settlement.born.some(({ recipients }) => recipients.some(isUninspected))) onUninspected();
    };
    const settler = new Settler({ ...parts, worker }, settings.pace, settled);
    const schedule = new Schedule(settings, {
      ...parts,
      meters,
      settler,
      mayAttempt: () => leases.fresh(),
      onHunger: (destination) => this.#refill.want(destination),
      onOpened: (destination) => this.#refill.catchUp(destination),
      onRows,
    });
    const late = new LateCommits({ ...parts, worker, meters });
    const disk = new DiskReserve(settings.disk, { ...parts, meters });
    const refill = new Refill(settings, { ...parts, worker, schedule, settler, late });
    const prober = new Prober({ ...parts, schedule, refill, late });
    const attention = new Attention(settings, { ...parts, worker, guard, schedule, settler });
    this.#ferry =
      parts.around === undefined ? null : new Ferry(settings, { ...parts, ...parts.around, worker, settler });
    this.#meters = meters;
    this.#settler = settler;
    this.work = schedule;
    this.#refill = refill;
    this.#late = late;
    this.intake = new QueueIntake({ ...parts, worker, schedule, disk, late, meters, onRows, onUninspected });
    this.#loops = Promise.all([
      this.#fill(),
      this.#every(settings.disk.lookMs, () => disk.look()),
      this.#every(PROBE_LOOK_MS, () => prober.look()),
      this.#every(LATE_LOOK_MS, () => late.look()),
      this.#attend(attention),
    ]);
  }

  doorbell(): void {
    this.#wake.ring();
  }

  settledElsewhere({ claim, outcomes, born }: Settlement): void {
    if (born.length > 0) this.#wake.ring();
    const { tenant } = claim.mail;
    const passed = outcomes.flatMap(({ outcome }) => (outcome.kind === 'passed' ? [outcome.destination] : []));
    for (const destination of new Set(passed)) this.#refill.arrived(destination, tenant);
  }

  destinations(): readonly DestinationView[] {
    return [...this.work.destinations()].map((destination) => ({
      destination: destination.key,
      state: destination.state,
      since: destination.since,
      connections: destination.slots,
      connectionsMax: destination.flow.limit,
      inMemory: destination.claims,
      lastTrouble: destination.lastTrouble,
    }));
  }

  depth(): readonly Depth[] {
    return this.#refill.seen;
  }

  alive(): boolean {
    return this.#leases.fresh();
  }

  beatAgeMs(): number {
    return this.#leases.ageMs();
  }

  settleLater(settlement: Settlement): void {
    this.#settler.submit(settlement);
  }

  clockTrouble(): string {
    return this.#guard.why;
  }

  /** Takes no more mail, gives back what waits in memory, lets what is under way finish, and gives up the incarnation. */
  async [Symbol.asyncDispose](): Promise<void> {
    const deadline = AbortSignal.timeout(CLOSE_MS);
    await this.intake.close(deadline);
    this.#stop.abort();
    await this.#loops;
    await this.#refill.idle(deadline);
    this.work.close();
    await this.work.quiet(deadline);
    await this.#settler.idle(deadline);
    this.#settler.stop();
    const clean = this.work.slots === 0 && this.#settler.pending === 0 && this.#late.size === 0;
    await this.#leases.end(clean).catch((cause: unknown) => {
      this.#parts.log.warn('queue.retire_failed', { why: reasonOf(cause) });
    });
  }

  /** Looks what waits: every `depthMs`, sooner after a ring, and never so often that looking is all the store does. */
  async #fill(): Promise<void> {
    const { depthMs, doorbellMs } = this.#settings.pace;
    const { clock } = this.#parts;
    while (!this.#stop.signal.aborted) {
      const before = clock.monotonic();
      await this.#guarded(() => this.#look());
      const tookMs = clock.monotonic() - before;
      await clock.sleep(Math.max(doorbellMs, 5 * tookMs), this.#stop.signal);
      await this.#wake.wait(Math.max(depthMs, 20 * tookMs), this.#stop.signal);
    }
  }

  async #look(): Promise<void> {
    await this.#refill.look();
    await this.#ferry?.look(this.#refill.seen);
    this.work.offerAll();
    this.work.forget(this.#parts.clock.monotonic());
    this.#show();
  }

  async #every(ms: number, look: () => Promise<unknown>): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#guarded(look);
      await this.#parts.clock.sleep(ms, this.#stop.signal);
    }
  }

  /** While there is more to see it looks again soon: thousands that come due together keep no others waiting, and what works has as much of the store. */
  async #attend(attention: Attention): Promise<void> {
    const { attentionMs } = this.#settings.pace;
    const { clock } = this.#parts;
    while (!this.#stop.signal.aborted) {
      const before = clock.monotonic();
      let more = false;
      await this.#guarded(async () => {
        more = await attention.look();
      });
      const isSoon = more && this.#settler.pending < ATTENTION_UNSETTLED_MAX;
      const soonMs = Math.max(ATTENTION_PAUSE_MS, clock.monotonic() - before);
      await clock.sleep(isSoon ? Math.min(soonMs, attentionMs) : attentionMs, this.#stop.signal);
    }
  }

  async #guarded(look: () => Promise<unknown>): Promise<void> {
    try {
      await look();
    } catch (cause) {
      this.#parts.log.warn('queue.look_failed', { why: reasonOf(cause) });
    }
  }

  #show(): void {
    const waiting = this.#refill.seen.reduce((sum, depth) => sum + depth.waiting, 0);
    const oldestAt = this.#refill.seen.reduce((oldest, depth) => Math.min(oldest, depth.oldestAt), Infinity);
    const states = { open: 0, closed: 0, probing: 0 };
    for (const destination of this.work.destinations()) states[destination.state] += 1;
    const meters = this.#meters;
    meters.waiting.set(waiting);
    meters.oldest.set(waiting === 0 ? 0 : Math.max(0, (this.#parts.clock.now() - oldestAt) / 1_000));
    meters.inMemory.set(this.work.budget.claims);
    meters.inFlight.set(this.work.slots);
    meters.unsettled.set(this.#settler.pending);
    for (const [state, count] of Object.entries(states)) meters.destinations.set(count, { state });
  }
}

function isUninspected({ destination }: ArrivedRecipient): boolean {
  return isBeforeInspection(destination);
}
