/**
 * Keeps one cell open in this process: opens its store, has its services run on it, and begins anew when one of them can't go on.
 * ```
 *   opening ──▶ open ──▶ served ──▶ given up ──▶ opening …
 *      ▲  │       └──────────┴── the store does not answer: away, and back by itself
 *      └──┘ it can't be opened: away, and tried again every second
 * ```
 * What must never happen: one cell's trouble that ends this process, or makes another cell wait; an attempt of a cell that is given up;
 * two services on one cell.
 */
import type { Settings } from '#/config/index.ts';
import { Fault, type Settlement } from '#/model/index.ts';
import type { Cell, CellStores, KnownResources } from '#/store/cells/index.ts';
import { forgetful } from '../chaos.ts';
import { isShared } from '../groups.ts';
import { newIncarnation } from '../incarnation.ts';
import type { Opened, ProcessRoleParts } from '../opened.ts';
import { meterCosts } from '../store-costs.ts';
import type { Stores } from '../stores.ts';
import { labelled } from './labelled-meter.ts';
import { openCellStores } from './open-cell.ts';
import { asWorker } from './own-worker.ts';
import type { CellServices } from './services.ts';

/** What runs on a cell that was opened; `doomed` says that it is being given up. */
export type OpenServices = (opened: Opened, doomed: () => boolean) => Promise<CellServices>;

/** Between attempts to open it. */
const AGAIN_MS = 1_000;
const LOOK_MS = 500;
/** A store that is silent for less is slow, not away: calls wait for it. */
const AWAY_MS = 4_000;
/** Its heartbeat stands still though its store answers: what runs on it is stuck. */
const STUCK_MS = 20_000;
/** So long a start waits for a cell that another process has still, or has not opened yet, before it is called away. */
const FIRST_LOOK_MS = 5_000;

/** One opening of the store, until it is given up. */
interface Standing {
  readonly stores: Stores;
  readonly asked: CellStores;
  readonly doom: PromiseWithResolvers<string>;
  services: CellServices | null;
  doomed: boolean;
}

export class CellKeeper implements Cell, AsyncDisposable {
  readonly name: string;
  readonly #settings: Settings;
  readonly #parts: ProcessRoleParts;
  readonly #known: KnownResources;
  readonly #stop = new AbortController();
  readonly #serve = Promise.withResolvers<OpenServices | null>();
  readonly #startedAt: number;
  #loops: Promise<unknown> = Promise.resolve();
  #standing: Standing | null = null;
  /** Why it can't be opened; empty where it has not been tried to the end. */
  #why = '';
  /** Another process has it still, or is about to open it. */
  #locked = false;
  #silentSince: number | null = null;
  #told: 'unknown' | 'there' | 'away' = 'unknown';

  /** `settings` are the cell's own. Use `CellKeeper.start`. */
  private constructor(name: string, settings: Settings, parts: ProcessRoleParts, known: KnownResources) {
    this.name = name;
    this.#settings = settings;
    this.#known = known;
    this.#parts = { ...parts, log: parts.log.child({ cell: name }), meter: labelled(parts.meter, { cell: name }) };
    this.#startedAt = parts.clock.monotonic();
  }

