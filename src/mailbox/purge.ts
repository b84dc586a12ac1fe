/**
 * What was deleted goes for good, in steps that nobody feels (O3): Trash and Junk by their retention become recoverable; what was recoverable long
 * enough is purged, its octets and their space with it. One account after the other, round and round.
 *
 *   looking ── something to do ──▶ stepping ◀──▶ resting      (paused by a person: neither, see `purge-pause.ts`)
 *
 * What must never happen: a purge while the clock can't be trusted, of an account that is held, or before its time; a step that makes people
 * wait while a pause would not.
 */
import { type AccountKey, type Call, Fault, PROBE_TENANT, within } from '#/model/index.ts';
import type { Clock, Custody, Gauge, Log, Mailboxes, Meter } from '#/ports/index.ts';
import { FOREGROUND_MS, type Foreground } from './foreground.ts';
import { nextPace } from './pace.ts';
import { PurgePause } from './purge-pause.ts';

export interface PurgeSettings {
  readonly recoverableMs: number;
  readonly trashMs: number;
  readonly junkMs: number;
}

export interface PurgeParts {
  readonly mailboxes: Mailboxes;
  readonly foreground: Foreground;
  /** Where a pause is written down. */
  readonly custody: Pick<Custody, 'remember' | 'recall'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  /** Whether time may be trusted with what can't be undone (design 1, Clocks). */
  readonly timeIsSteady: () => Promise<boolean>;
}

export interface PurgeStatus {
  readonly paused: boolean;
  /** Messages that are due and not purged yet, of the account at hand. */
  readonly backlog: number;
  /** Messages a second, of late. */
  readonly pace: number;
  /** Until the account at hand is done, s; null: unknown. */
  readonly etaSeconds: number | null;
  /** Purged since the start. */
  readonly purged: number;
  readonly waitsForPeople: boolean;
}

export interface RunningPurge extends AsyncDisposable {
  status(): PurgeStatus;
  /** Outlives a restart once it has resolved. */
  pause(paused: boolean, call: Call): Promise<void>;
  /** Purges all that is recoverable of one account, whatever its age, at the usual pace; resolves with how many messages went. Held accounts: 0. */
  now(account: AccountKey, call: Call): Promise<number>;
}

const CALL_MS = 60_000;
/** From one look at all accounts to the next. */
const ROUND_MS = 600_000;
const PAGE_ACCOUNTS = 100;
/** Between accounts that have nothing to purge. */
const NEXT_ACCOUNT_MS = 5;
const FAILED_MS = 5_000;
const FIRST_STEP = 50;
const PAUSED_MS = 1_000;

function isOver({ deadlineAt, signal }: Call): boolean {
  return signal?.aborted === true || performance.now() > deadlineAt;
}

/** Runs until it is disposed. */
export function startPurge(settings: PurgeSettings, parts: PurgeParts): RunningPurge {
  return new Purge(settings, parts);
}

class Purge implements RunningPurge {
  readonly #settings: PurgeSettings;
  readonly #parts: PurgeParts;
  readonly #stop = new AbortController();
  readonly #pause: PurgePause;
  readonly #rounds: Promise<void>;
  readonly #gauges: { readonly backlog: Gauge; readonly pace: Gauge; readonly purged: Gauge };
  #messages = FIRST_STEP;
  #stepMs = 0;
  #lastStepAt = Number.NEGATIVE_INFINITY;
  #usualMs: number | null = null;
  #backlog = 0;
  #pace = 0;
  #purged = 0;
  #waits = false;

