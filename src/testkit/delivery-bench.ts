/** What tests of delivery stand on: a queue that offers what it is told and remembers outcomes, and mails to offer. */
import { mailVariants, ZipKeys } from '#/inspect/index.ts';
import type {
  ArrivedMail,
  Claim,
  ClaimedRecipient,
  DestinationKey,
  Direction,
  Directory,
  Domain,
  MailAddress,
  MailInCustody,
  Outcome,
  PeerReply,
  Settlement,
  Tenant,
  TenantId,
} from '#/model/index.ts';
import { NOTICE_DEFAULTS, newMailId, parseNetwork, routeDestination } from '#/model/index.ts';
import { createDialer } from '#/net/index.ts';
import {
  Births,
  Copies,
  type DelivererParts,
  Notices,
  OUTBOUND_LIMITS,
  type OutboundLimits,
  type OutboundSettings,
  Passwords,
  type RouteSettings,
  Routes,
  SignatureStage,
  Sink,
  startDeliverer,
} from '#/outbound/index.ts';
import type {
  Blobs,
  Clock,
  LocalDelivery,
  Log,
  MailSigner,
  Meter,
  PeopleGenerations,
  PolicyScope,
  Resolver,
  Slot,
  Trouble,
  UpstreamEar,
  Work,
} from '#/ports/index.ts';
import { testLoopStamps, testReturnPaths } from './return-paths.ts';

/** A queue without a store: offers slots when told, keeps what was said. */
export class FakeWork implements Work {
  readonly settlements: Settlement[] = [];
  readonly troubles: { readonly kind: Trouble; readonly reply: PeerReply }[] = [];
  /** Claims that came back unattempted. */
  readonly returned: Claim[] = [];
  /** Claims that were taken. */
  taken = 0;
  alive = 0;
  released = 0;
  leaseHolds = true;
  #start: ((slot: Slot) => void) | null = null;
  #wake: () => void = () => {};

  onReady(start: (slot: Slot) => void): () => void {
    this.#start = start;
    return () => {
      this.#start = null;
    };
  }

  mayAttempt(): boolean {
    return this.leaseHolds;
  }

  retryAt(attempts: number): number {
    return Date.now() + 60_000 * 2 ** (attempts - 1);
  }

  /** Offers these claims at one slot; `slots` connections share them. */
  offer(destination: DestinationKey, claims: readonly Claim[], { slots = 1, probe = false } = {}): void {
    const waiting = claims[Symbol.iterator]();
    for (let i = 0; i < slots; i++) this.#start?.(this.#slot(destination, waiting, probe));
  }

  /** Resolves once so many settlements are there, and so many slots released. */
  async until(what: { settled?: number; released?: number }, ms = 5_000): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      const seen = `settled ${this.settlements.length}, released ${this.released}`;
      reject(new Error(`${seen}, wanted ${JSON.stringify(what)}`));
    }, ms);
    this.#wake = () => {
      if (this.settlements.length >= (what.settled ?? 0) && this.released >= (what.released ?? 0)) resolve();
    };
    this.#wake();
    await promise.finally(() => clearTimeout(timer));
  }

  /** Outcome of the first recipient of the so-many-th settlement. */
  outcome(index = 0, recipient = 0): Outcome | undefined {
    return this.settlements[index]?.outcomes[recipient]?.outcome;
  }

  /** Kinds of all outcomes, in order. */
  kinds(): string[] {
    return this.settlements.flatMap(({ outcomes }) => outcomes.map(({ outcome }) => outcome.kind));
  }

  get born(): ArrivedMail[] {
    return this.settlements.flatMap(({ born }) => born);
  }

  #slot(destination: DestinationKey, waiting: Iterator<Claim>, probe: boolean): Slot {
    const open = new Set<Claim>();
    return {
      destination,
      probe,
      next: () => {
        const { value: claim = null } = waiting.next();
        if (claim === null) return null;
        open.add(claim);
        this.taken += 1;
        return claim;
      },
      finish: (settlement) => {
        for (const claim of open) if (claim.mail.id === settlement.claim.mail.id) open.delete(claim);
        this.settlements.push(settlement);
        this.#wake();
      },
      alive: () => {
        this.alive += 1;
      },
      trouble: (kind, reply) => {
        this.troubles.push({ kind, reply });
      },
      release: () => {
        this.returned.push(...open);
        this.released += 1;
        this.#wake();
      },
    };
  }
}

export interface DeliveryBench extends AsyncDisposable {
  readonly work: FakeWork;
  readonly routes: Routes;
  readonly notices: Notices;
  readonly sink: Sink;
  readonly log: string[];
}

