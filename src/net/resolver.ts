/**
 * DNS over c-ares, with servers of its own choice or the system's. Answers are kept for a short time in a bounded cache; equal questions
 * of one moment are asked once; questions in flight and waiting are bounded. With the system's servers, /etc/hosts counts too.
 */
import { Resolver as CaresResolver } from 'node:dns/promises';
import { domainToASCII } from 'node:url';
import type { Call, Domain } from '#/model/index.ts';
import { Fault, formatIp, parseIp } from '#/model/index.ts';
import type { Clock, MxAnswer, Resolver } from '#/ports/index.ts';
import { inTime } from './deadline.ts';
import { hostsFile } from './hosts-file.ts';
import { ttlCache } from './ttl-cache.ts';
import { createTurnstile } from './turnstile.ts';

export interface ResolverSettings {
  /** `192.0.2.53` or `[2001:db8::53]:5353`; empty: the system's. */
  readonly servers: readonly string[];
  /** Ms before a question is sent again, and how often it is sent. */
  readonly tryMs: number;
  readonly tries: number;
  /** Questions in flight at once; ten times as many may wait. */
  readonly inFlightMax: number;
  readonly cacheMax: number;
}

export const RESOLVER_DEFAULTS: ResolverSettings = {
  servers: [],
  tryMs: 2_000,
  tries: 3,
  inFlightMax: 256,
  cacheMax: 10_000,
};

/** How long answers are kept. Node tells no TTL for MX; absence is kept shorter than RFC 2308 §5 allows. */
const KEEP_MX_MS = 60_000;
/** Node tells no TTL for TXT either. */
const KEEP_TEXT_MS = 60_000;
const KEEP_ABSENT_MS = 30_000;
const KEEP_ADDRESS_MAX_MS = 300_000;
const REVERSE_NAMES_MAX = 3;

/** Told apart from failure: the name does not exist, or has no such records. */
const ABSENT = { ENOTFOUND: 'no-such-domain', ENODATA: 'none', EBADNAME: 'no-such-domain' } as const;

type Found<T> =
  | { readonly kind: 'found'; readonly value: T; readonly keepMs: number }
  | { readonly kind: 'none' | 'no-such-domain' };

/** The resolver of a process. `random` in [0, 1) shuffles hosts of equal preference. */
export function createResolver(
  settings: ResolverSettings,
  parts: { readonly clock: Pick<Clock, 'monotonic'>; readonly random?: () => number },
): Resolver & Disposable {
  return new CachingResolver(settings, parts.clock, parts.random ?? Math.random);
}

class CachingResolver implements Resolver {
  readonly #cares: CaresResolver;
  readonly #random: () => number;
  readonly #cache;
  readonly #turnstile;
  readonly #hosts;

  constructor(settings: ResolverSettings, clock: Pick<Clock, 'monotonic'>, random: () => number) {
    this.#cares = new CaresResolver({ timeout: settings.tryMs, tries: settings.tries });
    if (settings.servers.length > 0) this.#cares.setServers(settings.servers);
    this.#random = random;
    this.#cache = ttlCache<Found<unknown>>(settings.cacheMax, clock);
    this.#turnstile = createTurnstile(settings.inFlightMax, settings.inFlightMax * 10);
    this.#hosts = settings.servers.length > 0 ? null : hostsFile('/etc/hosts', clock);
  }

