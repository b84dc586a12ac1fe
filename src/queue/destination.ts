/**
 * One next hop: what waits for it in memory, how many work on it, and whether it is up.
 * ```
 *   open ──down()──▶ closed ──probe──▶ probing ──alive()──▶ open
 *                      ▲                  │
 *                      └──────down()──────┘
 * ```
 * While it is not open nothing waits in memory: its rows wait in the store, on it and not on their own due times (design 1).
 * What must never happen: a claim counted here that nobody holds; a slot that is counted twice or never given back.
 */
import { type Claim, cloudHostOf, type DestinationKey, type TenantId } from '#/model/index.ts';
import type { Holding } from './budget.ts';
import { FairQueue } from './fair-queue.ts';
import { Flow } from './flow.ts';
import type { QueueSettings } from './settings.ts';

export type DestinationState = 'open' | 'closed' | 'probing';

export class Destination implements Holding {
  readonly key: DestinationKey;
  readonly fresh = new FairQueue();
  readonly backlog = new FairQueue();
  readonly flow: Flow;
  /** Held in memory: waiting, reserved for mail that is being accepted, or under way. */
  claims = 0;
  bytes = 0;
  /** Connections that have a slot; of them those that work on the backlog, those that stand, and those that have not asked yet. */
  slots = 0;
  backlogSlots = 0;
  standing = 0;
  hungry = 0;
  probes = 0;
  /** Settlements in which a peer took mail, ever. */
  successes = 0;
  /** Tenants whose rows wait on this destination although their own due time is later: it has just opened. */
  catchUp: Set<TenantId> = new Set();
  /** Wall-clock ms of the last opening and of the last change of state. */
  openedAt = 0;
  since: number;
  lastTrouble = '';
  /** Monotonic ms of the last use, and of the next probe. */
  usedAt = 0;
  nextProbeAt = 0;
  readonly #settings: QueueSettings;
  readonly #isRoute: boolean;
  #state: DestinationState = 'open';
  #failures = 0;
  #turn = 0;

  constructor(key: DestinationKey, nowMs: number, settings: QueueSettings) {
    this.key = key;
    this.since = nowMs;
    this.#settings = settings;
    this.#isRoute = !key.startsWith('mx:') && cloudHostOf(key) === null;
    this.flow = new Flow(this.#isRoute ? settings.flow.routeMax : settings.flow.mxMax, settings.flow);
  }

  get state(): DestinationState {
    return this.#state;
  }

  get open(): boolean {
    return this.#state === 'open';
  }

  /** Whether it is down, and a look since it closed has confirmed that. */
  get foundDown(): boolean {
    return !this.open && this.#failures > 1;
  }

  /** Claims waiting in memory. */
  get waiting(): number {
    return this.fresh.size + this.backlog.size;
  }

  /** Claims of one tenant waiting in memory. */
  waitingOf(tenant: TenantId): number {
    return this.fresh.sizeOf(tenant) + this.backlog.sizeOf(tenant);
  }

  /** Puts a claim into its lane. Fresh is what was never attempted and has just come; all else is backlog, in memory or not. */
  put(claim: Claim, nowMs: number): void {
    (this.#isFresh(claim, nowMs) ? this.fresh : this.backlog).push(claim);
  }

  /** How many more connections could find work now. */
  openings(): number {
    const backlogRoom = Math.min(this.backlog.size, Math.max(0, this.flow.backlogLimit - this.backlogSlots));
    return Math.min(this.flow.limit - this.slots, this.fresh.size + backlogRoom - this.hungry);
  }

  /** The next claim for a connection; fresh before backlog, but every few times the backlog has its turn (M5). */
  take(onBacklog: boolean): { readonly claim: Claim; readonly backlog: boolean } | undefined {
    const mayBacklog = this.backlog.size > 0 && (onBacklog || this.backlogSlots < this.flow.backlogLimit);
    const backlog = mayBacklog && (this.fresh.size === 0 || this.#backlogsTurn());
    const claim = (backlog ? this.backlog : this.fresh).take();
    return claim === undefined ? undefined : { claim, backlog };
  }

  /** Takes out all that waits in memory. */
  drain(): Claim[] {
    return [...this.fresh.drain(), ...this.backlog.drain()];
  }

  /** Closes it, or notes that a probe found it still down. Returns whether it was open. `random` in [0, 1) spreads the probes of MX hosts. */
  close(why: string, wallMs: number, monotonicMs: number, random: number): boolean {
    const was = this.#state;
    if (was === 'open') {
      this.since = wallMs;
      this.#failures = 0;
      this.flow.restart();
    }
    this.#state = 'closed';
    this.lastTrouble = why;
    this.nextProbeAt = monotonicMs + this.#probeWait(random);
    this.#failures += 1;
    return was === 'open';
  }

  /** Opens it after a first success. Returns whether it was down. */
  reopen(wallMs: number): boolean {
    if (this.#state === 'open') return false;
    this.#state = 'open';
    this.since = wallMs;
    this.openedAt = wallMs;
    this.flow.restart();
    return true;
  }

  /** Whether it is time to look whether it is back. */
  wantsProbe(monotonicMs: number): boolean {
    const atOnce = this.#isRoute ? this.#settings.probe.routeAtOnce : 1;
    return this.#state !== 'open' && this.probes < atOnce && monotonicMs >= this.nextProbeAt;
  }

  /** A probe is being made ready; the next may follow while it hangs. */
  awaitProbe(monotonicMs: number, random: number): void {
    this.nextProbeAt = monotonicMs + this.#probeWait(random);
  }

  /** A probe has begun. */
  probing(): void {
    this.#state = 'probing';
  }

  /** Whether nothing would be lost by forgetting it. */
  idle(): boolean {
    return this.claims === 0 && this.slots === 0;
  }

  #probeWait(random: number): number {
    const { routeMs, mxFirstMs, mxMaxMs } = this.#settings.probe;
    if (this.#isRoute) return routeMs;
    return Math.min(mxMaxMs, mxFirstMs * 2 ** Math.min(this.#failures, 20)) * (0.5 + random / 2);
  }

  #isFresh(claim: Claim, nowMs: number): boolean {
    if (nowMs - claim.mail.receivedAt > this.#settings.lanes.freshMs) return false;
    return claim.recipients.every((recipient) => recipient.attempts === 0);
  }

  #backlogsTurn(): boolean {
    this.#turn = (this.#turn + 1) % this.#settings.flow.backlogEvery;
    return this.#turn === 0;
  }
}