  constructor(settings: PurgeSettings, parts: PurgeParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#pause = new PurgePause(parts.custody, parts.clock);
    const { meter } = parts;
    this.#gauges = {
      backlog: meter.gauge('holdfast_purge_backlog', 'Messages of the account at hand that wait to be purged.'),
      pace: meter.gauge('holdfast_purge_pace', 'Messages purged a second, of late.'),
      purged: meter.gauge('holdfast_purge_messages', 'Messages purged since the start.'),
    };
    this.#rounds = this.#run();
  }

  status(): PurgeStatus {
    const etaSeconds = this.#pace > 0 ? Math.ceil(this.#backlog / this.#pace) : this.#backlog === 0 ? 0 : null;
    return {
      paused: this.#pause.paused,
      backlog: this.#backlog,
      pace: Math.round(this.#pace),
      etaSeconds,
      purged: this.#purged,
      waitsForPeople: this.#waits,
    };
  }

  pause(paused: boolean, call: Call): Promise<void> {
    return this.#pause.set(paused, call);
  }

  now(account: AccountKey, call: Call): Promise<number> {
    return this.#purge(account, this.#parts.clock.now(), call);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#rounds;
  }

  async #run(): Promise<void> {
    const { clock } = this.#parts;
    while (!this.#stop.signal.aborted) {
      let pauseMs = ROUND_MS;
      try {
        if (await this.#pause.look(this.#stop.signal)) pauseMs = PAUSED_MS;
        else await this.#round();
      } catch (error) {
        this.#failed(error);
        pauseMs = FAILED_MS;
      }
      await clock.sleep(pauseMs, this.#stop.signal);
    }
  }

  async #round(): Promise<void> {
    const { mailboxes, clock, timeIsSteady } = this.#parts;
    for (let after: AccountKey | null = null; ; ) {
      const accounts: readonly AccountKey[] = await mailboxes.accounts(after, PAGE_ACCOUNTS, this.#call());
      for (const account of accounts) {
        if (this.#stop.signal.aborted || !(await timeIsSteady())) return;
        await this.#keep(account);
        await clock.sleep(NEXT_ACCOUNT_MS, this.#stop.signal);
      }
      after = accounts.at(-1) ?? null;
      if (accounts.length < PAGE_ACCOUNTS) return;
    }
  }

  /** One account; its trouble, such as a damaged file, is no reason to leave out the others. */
  async #keep(account: AccountKey): Promise<void> {
    try {
      await this.#retire(account);
      // Nobody wants a test mail back.
      const recoverableMs = account.tenant === PROBE_TENANT ? 0 : this.#settings.recoverableMs;
      await this.#purge(account, this.#parts.clock.now() - recoverableMs);
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.#parts.log.warn('mailbox.purge-failed', { why: error instanceof Error ? error.message : String(error) });
  }

  /** Trash and Junk by their age: as if their owner had expunged it. */
  async #retire(account: AccountKey): Promise<void> {
    const { mailboxes, clock } = this.#parts;
    const ages = { Trash: this.#settings.trashMs, Junk: this.#settings.junkMs } as const;
    for (const { id, specialUse, exists } of await mailboxes.list(account, this.#call())) {
      if (exists === 0 || (specialUse !== 'Trash' && specialUse !== 'Junk')) continue;
      const before = clock.now() - ages[specialUse];
      await this.#steps(async (limit) => {
        const done = await mailboxes.retire(account, id, before, limit, this.#call());
        return { done, more: done > 0 };
      });
    }
  }

  async #purge(account: AccountKey, before: number, caller: Call | null = null): Promise<number> {
    let gone = 0;
    await this.#steps(async (limit) => {
      const step = await this.#parts.mailboxes.purge(account, before, limit, this.#call());
      gone += step.messages;
      this.#purged += step.messages;
      this.#backlog = step.left;
      return { done: step.messages, more: step.messages > 0 || step.moreSpace };
    }, caller);
    return gone;
  }

  /** One step after the other, until one finds nothing to do. */
  async #steps(
    step: (limit: number) => Promise<{ readonly done: number; readonly more: boolean }>,
    caller: Call | null = null,
  ): Promise<void> {
    const { clock } = this.#parts;
    const begun = clock.monotonic();
    for (let all = 0; !this.#stop.signal.aborted; ) {
      if (caller !== null && isOver(caller)) throw new Fault('call.late');
      const { messages, pauseMs } = await this.#next();
      if (messages > 0) {
        const stepAt = clock.monotonic();
        const { done, more } = await step(messages);
        this.#stepMs = clock.monotonic() - stepAt;
        this.#messages = messages;
        this.#lastStepAt = clock.monotonic();
        all += done;
        this.#pace = (all / Math.max(1, clock.monotonic() - begun)) * 1_000;
        this.#gauges.backlog.set(this.#backlog);
        this.#gauges.pace.set(this.#pace);
        this.#gauges.purged.set(this.#purged);
        if (!more) return;
      }
      await clock.sleep(pauseMs, this.#stop.signal);
    }
  }

  async #next(): Promise<{ readonly messages: number; readonly pauseMs: number }> {
    const { foreground, clock } = this.#parts;
    if (await this.#pause.look(this.#stop.signal)) return { messages: 0, pauseMs: PAUSED_MS };
    const p95Ms = foreground.p95();
    // What people are used to is learnt while we rest, or a purge would become the usual.
    if (p95Ms !== null && clock.monotonic() - this.#lastStepAt > FOREGROUND_MS) this.#usualMs = p95Ms;
    const facts = { p95Ms, usualMs: this.#usualMs, underWay: foreground.underWay, stepMs: this.#stepMs };
    const pace = nextPace(this.#messages, facts);
    this.#waits = pace.messages === 0;
    return pace;
  }

  #call() {
    return within(CALL_MS, this.#stop.signal);
  }
}