  async mx(domain: Domain, call: Call): Promise<MxAnswer> {
    if (domain.startsWith('[')) return { kind: 'none' };
    const answer = await this.#ask('MX', domain, call, async (name) => ({
      value: await this.#cares.resolveMx(name),
      keepMs: KEEP_MX_MS,
    }));
    return answer.kind === 'found' ? this.#inOrder(answer.value) : { kind: answer.kind };
  }

  async addresses(host: string, call: Call): Promise<readonly string[]> {
    const literal = parseIp(host.replace(/^\[(?:IPv6:)?(.*)\]$/i, '$1'));
    if (literal !== null) return [formatIp(literal)];
    const local = await this.#hosts?.find(host);
    if (local !== undefined) return local;
    const [six, four] = await Promise.allSettled([this.#family('AAAA', host, call), this.#family('A', host, call)]);
    const found = [six, four].flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    if (found.length > 0) return found;
    for (const one of [six, four]) if (one.status === 'rejected') throw one.reason;
    return [];
  }

  async reverse(address: string, call: Call): Promise<string | null> {
    const ip = parseIp(address);
    if (ip === null) return null;
    const plain = formatIp(ip);
    const answer = await this.#ask('PTR', plain, call, async () => ({
      value: await this.#cares.reverse(plain),
      keepMs: KEEP_MX_MS,
    }));
    if (answer.kind !== 'found') return null;
    for (const name of answer.value.slice(0, REVERSE_NAMES_MAX)) {
      if ((await this.addresses(name, call)).includes(plain)) return name.toLowerCase();
    }
    return null;
  }

  async texts(name: string, call: Call): Promise<readonly string[]> {
    const answer = await this.#ask('TXT', name, call, async (asked) => ({
      value: (await this.#cares.resolveTxt(asked)).map((strings) => strings.join('')),
      keepMs: KEEP_TEXT_MS,
    }));
    return answer.kind === 'found' ? answer.value : [];
  }

  [Symbol.dispose](): void {
    this.#cares.cancel();
  }

  async #family(type: 'A' | 'AAAA', host: string, call: Call): Promise<readonly string[]> {
    const answer = await this.#ask(type, host, call, async (name) => {
      const rows =
        type === 'A'
          ? await this.#cares.resolve4(name, { ttl: true })
          : await this.#cares.resolve6(name, { ttl: true });
      const ttlMs = Math.min(...rows.map(({ ttl }) => ttl * 1_000), KEEP_ADDRESS_MAX_MS);
      return { value: rows.map(({ address }) => address), keepMs: ttlMs };
    });
    return answer.kind === 'found' ? answer.value : [];
  }

  // RFC 7505 §3: one record that names the root. RFC 5321 §5.1: hosts of equal preference in random order.
  #inOrder(records: readonly { readonly priority: number; readonly exchange: string }[]): MxAnswer {
    const hosts = records
      .filter(({ exchange }) => exchange !== '' && exchange !== '.')
      .map(({ priority, exchange }) => ({ preference: priority, host: exchange.toLowerCase(), lot: this.#random() }))
      .sort((a, b) => a.preference - b.preference || a.lot - b.lot)
      .map(({ preference, host }) => ({ preference, host }));
    if (hosts.length > 0) return { kind: 'hosts', hosts };
    return records.length > 0 ? { kind: 'null-mx' } : { kind: 'none' };
  }

  async #ask<T>(
    type: string,
    name: string,
    call: Call,
    query: (name: string) => Promise<{ value: T; keepMs: number }>,
  ): Promise<Found<T>> {
    const ascii = type === 'PTR' ? name : domainToASCII(name.replace(/\.$/, ''));
    if (ascii === '') return { kind: 'no-such-domain' };
    const search = () => this.#turnstile(() => outcome(() => query(ascii)));
    return inTime(
      call,
      () => this.#cache.get(`${type} ${ascii}`, keepMsOf, search) as Promise<Found<T>>,
      () => new Fault('dns.unavailable', `No answer in time for ${type} of ${ascii}.`),
    );
  }
}

function keepMsOf(found: Found<unknown>): number {
  return found.kind === 'found' ? found.keepMs : KEEP_ABSENT_MS;
}

async function outcome<T>(query: () => Promise<{ value: T; keepMs: number }>): Promise<Found<T>> {
  try {
    return { kind: 'found', ...(await query()) };
  } catch (error) {
    if (error instanceof Fault) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code in ABSENT) return { kind: ABSENT[code as keyof typeof ABSENT] };
    throw new Fault('dns.unavailable', `The resolver said ${code || 'nothing useful'}.`, error);
  }
}
