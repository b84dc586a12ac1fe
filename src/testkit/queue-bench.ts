/** The queue on a custody in memory and a clock that the test moves, and a deliverer that does as it is told. */
import type {
  ArrivedMail,
  ArrivedRecipient,
  Claim,
  DestinationKey,
  HeldReason,
  Incarnation,
  IncarnationId,
  MailAddress,
  MailId,
  Outcome,
  PeerReply,
  Purpose,
  RecipientState,
  TenantId,
} from '#/model/index.ts';
import { newMailId, within } from '#/model/index.ts';
import {
  type Custody,
  type Journal,
  type NoticeMaker,
  type PeopleNotices,
  type Slot,
  TELLS_NOBODY,
  type Work,
} from '#/ports/index.ts';
import { QUEUE_DEFAULTS, type Queue, type QueueSettings, startQueue } from '#/queue/index.ts';
import { openMemoryCustody } from '#/store/memory/index.ts';
import { FakeClock, FakeLog, FakeMeter } from './fakes.ts';

export const HERE = 'host/gate+deliver/1/1' as IncarnationId;
export const OK: PeerReply = { code: 250, enhanced: '2.0.0', text: 'Ok', host: 'mx.test' };
export const LATER: PeerReply = { code: 450, enhanced: '4.2.0', text: 'Not now', host: 'mx.test' };
export const REFUSED: PeerReply = { code: 0, enhanced: null, text: 'connection refused', host: 'mx.test' };

export interface MailSketch {
  readonly tenant?: string;
  readonly to?: readonly string[];
  /** Where all recipients go, or one each. */
  readonly destination?: string | readonly string[];
  readonly held?: HeldReason | null;
  readonly purpose?: Purpose;
  /** Nobody has shown who sends it. */
  readonly stranger?: boolean;
  readonly subject?: string;
  readonly size?: number;
}

/** How a destination behaves. `hang` never answers. */
export type Manner = 'takes' | 'defers' | 'refuses' | 'hangs';

export interface BenchOptions {
  readonly settings?: Partial<QueueSettings>;
  /** Stands between the queue and custody: faults. */
  readonly wrap?: (custody: Custody & Journal) => Custody & Journal;
  readonly incarnation?: IncarnationId;
  readonly notices?: NoticeMaker;
  /** Who tells people of mail that waits; nobody where it is absent. */
  readonly people?: PeopleNotices;
}

/** Makes no report at all: a fault of ours. */
export const BROKEN_NOTICES: NoticeMaker = { notice: () => Promise.reject(new Error('no report can be made')) };

export class QueueBench implements AsyncDisposable {
  readonly clock = new FakeClock(Date.UTC(2026, 10, 21, 12));
  readonly log = new FakeLog();
  readonly meter = new FakeMeter();
  readonly notices: { readonly claim: Claim; readonly kind: 'delay' | 'failure' }[] = [];
  readonly fatal: string[] = [];
  /** What the queue uses, and what is behind it. */
  readonly custody: Custody & Journal;
  readonly store: Custody & Journal;
  readonly deliverer: ScriptedDeliverer;
  free = 2 ** 40;
  #queue: Queue | null = null;
  #stopOffers: () => void = () => undefined;
  readonly #options: BenchOptions;

  constructor(options: BenchOptions = {}) {
    this.#options = options;
    const { retry } = { ...QUEUE_DEFAULTS, ...options.settings };
    this.store = openMemoryCustody(
      { clock: this.clock },
      { delayNoticeMs: retry.delayNoticeMs, expireMs: retry.expireMs },
    );
    this.custody = options.wrap?.(this.store) ?? this.store;
    this.deliverer = new ScriptedDeliverer(this.clock);
  }

  static async start(options: BenchOptions = {}): Promise<QueueBench> {
    const bench = new QueueBench(options);
    await bench.start();
    return bench;
  }