export interface DeliveryBenchOptions {
  readonly routes?: readonly RouteSettings[];
  readonly outbound?: 'on' | 'off';
  readonly pools?: OutboundSettings['pools'];
  readonly limits?: Partial<OutboundLimits>;
  readonly resolver?: Partial<Resolver>;
  readonly authorities?: readonly string[];
  readonly localDomains?: readonly string[];
  readonly language?: 'en' | 'ja';
  /** Instead of one with these local domains. */
  readonly directory?: Directory;
  readonly custody?: DelivererParts['custody'];
  readonly blobs?: DelivererParts['blobs'];
  readonly expireMs?: number;
  /** Whom an address of ours stands for, for what is forwarded to it. */
  readonly reach?: (
    address: MailAddress,
  ) => readonly { readonly address: MailAddress; readonly direction: Direction }[];
  /** Whether there is disk for what is born; there is, where nothing is said. */
  readonly hasDisk?: () => boolean;
  /** Where large content that is forwarded goes. */
  readonly bodies?: Blobs;
  /** Mailboxes of our users; without them local mail is held. */
  readonly local?: LocalDelivery;
  /** Hears of sessions and attempts. */
  readonly upstreams?: UpstreamEar;
  /** Who signs what leaves; nobody, where nothing is said. */
  readonly signer?: MailSigner;
  /** A real queue instead of the fake one. */
  readonly queue?: Work;
  /** Whose attributes signatures are made of; none are to be had, where nothing is said. */
  readonly people?: PeopleGenerations;
  /** Signatures of the tenant `acme`. */
  readonly signatures?: Tenant['signatures'];
  /** Whom rules may concern; nobody, where nothing is said. */
  readonly policy?: PolicyScope;
}

/** No generation of people is to be had. */
const nobody: PeopleGenerations = {
  current: () => Promise.reject(new Error('nobody is known')),
  byId: async () => null,
  photo: async () => null,
};

const deaf: UpstreamEar = { opened: () => {}, unreached: () => {}, ended: () => {}, rested: () => {} };

/** A deliverer over loopback with real sockets; MX hosts are looked up in `resolver`. */
export function startBench(options: DeliveryBenchOptions = {}): DeliveryBench {
  const work = new FakeWork();
  const log: string[] = [];
  const limits = { ...OUTBOUND_LIMITS, graceMs: 200, ...options.limits };
  const expireMs = options.expireMs ?? 5 * 86_400_000;
  const settings: OutboundSettings = {
    hostname: 'mx.holdfast.test',
    outbound: options.outbound ?? 'on',
    mailboxes: options.local !== undefined,
    routes: options.routes ?? [],
    pools: options.pools ?? {},
    limits,
  };
  const directory = { current: () => options.directory ?? fakeDirectory(options) };
  const routes = new Routes(settings, directory, options.policy);
  const custody = options.custody ?? { body: () => Promise.reject(new Error('no body here')) };
  const blobs = options.blobs ?? null;
  const returnPaths = testReturnPaths(clock);
  const notices = new Notices(
    { hostname: settings.hostname, expireMs },
    { custody, blobs, directory, routing: routes, returnPaths, clock },
  );
  const births = new Births(settings, {
    directory,
    routing: routes,
    returnPaths,
    reach: (address) => options.reach?.(address) ?? [],
    blobs: options.bodies ?? null,
    clock,
    hasDisk: options.hasDisk ?? (() => true),
  });
  const copies = new Copies({
    custody,
    directory,
    routing: routes,
    reach: (address) => options.reach?.(address) ?? [],
    clock,
  });
  const zips = testZipKeys();
  const loopback = ['127.0.0.0/8', '::1/128'].map(parseNetwork).filter((network) => network !== null);
  const dialer = createDialer({ allow: loopback, authorities: options.authorities ?? [] });
  const sink = new Sink();
  const shared = {
    work: options.queue ?? work,
    custody,
    blobs,
    routes,
    notices,
    births,
    copies,
    passwords: new Passwords(settings, { secrets: zips, directory, routing: routes, clock }),
    variants: mailVariants(null, zips),
    signer: options.signer ?? NO_SIGNER,
    signatures: new SignatureStage({ directory, people: options.people ?? nobody, clock, log: listLog(log) }),
    sink,
    loopStamps: testLoopStamps(clock),
    local: options.local ?? null,
    upstreams: options.upstreams ?? deaf,
    clock,
    dialer,
    meter: noMeter,
    log: listLog(log),
  };
  const deliverer = startDeliverer(settings, { ...shared, resolver: { ...noDns, ...options.resolver } });
  return { work, routes, notices, sink, log, [Symbol.asyncDispose]: () => deliverer[Symbol.asyncDispose]() };
}

/** Keys that are the same in every test. */
export function testZipKeys(): ZipKeys {
  return new ZipKeys((purpose) => Buffer.from(purpose.padEnd(32)));
}

