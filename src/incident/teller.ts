/**
 * Tells the contacts of tenants, and subscribers, what was told of incidents and planned work (H8, B8): once each, whoever runs it and however often it dies.
 * ```
 *   an update ─▶ whom to tell: owed, a letter each ─▶ handed to custody under the letter's id ─▶ noted as sent
 *                                                       └─ died before the note: custody knows the id, and is not given it again
 * ```
 * Where the operator named a smarthost for it (`status.notices`), letters to contacts and operators go there, past the queue, for the queue may be what they are
 * about; what it does not take goes by the queue. Who dies behind it, before the note, tells somebody twice, under one Message-ID.
 *
 * What must never happen: a contact told twice by the queue; a letter about a draft; a tenant that nobody is told of and nobody misses (`contacts.check`).
 */
import {
  type ArrivedMail,
  type Call,
  type Incident,
  type IncidentUpdate,
  isComponent,
  type MailAddress,
  newMailId,
  SYSTEM_TENANT,
  type TenantId,
} from '#/model/index.ts';
import type {
  Clock,
  Custody,
  DirectorySource,
  IncidentBook,
  IncidentMails,
  Journal,
  Letter,
  Log,
  NewLetter,
  Subscriber,
} from '#/ports/index.ts';
import type { IncidentDesk } from './desk.ts';
import type { HookCaller } from './hook-caller.ts';
import { SUBSCRIBER_LIMITS } from './subscriber-limits.ts';
import type { SubscriberTokens } from './subscriber-tokens.ts';

/** Sends a mail to this address without the queue. */
export type DirectWay = (mail: ArrivedMail, to: MailAddress, call: Call) => Promise<void>;

export interface TellerParts {
  readonly desk: Pick<IncidentDesk, 'found'>;
  readonly book: Pick<
    IncidentBook,
    'untold' | 'owe' | 'take' | 'done' | 'subscriber' | 'subscribers' | 'forgetSubscribers'
  >;
  readonly tokens: SubscriberTokens;
  /** Base of our pages as people reach them; without one no subscriber is told, since none could end it. */
  readonly pages: string | null;
  /** Who is reminded of promises. */
  readonly operators: readonly MailAddress[];
  readonly directory: { current(): Pick<ReturnType<DirectorySource['current']>, 'tenants'> };
  readonly mails: IncidentMails;
  readonly custody: Pick<Custody, 'accept'>;
  readonly journal: Pick<Journal, 'trace'>;
  /** The way past the queue; null where the operator named none. Rejects where it did not take the mail. */
  readonly direct: DirectWay | null;
  readonly clock: Clock;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Tells those who deliver that mail waits. */
  readonly ring: () => void;
}

const INCIDENTS = 20;
/** Letters in one step of the store. */
const LETTERS = 100;
/** For who took letters; then another one may. */
const LEASE_MS = 120_000;
/** Rounds of one call; the rest waits for the next. */
const ROUNDS_MAX = 20;
/** What was told so long ago, while nothing ran here, is news to nobody. */
const OLD_MS = 24 * 3_600_000;

export class Teller {
  readonly #parts: TellerParts;
  readonly #hooks: Pick<HookCaller, 'give'>;

  /** `hooks`: who calls webhooks, apart from all else. */
  constructor(parts: TellerParts, hooks: Pick<HookCaller, 'give'>) {
    this.#parts = parts;
    this.#hooks = hooks;
  }

  async step(call: Call): Promise<void> {
    const { book, clock } = this.#parts;
    for (const { id, looked } of await book.untold(INCIDENTS, call)) {
      const found = await this.#parts.desk.found(id, call);
      // A draft is looked at when it is published.
      if (found !== null && (!found.incident.isDraft || found.incident.isDropped))
        await this.#owe(found.incident, looked, call);
    }
    for (let n = 0; n < ROUNDS_MAX; n++) {
      const now = clock.now();
      const letters = await book.take(now, now + LEASE_MS, LETTERS, call);
      const subscribers = new Map<Letter, Subscriber | null>();
      for (const letter of letters)
        if (letter.subscriber !== null) subscribers.set(letter, await book.subscriber(letter.subscriber, call));
      for (const letter of letters) {
        const subscriber = subscribers.get(letter);
        if (isHook(subscriber)) this.#hooks.give(letter, subscriber);
        else await this.#send(letter, subscriber, call);
      }
      if (letters.length < LETTERS) break;
    }
    await book.forgetSubscribers(clock.now() - SUBSCRIBER_LIMITS.forgetMs, call);
  }

  /** Owes each operator one mail about what was promised by its next update. */
  async remind({ id, nextUpdateAt }: Incident, call: Call): Promise<void> {
    const { book, clock, operators } = this.#parts;
    if (nextUpdateAt === null || operators.length === 0) return;
    const [n, madeAt] = [secondOf(nextUpdateAt), clock.now()];
    const letters = operators.map((address): NewLetter => {
      return { id: newMailId(madeAt), n, tenant: SYSTEM_TENANT, address, subscriber: null, madeAt };
    });
    await book.owe(id, null, letters, call);
  }