  /** Begins to open it. */
  static start(name: string, settings: Settings, parts: ProcessRoleParts, known: KnownResources): CellKeeper {
    const keeper = new CellKeeper(name, settings, parts, known);
    meterCosts(() => keeper.#standing?.stores.costs ?? null, keeper.#parts.meter);
    const up = keeper.#parts.meter.gauge('holdfast_cell_up', 'Whether a cell is there (1) or away (0).');
    keeper.#parts.meter.beforeExposition(() => up.set(keeper.isThere ? 1 : 0));
    keeper.#loops = Promise.all([keeper.#keep(), keeper.#watch()]);
    return keeper;
  }

  /** Whether it is open and its store answers. */
  get isThere(): boolean {
    return this.#standing !== null && !this.#isSilent();
  }

  /** Whether it is known how it stands: there, or away. */
  get isSettled(): boolean {
    if (this.#standing !== null) return true;
    const isPatient = this.#why === '' || this.#locked;
    return !isPatient || this.#parts.clock.monotonic() - this.#startedAt > FIRST_LOOK_MS;
  }

  /** What runs on it; null while it is away or only being opened. */
  get services(): CellServices | null {
    return this.isThere ? (this.#standing?.services ?? null) : null;
  }

  /** Records a settlement of a worker of ours until custody takes it, silent or not. One of a worker that was given up has lapsed with it. */
  settleLater(settlement: Settlement): void {
    this.#standing?.services?.claims?.settleLater(settlement);
  }

  /** Why it is away, for people. */
  get why(): string {
    if (this.#standing !== null) return 'its store does not answer';
    return this.#why === '' ? 'it is being opened' : this.#why;
  }

  stores(): CellStores {
    const standing = this.#standing;
    if (standing === null || this.#isSilent())
      throw new Fault('store.unavailable', `It is the cell ${this.name}: ${this.why}.`);
    return standing.asked;
  }

  derivedKey(purpose: string): Buffer | null {
    return this.#standing?.stores.derivedKey(purpose) ?? null;
  }

  /** From now on these services run on it whenever it is open. */
  serveBy(open: OpenServices): void {
    this.#serve.resolve(open);
  }

  /** Ends its services, then its store. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#serve.resolve(null);
    this.#standing?.doom.resolve('');
    await this.#loops;
  }

  async #keep(): Promise<void> {
    const { clock, log } = this.#parts;
    while (!this.#stop.signal.aborted) {
      try {
        await this.#openAndServe();
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        if (why !== this.#why && this.#told !== 'unknown') log.warn('cell.away', { why });
        this.#why = why;
        this.#locked = error instanceof Fault && error.code === 'store.locked';
      }
      await clock.sleep(AGAIN_MS, this.#stop.signal);
    }
  }

  /** Resolves when it is given up, or we end; rejects when it can't be opened or served. */
  async #openAndServe(): Promise<void> {
    const doom = Promise.withResolvers<string>();
    const { signal } = this.#stop;
    const incarnation = newIncarnation(this.#parts.group.name, this.#parts.clock.now());
    const onFatal = (reason: string): void => this.#giveUp(doom, reason);
    const waits = (error: unknown): void => {
      this.#why = error instanceof Error ? error.message : String(error);
      this.#locked = true;
    };
    const parts: ProcessRoleParts = { ...this.#parts, stop: signal, onFatal, onDoubt: onFatal };
    const kept = await openCellStores(this.name, this.#settings, { ...parts, incarnation, known: this.#known, waits });
    const { owner, roles } = parts.group;
    const place = { inspects: roles.includes('inspect'), writes: owner || isShared(this.#settings) };
    const stores = { ...kept, custody: forgetful(kept.custody, process.env, place) };
    const asked = { ...stores, custody: asWorker(stores.custody, incarnation.id) };
    const standing: Standing = { stores, asked, doom, services: null, doomed: false };
    await using open = new AsyncDisposableStack();
    open.use(kept);
    if (signal.aborted) return;
    this.#standing = standing;
    this.#silentSince = null;
    open.defer(async () => {
      this.#standing = null;
    });
    const serve = await this.#serve.promise;
    if (serve === null) return;
    const opened: Opened = { settings: this.#settings, parts, incarnation, stores };
    standing.services = open.use(await serve(opened, () => standing.doomed));
    await doom.promise;
    if (!signal.aborted) this.#standing = null;
  }

  #giveUp(doom: PromiseWithResolvers<string>, reason: string): void {
    const standing = this.#standing;
    if (standing !== null && standing.doom === doom) {
      if (standing.doomed) return;
      standing.doomed = true;
      this.#parts.log.error('cell.given-up', { why: reason });
      this.#why = reason;
    }
    doom.resolve(reason);
  }

  #isSilent(): boolean {
    return this.#silentSince !== null && this.#parts.clock.monotonic() - this.#silentSince > AWAY_MS;
  }

  async #watch(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#look();
      await this.#parts.clock.sleep(LOOK_MS, this.#stop.signal);
    }
  }

  #look(): void {
    const { clock, log } = this.#parts;
    const services = this.#standing?.services ?? null;
    const answers = services === null || services.answersSince() !== null;
    this.#silentSince = answers ? null : (this.#silentSince ?? clock.monotonic());
    if (this.#standing !== null && services !== null && services.vitals.stillMs() > STUCK_MS)
      this.#giveUp(this.#standing.doom, 'its heartbeat stands still');
    if (!this.isSettled) return;
    const now = this.isThere ? 'there' : 'away';
    if (now === this.#told) return;
    if (now === 'away') log.warn('cell.away', { why: this.why });
    else if (this.#told === 'away') log.info('cell.back');
    this.#told = now;
  }
}
