/**
 * One provider as this process finds it.
 * ```
 *   well ──a minute of which a fifth failed──▶ in trouble ──attempts that went well, and a minute without a sign──▶ well
 * ```
 * What is usual is learnt while it is well, and kept while it is not.
 */
import type { BounceClass, TenantId, UpstreamReport } from '#/model/index.ts';
import { calmMs, minutesKept, recentMinutes, refusalsMax, tenantsMax, tenantsTold, troubleShare } from './limits.ts';
import { failingShareOf, Minute, sumOf } from './minute.ts';

const MINUTE_MS = 60_000;

interface Refused {
  readonly class: BounceClass;
  readonly code: number;
  readonly words: string;
  count: number;
  lastAt: number;
}

/** What is told of a provider, without who tells it. */
export type Told = Pick<
  UpstreamReport,
  'last5' | 'last60' | 'usual' | 'trouble' | 'lastServedAt' | 'refusals' | 'resting' | 'tenants'
>;

export class KnownProvider {
  readonly name: string;
  /** Wall-clock ms. */
  usedAt = 0;
  lastServedAt: number | null = null;
  readonly #minutes: Minute[] = [];
  /** By address of ours, until when it rests, wall-clock ms. There are no more than the pools have. */
  readonly #resting = new Map<string, number>();
  /** In order of their last mail. */
  readonly #tenants = new Map<TenantId, { delivered: number; deferred: number; bounced: number }>();
  readonly #refusals = new Map<string, Refused>();
  #trouble: UpstreamReport['trouble'] = null;
  #usual: UpstreamReport['usual'] = { failingShare: 0, p95: 0 };

  constructor(name: string) {
    this.name = name;
  }

  /** What was known before a restart. */
  recall({ trouble, usual, lastServedAt }: Pick<UpstreamReport, 'trouble' | 'usual' | 'lastServedAt'>): void {
    if (trouble !== null) {
      const own = this.#trouble;
      this.#trouble = own === null ? trouble : { ...own, since: trouble.since, signs: own.signs + trouble.signs };
    }
    this.#usual = usual;
    this.lastServedAt ??= lastServedAt;
  }

  minute(now: number): Minute {
    this.usedAt = now;
    const at = Math.floor(now / MINUTE_MS);
    const last = this.#minutes.at(-1);
    // A clock that was put back goes on in the minute that it left.
    if (last !== undefined && last.at >= at) return last;
    const minute = new Minute(at);
    this.#minutes.push(minute);
    while ((this.#minutes[0]?.at ?? at) <= at - minutesKept) this.#minutes.shift();
    return minute;
  }

  /** A recipient of this tenant. */
  met(tenant: TenantId, how: 'delivered' | 'deferred' | 'bounced'): void {
    const known = this.#tenants.get(tenant) ?? { delivered: 0, deferred: 0, bounced: 0 };
    known[how] += 1;
    this.#tenants.delete(tenant);
    this.#tenants.set(tenant, known);
    const [oldest] = this.#tenants.keys();
    if (this.#tenants.size > tenantsMax && oldest !== undefined) this.#tenants.delete(oldest);
  }

  rested(address: string, until: number): void {
    this.#resting.set(address, until);
  }

  refused(of: BounceClass, code: number, words: string, now: number): void {
    const key = `${code} ${words}`;
    const known = this.#refusals.get(key) ?? { class: of, code, words, count: 0, lastAt: now };
    known.count += 1;
    known.lastAt = now;
    // The latest stands last, and the one that was not heard for longest goes.
    this.#refusals.delete(key);
    this.#refusals.set(key, known);
    const [oldest] = this.#refusals.keys();
    if (this.#refusals.size > refusalsMax && oldest !== undefined) this.#refusals.delete(oldest);
  }

  told(now: number): Told {
    const at = Math.floor(now / MINUTE_MS);
    const kept = this.#minutes.filter((one) => one.at > at - minutesKept);
    this.#look(kept, now);
    const last5 = sumOf(kept.filter((one) => one.at > at - recentMinutes));
    if (this.#trouble === null) this.#learn(kept.filter((one) => one.at <= at - recentMinutes));
    return {
      last5,
      last60: sumOf(kept),
      usual: this.#usual,
      trouble: this.#trouble,
      lastServedAt: this.lastServedAt,
      tenants: [...this.#tenants]
        .map(([tenant, counts]) => ({ tenant, ...counts }))
        .toSorted((a, b) => b.deferred + b.bounced - (a.deferred + a.bounced))
        .slice(0, tenantsTold),
      resting: [...this.#resting].filter(([, until]) => until > now).map(([address, until]) => ({ address, until })),
      refusals: [...this.#refusals.values()].map((one) => ({ ...one })).toReversed(),
    };
  }

  #look(minutes: readonly Minute[], now: number): void {
    const used = minutes.filter((one) => one.failingShare !== null);
    const run = used.slice(used.findLastIndex((one) => (one.failingShare ?? 0) < troubleShare) + 1);
    const [first, last] = [run[0], run.at(-1)];
    const known = this.#trouble;
    if (first === undefined || last === undefined) {
      if (known !== null && used.length > 0 && now - known.last >= calmMs) this.#trouble = null;
      return;
    }
    this.#trouble = {
      since: known?.since ?? first.firstSignAt ?? now,
      last: last.lastSignAt ?? now,
      signs: run.reduce((sum, { failing }) => sum + failing, 0),
    };
  }

  #learn(minutes: readonly Minute[]): void {
    const sum = sumOf(minutes);
    if (sum.delivered + sum.deferred + sum.bounced === 0) return;
    this.#usual = { failingShare: failingShareOf(sum), p95: sum.p95 };
  }
}
