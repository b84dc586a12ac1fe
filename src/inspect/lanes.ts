/**
 * The places of one worker, in two lanes, so that mail which takes long takes a bounded part of it.
 * ```
 *   due ─▶ fast place ─▶ judged
 *              └─ not soon ─▶ slow place ─▶ judged
 *                    └─ none for it ─▶ given up ─▶ (the store's slow lane) ─▶ slow place ─▶ judged
 * ```
 * What was given up waits in the store (`inspect:slow`), whichever worker takes it from there; its next visit begins in a slow place.
 *
 * What must never happen: other mail that waits behind slow mail for longer than it takes to see that it is slow; slow places that are all
 * one tenant's, or that all wait for one server. Carries M4, M5.
 */
import type { TenantId } from '#/model/index.ts';
import type { InspectLimits } from './limits.ts';

type LaneLimits = Pick<InspectLimits, 'mailsAtOnce' | 'slowAtOnce' | 'slowShare'>;

/** `alone`: over which a worker was lost, inspected with nothing beside it, for as long as it takes. */
export type Lane = 'fast' | 'slow' | 'alone';

/** Why what is under way is not to go on: there is no slow place for it; the worker ends. */
export type GivenUp = 'slow' | 'late';

/** What one mail under way takes. */
export class Place {
  readonly tenant: TenantId;
  #lane: Lane;
  /** Servers beside ours that it waits for. */
  #servers: readonly string[];
  readonly #end = new AbortController();
  #givenUp: GivenUp | null = null;

  constructor(lane: Lane, tenant: TenantId, servers: readonly string[]) {
    this.#lane = lane;
    this.tenant = tenant;
    this.#servers = servers;
  }

  get lane(): Lane {
    return this.#lane;
  }

  /** Aborts when it is given up. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  get givenUp(): GivenUp | null {
    return this.#givenUp;
  }

  waitsFor(server: string): boolean {
    return this.#servers.includes(server);
  }

  giveUp(why: GivenUp): void {
    this.#givenUp ??= why;
    this.#end.abort(new Error('given up'));
  }

  slowDown(servers: readonly string[]): void {
    this.#lane = 'slow';
    this.#servers = servers;
  }
}

export class Lanes {
  readonly #limits: LaneLimits;
  readonly #places = new Set<Place>();
  #slow = 0;
  #freed = Promise.withResolvers<void>();

  constructor(limits: LaneLimits) {
    this.#limits = limits;
  }

  /** Mails under way. */
  get size(): number {
    return this.#places.size;
  }

  get slow(): number {
    return this.#slow;
  }

  get fast(): number {
    return this.size - this.#slow;
  }

  /** Whether a mail may begin in the fast lane. */
  get hasFast(): boolean {
    return this.fast < this.#limits.mailsAtOnce;
  }

  /** Slow places that mails of this tenant, which wait for these servers, may have now. */
  slowRoom(tenant: TenantId, servers: readonly string[]): number {
    const { slowAtOnce, slowShare } = this.#limits;
    const taken = [
      this.#slowOnes((place) => place.tenant === tenant),
      ...servers.map((server) => this.#slowOnes((place) => place.waitsFor(server))),
    ];
    return Math.max(0, Math.min(slowAtOnce - this.#slow, slowShare - Math.max(...taken)));
  }

  enter(lane: Lane, tenant: TenantId, servers: readonly string[]): Place {
    const place = new Place(lane, tenant, servers);
    this.#places.add(place);
    if (lane === 'slow') this.#slow += 1;
    return place;
  }

  /** It takes long: goes on in a slow place, where there is one for it. */
  slowDown(place: Place, servers: readonly string[]): boolean {
    if (place.lane !== 'fast' || !this.#places.has(place)) return true;
    if (this.slowRoom(place.tenant, servers) === 0) return false;
    place.slowDown(servers);
    this.#slow += 1;
    this.#ring();
    return true;
  }

  leave(place: Place): void {
    if (!this.#places.delete(place)) return;
    if (place.lane === 'slow') this.#slow -= 1;
    this.#ring();
  }

  /** Resolves when a place is free that was not. */
  freed(): Promise<void> {
    return this.#freed.promise;
  }

  giveUpAll(why: GivenUp): void {
    for (const place of this.#places) place.giveUp(why);
  }

  #slowOnes(is: (place: Place) => boolean): number {
    let count = 0;
    for (const place of this.#places) if (place.lane === 'slow' && is(place)) count += 1;
    return count;
  }

  #ring(): void {
    this.#freed.resolve();
    this.#freed = Promise.withResolvers<void>();
  }
}