/** A route for all domains to a port of the loopback. */
export function routeTo(
  port: number,
  more: Partial<RouteSettings> & { lmtp?: boolean; host?: string } = {},
): RouteSettings {
  const { lmtp = false, host = '127.0.0.1', ...rest } = more;
  return { domains: ['*'], to: { host, port, lmtp }, tls: 'none', credentials: null, ...rest };
}

export function routeKey(port: number, { lmtp = false, host = '127.0.0.1' } = {}): DestinationKey {
  return routeDestination(host, port, lmtp);
}

export const plainContent =
  'From: <alice@acme.test>\r\nSubject: Hello\r\nMessage-ID: <1@acme.test>\r\n\r\nGood day.\r\n';

export interface ClaimOptions {
  readonly to?: readonly string[];
  readonly content?: string | Buffer | null;
  readonly body?: Claim['body'];
  readonly mail?: Partial<MailInCustody>;
  readonly needs?: Partial<MailInCustody['needs']>;
  readonly recipient?: Partial<ClaimedRecipient>;
  readonly destination?: DestinationKey;
}

/** A claim of one mail from alice@acme.test. */
export function claimOf(options: ClaimOptions = {}): Claim {
  const content = Buffer.from(options.content ?? plainContent);
  const needs = { eightBit: false, smtpUtf8: false, requireTls: false, ret: null, envid: null, ...options.needs };
  const mail: MailInCustody = {
    id: newMailId(Date.now()),
    parent: null,
    tenant: 'acme' as TenantId,
    origin: 'received',
    purpose: 'mail',
    sender: 'alice@acme.test' as MailAddress,
    identity: { kind: 'user', tenant: 'acme' as TenantId, name: 'alice@acme.test' },
    receivedAt: Date.now(),
    facts: { from: 'alice@acme.test', subject: 'Hello', messageId: '<1@acme.test>' },
    hops: 1,
    size: content.length,
    ...options.mail,
    needs,
  };
  const recipients = (options.to ?? ['bob@peer.test']).map((address, i) => claimed(i + 1, address, options.recipient));
  const memory = { kind: 'memory', chunks: [content], size: content.length } as const;
  const body = options.content === null ? null : (options.body ?? memory);
  return { mail, destination: options.destination ?? ('mx:peer.test' as DestinationKey), recipients, body };
}

function claimed(n: number, address: string, more: Partial<ClaimedRecipient> = {}): ClaimedRecipient {
  return {
    n,
    token: 1,
    address: address as MailAddress,
    original: null,
    orcpt: null,
    notify: { success: false, failure: true, delay: true },
    direction: 'outbound',
    state: 'queued',
    attempts: 0,
    lastAttemptAt: null,
    lastReply: null,
    delayNotified: false,
    possiblyDuplicate: false,
    releaseAt: null,
    judged: false,
    verdict: null,
    ...more,
  };
}

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
};

const noDns: Resolver = {
  mx: () => Promise.reject(new Error('no DNS in this test')),
  addresses: () => Promise.reject(new Error('no DNS in this test')),
  reverse: () => Promise.resolve(null),
  texts: () => Promise.reject(new Error('no DNS in this test')),
};

const NO_SIGNER: MailSigner = { mayConcern: () => false, sign: async () => null };

const noMeter: Meter = {
  counter: () => ({ add: () => {} }),
  gauge: () => ({ set: () => {} }),
  histogram: () => ({ observe: () => {} }),
};

function listLog(lines: string[]): Log {
  const add = (event: string, fields: object = {}): void => void lines.push(`${event} ${JSON.stringify(fields)}`);
  const log: Log = { info: add, warn: add, error: add, child: () => log };
  return log;
}

function fakeDirectory({ localDomains = [], language = 'en', signatures = [] }: DeliveryBenchOptions): Directory {
  const limits = { per10m: 'unlimited', perDay: 'unlimited' } as const;
  const id = 'acme' as TenantId;
  const owned = localDomains.map((name) => ({ name: name as Domain, catchAll: null, proven: true }));
  const lists = { contacts: [], users: [], groups: [], relays: [], policies: [], signatures };
  const tenant = {
    id,
    name: 'Acme',
    language,
    timezone: 'UTC',
    domains: owned,
    limits,
    notices: NOTICE_DEFAULTS,
    resend: false,
    approvalByLink: false,
    downloadBytes: null,
    cell: null,
    ...lists,
  };
  return {
    generation: 1,
    switchedAt: 0,
    stale: false,
    tenants: [tenant],
    tenant: (wanted) => (wanted === id ? tenant : undefined),
    domain: (name) => {
      const domain = owned.find((one) => one.name === name);
      return domain === undefined ? undefined : { tenant, domain };
    },
    user: () => undefined,
    group: () => undefined,
    login: () => undefined,
    relayByAddress: () => undefined,
  };
}
