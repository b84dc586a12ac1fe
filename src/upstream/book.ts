/**
 * All providers and destinations that this process has met of late. It hears from delivery on its own turns, so it does no more than count.
 * What must never happen: more kept than its bounds say; a recipient's own trouble (a full mailbox, a wrong address) taken for that of a server.
 */
import { classOf, type Provider, plainWords, providerOf } from '#/codec/refusal/index.ts';
import type {
  BounceClass,
  DestinationKey,
  PeerReply,
  TenantId,
  UpstreamDestination,
  UpstreamReport,
} from '#/model/index.ts';
import type { Clock, Counter, Meter, UpstreamEar, UpstreamReply } from '#/ports/index.ts';
import { hostOf } from './host-of.ts';
import { KnownProvider } from './known-provider.ts';
import { destinationsMax, destinationsTold, forgetMs, providersMax } from './limits.ts';

/** What tells of the mail, or of whom it is for, and not of the server. */
const OF_THE_MAIL: ReadonlySet<BounceClass> = new Set(['unknown-recipient', 'mailbox-full', 'content', 'spam']);

const COLUMN = { taken: 'delivered', later: 'deferred', refused: 'bounced' } as const;

interface KnownDestination {
  /** The host that answered last, so that its name is read once; null where none ever did. */
  host: string | null;
  provider: Provider;
  delivered: number;
  deferred: number;
  bounced: number;
  troubleSince: number | null;
}

export interface UpstreamTeller {
  readonly reporter: string;
  readonly region: string;
}

export class UpstreamBook implements UpstreamEar {
  readonly #who: UpstreamTeller;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #refusals: Counter;
  /** Both in order of their last use. */
  readonly #providers = new Map<string, KnownProvider>();
  readonly #destinations = new Map<DestinationKey, KnownDestination>();

  constructor(who: UpstreamTeller, { clock, meter }: { readonly clock: Pick<Clock, 'now'>; readonly meter: Meter }) {
    this.#who = who;
    this.#clock = clock;
    this.#refusals = meter.counter(
      'holdfast_upstream_refusals_total',
      'Recipients that other servers refused or told to come again, by class.',
    );
  }

  opened(destination: DestinationKey, host: string): void {
    this.#at(destination, host).provider.minute(this.#clock.now()).sessions += 1;
  }

  unreached(destination: DestinationKey, reply: PeerReply): void {
    const now = this.#clock.now();
    const { provider, known } = this.#at(destination, reply.host);
    const minute = provider.minute(now);
    minute.unreachable += 1;
    minute.refused(classOf(reply));
    minute.sign(now);
    known.troubleSince ??= now;
  }

  ended(destination: DestinationKey, tenant: TenantId, replies: readonly UpstreamReply[], elapsedMs: number): void {
    const [first] = replies;
    if (first === undefined) return;
    const now = this.#clock.now();
    const { provider, known } = this.#at(destination, first.reply.host);
    provider.minute(now).took(elapsedMs);
    for (const one of replies) {
      provider.met(tenant, COLUMN[one.kind]);
      this.#count(one, provider, known, now);
    }
  }

  rested(destination: DestinationKey, host: string, address: string, forMs: number): void {
    this.#at(destination, host).provider.rested(address, this.#clock.now() + forMs);
  }

  /** What is to be told now, of providers that were met within the hour; the others are forgotten. */
  reports(): readonly UpstreamReport[] {
    const now = this.#clock.now();
    for (const [id, { usedAt }] of this.#providers) if (now - usedAt > forgetMs) this.#providers.delete(id);
    for (const [key, { provider }] of this.#destinations)
      if (!this.#providers.has(provider.id)) this.#destinations.delete(key);
    const byProvider = Map.groupBy(this.#destinations, ([, { provider }]) => provider.id);
    return [...this.#providers].map(([id, provider]) => {
      const all = (byProvider.get(id) ?? []).map(([key, known]) => destinationOf(key, known)).toSorted(inOrder);
      return {
        ...{ ...this.#who, provider: id, name: provider.name, at: now },
        ...provider.told(now),
        destinations: all.slice(0, destinationsTold),
        moreDestinations: Math.max(0, all.length - destinationsTold),
      };
    });
  }

  /** What was told before a restart, one for each provider. */
  recall(reports: readonly UpstreamReport[]): void {
    for (const report of reports) {
      const { provider, name, at } = report;
      const known = this.#provider({ id: provider, name });
      known.usedAt ||= at;
      known.recall(report);
    }
  }

  #count({ kind, reply }: UpstreamReply, provider: KnownProvider, known: KnownDestination, now: number): void {
    const minute = provider.minute(now);
    if (kind === 'taken') {
      minute.delivered += 1;
      known.delivered += 1;
      known.troubleSince = null;
      provider.lastServedAt = now;
      return;
    }
    const of = classOf(reply);
    minute.refused(of);
    this.#refusals.add(1, { class: of });
    provider.refused(of, reply.code, plainWords(`${reply.enhanced ?? ''} ${reply.text}`), now);
    if (kind === 'refused') {
      minute.bounced += 1;
      known.bounced += 1;
      return;
    }
    minute.deferred += 1;
    known.deferred += 1;
    if (OF_THE_MAIL.has(of)) return;
    minute.sign(now);
    known.troubleSince ??= now;
  }

  /** `host` is null where none was reached: then it is whose the destination was last time, or whose its name says. */
  #at(
    destination: DestinationKey,
    host: string | null,
  ): { readonly provider: KnownProvider; readonly known: KnownDestination } {
    const before = this.#destinations.get(destination);
    const whose = this.#whose(destination, before, host);
    const known = before ?? { host, provider: whose, delivered: 0, deferred: 0, bounced: 0, troubleSince: null };
    known.provider = whose;
    known.host = host ?? known.host;
    this.#destinations.delete(destination);
    this.#destinations.set(destination, known);
    shrink(this.#destinations, destinationsMax);
    return { provider: this.#provider(whose), known };
  }

  #whose(destination: DestinationKey, before: KnownDestination | undefined, host: string | null): Provider {
    if (before !== undefined && (host === null || host === before.host)) return before.provider;
    return providerOf(host ?? hostOf(destination));
  }

  #provider({ id, name }: Provider): KnownProvider {
    const provider = this.#providers.get(id) ?? new KnownProvider(name);
    this.#providers.delete(id);
    this.#providers.set(id, provider);
    shrink(this.#providers, providersMax);
    return provider;
  }
}

function shrink(map: Map<unknown, unknown>, max: number): void {
  const [oldest] = map.keys();
  if (map.size > max) map.delete(oldest);
}

function destinationOf(
  destination: DestinationKey,
  { delivered, deferred, bounced, troubleSince }: KnownDestination,
): UpstreamDestination {
  return { destination, delivered, deferred, bounced, troubleSince };
}

/** Those in trouble first, then those with most mail. */
function inOrder(a: UpstreamDestination, b: UpstreamDestination): number {
  const trouble = Number(b.troubleSince !== null) - Number(a.troubleSince !== null);
  return trouble || b.delivered + b.deferred + b.bounced - (a.delivered + a.deferred + a.bounced);
}