  get queue(): Queue {
    if (this.#queue === null) throw new Error('The queue of this bench does not run.');
    return this.#queue;
  }

  async start(): Promise<void> {
    this.#queue = await startQueue(
      { ...QUEUE_DEFAULTS, ...this.#options.settings },
      {
        custody: this.custody,
        clock: this.clock,
        log: this.log,
        meter: this.meter,
        incarnation: incarnationOf(this.#options.incarnation ?? HERE, this.clock.now()),
        notices: this.#options.notices ?? this.noticeMaker(),
        people: this.#options.people ?? TELLS_NOBODY,
        freeBytes: async () => this.free,
        random: Math.random,
        onFatal: (reason) => void this.fatal.push(reason),
      },
    );
    this.serve();
  }

  /** Lets the scripted deliverer work, or stops giving it more. */
  serve(): void {
    this.#stopOffers = this.deliverer.serve(this.queue.work);
  }

  stopOffers(): void {
    this.#stopOffers();
  }

  /** Makes DSNs that go to `mx:sender.test`, and remembers for what. */
  noticeMaker(): NoticeMaker {
    return {
      notice: async (claim, _outcomes, kind) => {
        this.notices.push({ claim, kind });
        return claim.mail.sender === null
          ? null
          : {
              ...this.mail({ tenant: claim.mail.tenant, purpose: 'dsn', destination: 'mx:sender.test' }),
              parent: claim.mail.id,
            };
      },
    };
  }

  /** One message at the door. */
  mail(sketch: MailSketch = {}): ArrivedMail {
    const { tenant = 'acme', to = ['someone@partner.test'], held = null, purpose = 'mail', size = 100 } = sketch;
    const at = this.clock.now();
    const recipients = to.map((address, i): ArrivedRecipient => {
      const key = typeof sketch.destination === 'object' ? sketch.destination[i] : sketch.destination;
      return {
        n: i + 1,
        address: address as MailAddress,
        original: null,
        orcpt: null,
        notify: { success: false, failure: true, delay: true },
        direction: 'outbound',
        destination: (key ?? 'mx:partner.test') as DestinationKey,
        held,
      };
    });
    return {
      id: newMailId(at),
      parent: null,
      tenant: tenant as TenantId,
      origin: purpose === 'mail' ? 'received' : 'generated',
      purpose,
      sender: purpose === 'mail' ? (`alice@${tenant}.test` as MailAddress) : null,
      identity:
        sketch.stranger === true
          ? { kind: 'peer', tenant: null, name: '' }
          : { kind: 'user', tenant: tenant as TenantId, name: `alice@${tenant}.test` },
      receivedAt: at,
      needs: { eightBit: false, smtpUtf8: false, requireTls: false, ret: null, envid: null },
      facts: { from: `alice@${tenant}.test`, subject: sketch.subject ?? 'Hello', messageId: '<1@acme.test>' },
      hops: 1,
      size,
      recipients,
      body: { kind: 'memory', chunks: [new Uint8Array(size)], size },
    };
  }

  /** Accepts by the queue's door. */
  async accept(sketch: MailSketch = {}): Promise<ArrivedMail> {
    const mail = this.mail(sketch);
    await this.queue.intake.accept([mail], within(30_000));
    return mail;
  }

  /** Puts mails into the store behind the queue's back: a backlog. */
  async backlog(count: number, sketch: MailSketch = {}): Promise<readonly ArrivedMail[]> {
    const mails = Array.from({ length: count }, () => this.mail(sketch));
    await this.store.accept(mails, null, within(30_000));
    return mails;
  }

  /** States of a message's recipients, in order. */
  async states(id: MailId): Promise<readonly RecipientState[]> {
    const [found] = await this.store.trace({ ids: [id] }, 1, within(30_000));
    return (found?.recipients ?? []).map(({ state }) => state);
  }

  /** Whether the books of all tenants balance by an independent count. */
  async balanced(): Promise<boolean> {
    return (await this.store.recount(within(30_000))).every(({ balanced }) => balanced);
  }

  count(event: string): number {
    return this.log.lines.filter((line) => line.event === event).length;
  }

  async stop(): Promise<void> {
    const queue = this.#queue;
    this.#queue = null;
    if (queue === null) return;
    this.#stopOffers();
    this.deliverer.stop();
    const ended = queue[Symbol.asyncDispose]();
    await this.clock.advance(5_000, 100);
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** A port with some of its methods replaced. */
export function overriding<T extends object>(target: T, changes: Partial<T>): T {
  return new Proxy(target, {
    get(_target, key) {
      const value: unknown = Reflect.get(key in changes ? changes : target, key);
      return typeof value === 'function' && !(key in changes) ? value.bind(target) : value;
    },
  });
}

export function incarnationOf(id: IncarnationId, startedAt: number): Incarnation {
  return { id, host: 'host', role: id.split('/')[1] ?? '', release: '0', pid: 1, startedAt };
}

/** Attempts as a table of manners says, each claim taking `workMs` of the fake clock. */
export class ScriptedDeliverer {
  readonly manners = new Map<string, Manner>();
  workMs = 10;
  /** Claims in the order of their attempts. */
  readonly attempted: Claim[] = [];
  /** Wall-clock ms at which each message was delivered. */
  readonly deliveredAt = new Map<MailId, number>();
  readonly connections = new Map<string, number>();
  readonly connectionsMax = new Map<string, number>();
  /** Wall-clock ms of each probe. */
  readonly probes: number[] = [];
  readonly #clock: FakeClock;
  readonly #stop = new AbortController();

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  serve(work: Work): () => void {
    return work.onReady((slot) => void this.#run(slot, work));
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(slot: Slot, work: Work): Promise<void> {
    this.#count(slot.destination, 1);
    if (slot.probe) this.probes.push(this.#clock.now());
    try {
      const manner = this.manners.get(slot.destination) ?? 'takes';
      if (manner === 'hangs') await this.#clock.sleep(300_000, this.#stop.signal);
      else if (manner === 'refuses') this.#refused(slot, work);
      else await this.#session(slot, work, manner);
    } finally {
      slot.release();
      this.#count(slot.destination, -1);
    }
  }

  #refused(slot: Slot, work: Work): void {
    slot.trouble('down', REFUSED);
    const claim = slot.next();
    if (claim === null) return;
    this.attempted.push(claim);
    this.#finish(slot, claim, this.#deferred(claim, REFUSED, work));
  }

  async #session(slot: Slot, work: Work, manner: Manner): Promise<void> {
    slot.alive();
    for (let claim = slot.next(); claim !== null; claim = slot.next()) {
      this.attempted.push(claim);
      await this.#clock.sleep(this.workMs, this.#stop.signal);
      if (manner === 'takes') this.deliveredAt.set(claim.mail.id, this.#clock.now());
      const outcome: Outcome =
        manner === 'takes' ? { kind: 'delivered', reply: OK } : this.#deferred(claim, LATER, work);
      this.#finish(slot, claim, outcome);
    }
  }

  #deferred(claim: Claim, reply: PeerReply, work: Work): Outcome {
    const attempts = (claim.recipients[0]?.attempts ?? 0) + 1;
    return { kind: 'deferred', reply, due: work.retryAt(attempts), delayNotified: false };
  }

  #finish(slot: Slot, claim: Claim, outcome: Outcome): void {
    const outcomes = claim.recipients.map(({ n }) => ({ n, outcome }));
    slot.finish({ claim, outcomes, born: [], elapsedMs: this.workMs, peer: 'mx.test' });
  }

  #count(destination: string, change: number): void {
    const now = (this.connections.get(destination) ?? 0) + change;
    this.connections.set(destination, now);
    this.connectionsMax.set(destination, Math.max(now, this.connectionsMax.get(destination) ?? 0));
  }
}
