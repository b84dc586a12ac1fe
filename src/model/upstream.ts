import type { BounceClass } from './bounce-class.ts';
import type { TenantId } from './tenant.ts';

/** What became of attempts with the servers of one provider, in some minutes. Counts are recipients, unless the name says otherwise. */
export interface UpstreamFigures {
  /** Connections that stood, and times that no host could be used. */
  readonly sessions: number;
  readonly unreachable: number;
  readonly delivered: number;
  readonly deferred: number;
  readonly bounced: number;
  /** Refusals of both kinds, by class. */
  readonly classes: Readonly<Partial<Record<BounceClass, number>>>;
  /** Of what was deferred or unreachable: what tells of the server, and not of the mail or its recipient. */
  readonly failing: number;
  /** Ms that an attempt took; 0 where there was none. */
  readonly p50: number;
  readonly p95: number;
}

/** How one process that delivers finds the servers of one provider. Times are wall-clock ms. */
export interface UpstreamReport {
  /** The incarnation that tells, and its region. */
  readonly reporter: string;
  readonly region: string;
  /** Id and name of the provider. */
  readonly provider: string;
  readonly name: string;
  readonly at: number;
  readonly last5: UpstreamFigures;
  readonly last60: UpstreamFigures;
  /** Before the trouble that is there now, or before the last five minutes: what is usual. */
  readonly usual: { readonly failingShare: number; readonly p95: number };
  /** First and last sign of the trouble that is there now; null where there is none. */
  readonly trouble: { readonly since: number; readonly last: number; readonly signs: number } | null;
  readonly lastServedAt: number | null;
  /** Most used first, and those in trouble before the others. */
  readonly destinations: readonly UpstreamDestination[];
  readonly moreDestinations: number;
  /** Whose mail it is, those with most refusals first; absent in what an earlier release told. */
  readonly tenants?: readonly UpstreamTenant[];
  /** Addresses of ours that it does not trust, and until when they are not used for it; absent in what an earlier release told. */
  readonly resting?: readonly { readonly address: string; readonly until: number }[];
  /** Latest first; words without addresses and ids. */
  readonly refusals: readonly UpstreamRefusal[];
}

export interface UpstreamDestination {
  readonly destination: string;
  readonly delivered: number;
  readonly deferred: number;
  readonly bounced: number;
  /** First sign of trouble since mail was last taken; null where it was taken last. */
  readonly troubleSince: number | null;
}

/** Recipients of one tenant, since the provider was first met. */
export interface UpstreamTenant {
  readonly tenant: TenantId;
  readonly delivered: number;
  readonly deferred: number;
  readonly bounced: number;
}

export interface UpstreamRefusal {
  readonly class: BounceClass;
  readonly code: number;
  readonly words: string;
  readonly count: number;
  readonly lastAt: number;
}

/** One provider as all that tell of it find it. */
export type Upstream = Omit<UpstreamReport, 'reporter' | 'region' | 'at'>;

/** Most destinations and refusals of one provider, whoever tells of them. */
const LISTED_MAX = 50;

/** What several processes tell, one for each provider, in order of their names. Times are the worst that one of them found; counts are of all. */
export function upstreamsOf(reports: readonly UpstreamReport[]): readonly Upstream[] {
  const byProvider = Map.groupBy(reports, ({ provider }) => provider);
  return [...byProvider.values()].map((all) => all.reduce<Upstream>(together, EMPTY)).toSorted(byName);
}

const NOTHING: UpstreamFigures = {
  ...{ sessions: 0, unreachable: 0, delivered: 0, deferred: 0, bounced: 0, failing: 0, p50: 0, p95: 0 },
  classes: {},
};
const EMPTY: Upstream = {
  ...{ provider: '', name: '', last5: NOTHING, last60: NOTHING, usual: { failingShare: 0, p95: 0 }, trouble: null },
  ...{ lastServedAt: null, destinations: [], moreDestinations: 0, refusals: [] },
};