  async #owe(incident: Incident, looked: number, call: Call): Promise<void> {
    const { book, clock } = this.#parts;
    const madeAt = clock.now();
    const news = newsOf(incident, looked).filter(({ at, writtenAt }) => madeAt - Math.max(at, writtenAt) < OLD_MS);
    const letters = news.flatMap(({ n }) =>
      this.#contacts(incident).map(([tenant, address]): NewLetter => {
        return { id: newMailId(madeAt), n, tenant, address, subscriber: null, madeAt };
      }),
    );
    for (let from = 0; from < letters.length; from += LETTERS)
      await book.owe(incident.id, null, letters.slice(from, from + LETTERS), call);
    if (news.length > 0) await this.#oweSubscribers(incident, news, madeAt, call);
    await book.owe(incident.id, incident.entries, [], call);
  }

  #contacts({ tenants }: Incident): readonly (readonly [TenantId, MailAddress])[] {
    const all = [...this.#parts.directory.current().tenants];
    const meant = tenants === null ? all : all.filter(({ id }) => tenants.includes(id));
    return meant.flatMap(({ id, contacts }) => contacts.map((address) => [id, address] as const));
  }

  /** What concerns some tenants alone is no business of strangers. */
  async #oweSubscribers(
    incident: Incident,
    news: readonly IncidentUpdate[],
    madeAt: number,
    call: Call,
  ): Promise<void> {
    const { book, pages } = this.#parts;
    if (incident.tenants !== null || pages === null) return;
    let after = '';
    for (;;) {
      const some = await book.subscribers({ after, all: false }, LETTERS, call);
      const letters = some.filter(wants(incident)).flatMap(({ id: subscriber, address }) =>
        news.map(({ n }): NewLetter => {
          return { id: newMailId(madeAt), n, tenant: SYSTEM_TENANT, address, subscriber, madeAt };
        }),
      );
      if (letters.length > 0) await book.owe(incident.id, null, letters, call);
      const last = some.at(-1);
      if (last === undefined || some.length < LETTERS) return;
      after = last.id;
    }
  }

  async #send(letter: Letter, subscriber: Subscriber | null | undefined, call: Call): Promise<void> {
    const { book, desk, custody, log, ring } = this.#parts;
    try {
      const isKnown = await this.#isKnown(letter, call);
      const incident = isKnown ? undefined : (await desk.found(letter.incident, call))?.incident;
      const mail = incident === undefined ? null : this.#mailOf(letter, incident, subscriber);
      if (mail !== null && !(await this.#sentPast(letter, mail, call))) {
        await custody.accept([mail], null, call);
        ring();
      }
      await book.done(letter.id, isKnown || mail !== null ? 'sent' : 'nobody', call);
    } catch (error) {
      // It stays due, and is tried again when the lease is over.
      log.warn('incident.not-told', { incident: letter.incident, mail: letter.id, why: textOf(error) });
    }
  }

  /** Whether custody has it. Asked of the tenant's own cell: another one that is away keeps nobody uninformed. */
  async #isKnown(letter: Letter, call: Call): Promise<boolean> {
    try {
      const [known] = await this.#parts.journal.trace({ ids: [letter.id], tenant: letter.tenant }, 1, call);
      return known !== undefined;
    } catch (error) {
      if (this.#wayFor(letter) === null) throw error;
      return false;
    }
  }

  /** Whether it went past the queue. */
  async #sentPast(letter: Letter, mail: ArrivedMail, call: Call): Promise<boolean> {
    const { log } = this.#parts;
    const way = this.#wayFor(letter);
    const about = { incident: letter.incident, mail: letter.id };
    try {
      await way?.(mail, letter.address, call);
      if (way !== null) log.info('incident.told-directly', { ...about, to: letter.address });
      return way !== null;
    } catch (error) {
      log.warn('incident.way-failed', { ...about, why: textOf(error) });
      return false;
    }
  }

  /** Subscribers may be many, and have the page. */
  #wayFor({ subscriber }: Letter): DirectWay | null {
    return subscriber === null ? this.#parts.direct : null;
  }

  /** Null where nobody is to be told any more. */
  #mailOf(letter: Letter, incident: Incident, subscriber: Subscriber | null | undefined): ArrivedMail | null {
    const { mails, clock, tokens } = this.#parts;
    const { id, tenant, address: to, n } = letter;
    const at = clock.now();
    if (isReminder(letter)) {
      const promisedAt = incident.nextUpdateAt;
      // Who has said more meanwhile needs no reminder.
      if (promisedAt === null || secondOf(promisedAt) !== n) return null;
      return mails.reminding({ id, to, at, incident, promisedAt });
    }
    const update = incident.updates.find((one) => one.n === n);
    if (update === undefined || isGone(letter, subscriber)) return null;
    const whose =
      subscriber === null || subscriber === undefined
        ? null
        : { language: subscriber.language, token: tokens.make(subscriber.id, 'unsubscribe') };
    return mails.telling({ id, tenant, to, incident, update, at, subscriber: whose });
  }
}

/** To an operator; contacts have a tenant, subscribers a subscription. */
function isReminder({ tenant, subscriber }: Letter): boolean {
  return tenant === SYSTEM_TENANT && subscriber === null;
}

function secondOf(at: number): number {
  return Math.floor(at / 1_000);
}

/** Updates of which nobody was told; of several that were told in one moment, as when a draft is published with other words, the last one. */
export function newsOf({ updates, isDropped, isDraft }: Incident, looked: number): readonly IncidentUpdate[] {
  if (isDropped || isDraft) return [];
  const fresh = updates.filter(({ at }, i) => at !== updates[i + 1]?.at);
  return fresh.filter(({ n }) => n > looked);
}

function wants({ affected }: Incident): (one: Subscriber) => boolean {
  return ({ components }) =>
    components.length === 0 || components.some((name) => affected.some((id) => isComponent(id, name)));
}

/** Of one that is told by a request; who ended it is told by nothing. */
function isHook(one: Subscriber | null | undefined): one is Subscriber {
  return one?.state === 'active' && one.webhook !== null;
}

/** Who ended it meanwhile is not told. */
function isGone({ subscriber: id }: Letter, subscriber: Subscriber | null | undefined): boolean {
  return id !== null && subscriber?.state !== 'active';
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
