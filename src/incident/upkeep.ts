/**
 * Periodic work on incidents: planned work begins and ends when its time has come, and a promise that nobody keeps is told to the operator. All that
 * is to be done stands in the book; it may run anywhere, twice.
 *
 * What must never happen: a turn that is taken twice (the second of two is overtaken, and thinks again).
 */
import { type Incident, isOverdue, within } from '#/model/index.ts';
import { type Clock, type Log, Rounds } from '#/ports/index.ts';
import type { IncidentDesk } from './desk.ts';
import { INCIDENT_LIMITS } from './limits.ts';
import { turnOf } from './maintenance-operations.ts';
import type { ProcessWatch } from './process-watch.ts';
import type { Teller } from './teller.ts';

export interface IncidentUpkeepParts {
  readonly desk: IncidentDesk;
  readonly clock: Clock;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Notes which processes came and went; null where another one does. */
  readonly processes: Pick<ProcessWatch, 'look'> | null;
  /** Tells contacts; null where nobody is told. */
  readonly teller: Pick<Teller, 'step' | 'remind'> | null;
}

/** Between two rounds; planned work begins late by no more. */
const ROUND_MS = 5_000;
/** Where the store is away. */
const AWAY_MS = 10_000;
/** A letter to each contact of a thousand tenants takes some seconds. */
const CALL_MS = 30_000;
/** Operators are reminded so long before what they have promised: time enough to look and to write. */
const REMIND_MS = 5 * 60_000;
/** Promises that were told of; beyond it the oldest is told again. */
const TOLD_MAX = 1_000;

export class IncidentUpkeep implements AsyncDisposable {
  readonly #parts: IncidentUpkeepParts;
  readonly #rounds: Rounds;
  readonly #told = new Set<string>();

  constructor(parts: IncidentUpkeepParts) {
    this.#parts = parts;
    this.#rounds = new Rounds(parts.clock, {
      work: async () => {
        await this.step();
        return ROUND_MS;
      },
      failed: (why) => {
        parts.log.warn('incident.upkeep-failed', { why });
        return AWAY_MS;
      },
    });
  }

  /** Works until it is disposed. */
  start(): this {
    this.#rounds.start();
    return this;
  }

  /** One round. */
  async step(): Promise<void> {
    const { desk } = this.#parts;
    const open = await desk.all({ open: true }, INCIDENT_LIMITS.openMax, this.#call());
    for (const one of open) {
      if (one.kind === 'maintenance') await this.#turn(one);
      else await this.#remind(one);
    }
    await this.#parts.teller?.step(this.#call());
    await this.#parts.processes?.look(this.#call());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rounds[Symbol.asyncDispose]();
  }

  async #turn(one: Incident): Promise<void> {
    const { desk, clock, log } = this.#parts;
    if (turnOf(one, clock.now()) === null) return;
    const turned = await desk.add(
      one.id,
      null,
      (now) => {
        const turn = turnOf(now, clock.now());
        return turn === null ? null : [turn];
      },
      this.#call(),
    );
    log.info('maintenance.turned', { maintenance: one.id, phase: turned.phase });
  }

  async #remind(one: Incident): Promise<void> {
    const { clock, log, teller } = this.#parts;
    const [{ nextUpdateAt: promised, isDraft }, now] = [one, clock.now()];
    if (promised === null) return;
    const promise = `${one.id} ${promised}`;
    const soon = `${promise} soon`;
    if (!isDraft && now > promised - REMIND_MS && !this.#told.has(soon)) {
      await teller?.remind(one, this.#call());
      this.#note(soon);
    }
    if (isOverdue(one, now) && !this.#told.has(promise)) {
      log.warn('incident.update-overdue', { incident: one.id, promised });
      this.#note(promise);
    }
  }

  /** Another process, or this one after a restart, may say it again in the log; a letter is owed once all the same. */
  #note(what: string): void {
    if (this.#told.size >= TOLD_MAX) this.#told.clear();
    this.#told.add(what);
  }

  #call() {
    return within(CALL_MS, this.#rounds.signal);
  }
}