function byName(a: Upstream, b: Upstream): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}

function together(a: Upstream, b: Upstream): Upstream {
  const destinations = merged(a.destinations, b.destinations, ({ destination }) => destination, bothWays);
  return {
    provider: b.provider,
    name: b.name,
    last5: sumOf(a.last5, b.last5),
    last60: sumOf(a.last60, b.last60),
    usual: {
      failingShare: Math.max(a.usual.failingShare, b.usual.failingShare),
      p95: Math.max(a.usual.p95, b.usual.p95),
    },
    trouble: worseOf(a.trouble, b.trouble),
    lastServedAt: latestOf(a.lastServedAt, b.lastServedAt),
    destinations: destinations.slice(0, LISTED_MAX),
    moreDestinations: a.moreDestinations + b.moreDestinations + Math.max(0, destinations.length - LISTED_MAX),
    tenants: merged(a.tenants ?? [], b.tenants ?? [], ({ tenant }) => tenant, bothTenants).slice(0, LISTED_MAX),
    resting: merged(a.resting ?? [], b.resting ?? [], ({ address }) => address, latest),
    refusals: merged(a.refusals, b.refusals, ({ code, words }) => `${code} ${words}`, bothRefusals)
      .toSorted((one, other) => other.lastAt - one.lastAt)
      .slice(0, LISTED_MAX),
  };
}

function sumOf(a: UpstreamFigures, b: UpstreamFigures): UpstreamFigures {
  const classes: Partial<Record<BounceClass, number>> = { ...a.classes };
  for (const [of, count] of Object.entries(b.classes) as [BounceClass, number][])
    classes[of] = (classes[of] ?? 0) + count;
  return {
    sessions: a.sessions + b.sessions,
    unreachable: a.unreachable + b.unreachable,
    delivered: a.delivered + b.delivered,
    deferred: a.deferred + b.deferred,
    bounced: a.bounced + b.bounced,
    failing: a.failing + b.failing,
    classes,
    p50: Math.max(a.p50, b.p50),
    p95: Math.max(a.p95, b.p95),
  };
}

function worseOf(a: UpstreamReport['trouble'], b: UpstreamReport['trouble']): UpstreamReport['trouble'] {
  if (a === null || b === null) return a ?? b;
  return { since: Math.min(a.since, b.since), last: Math.max(a.last, b.last), signs: a.signs + b.signs };
}

function latestOf(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

function latest<T extends { readonly until: number }>(a: T, b: T): T {
  return a.until >= b.until ? a : b;
}

function bothTenants(a: UpstreamTenant, b: UpstreamTenant): UpstreamTenant {
  const { delivered, deferred, bounced } = b;
  return {
    tenant: a.tenant,
    delivered: a.delivered + delivered,
    deferred: a.deferred + deferred,
    bounced: a.bounced + bounced,
  };
}

function bothWays(a: UpstreamDestination, b: UpstreamDestination): UpstreamDestination {
  const since = a.troubleSince === null || b.troubleSince === null ? null : Math.min(a.troubleSince, b.troubleSince);
  return {
    destination: a.destination,
    delivered: a.delivered + b.delivered,
    deferred: a.deferred + b.deferred,
    bounced: a.bounced + b.bounced,
    troubleSince: since,
  };
}

function bothRefusals(a: UpstreamRefusal, b: UpstreamRefusal): UpstreamRefusal {
  return { ...a, count: a.count + b.count, lastAt: Math.max(a.lastAt, b.lastAt) };
}

function merged<T>(a: readonly T[], b: readonly T[], keyOf: (one: T) => string, both: (a: T, b: T) => T): T[] {
  const all = new Map(a.map((one) => [keyOf(one), one]));
  for (const one of b) {
    const other = all.get(keyOf(one));
    all.set(keyOf(one), other === undefined ? one : both(other, one));
  }
  return [...all.values()];
}
