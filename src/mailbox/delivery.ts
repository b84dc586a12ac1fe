/**
 * Delivery into mailboxes of ours: whose account it is, what its owner's rules say, which mailbox, whether there is room; each recipient by
 * itself. What rules let be born is named in the answer, and comes to be with the outcome in custody.
 */
import { readMessage } from '#/codec/mime/index.ts';
import {
  type AccountKey,
  type Body,
  type Call,
  INBOX,
  type MailboxName,
  type PeerReply,
  type TenantId,
  type User,
} from '#/model/index.ts';
import type {
  Blobs,
  Delivered,
  DirectorySource,
  LocalAnswer,
  LocalDelivery,
  LocalMail,
  LocalRecipient,
  Log,
  Mailboxes,
  Meter,
  NewMessage,
} from '#/ports/index.ts';
import { birthsOf, mailboxFor } from './carry-out.ts';
import { mailboxOfDetail } from './detail.ts';
import type { FullAccounts } from './full-accounts.ts';
import { atOnceMax, contentBytesInMemoryMax, copiesBytesMax, lastCallMs, rulesToldMax, warnAtShare } from './limits.ts';
import { quotaWarning } from './quota-warning.ts';
import { Room } from './room.ts';
import { type CompiledRules, decide, MailTexts, type Plan, type RuleBook, RuleFacts } from './rules/index.ts';
import { Turns } from './turns.ts';

export interface MailboxDeliveryParts {
  readonly mailboxes: Mailboxes;
  readonly rules: Pick<RuleBook, 'of'>;
  readonly directory: DirectorySource;
  /** Told what room each delivery met. */
  readonly full: Pick<FullAccounts, 'note'>;
  /** Null where all content is in memory. */
  readonly blobs: Pick<Blobs, 'read'> | null;
  readonly hostname: string;
  readonly clock: { now(): number };
  readonly log: Log;
  readonly meter: Meter;
}

/** One mail, as it is for all its recipients. */
interface Arrived {
  readonly mail: LocalMail;
  readonly message: NewMessage;
  readonly texts: MailTexts;
}

interface Keeping extends Arrived {
  readonly recipient: LocalRecipient;
  readonly account: AccountKey;
  readonly user: User;
  readonly language: 'en' | 'ja';
  readonly rules: CompiledRules | null;
  readonly plan: Plan | null;
}

/** What became of the copy that stays here; `nowhere` where none is to. */
type Kept =
  | { readonly kind: 'kept' | 'nowhere'; readonly reply: PeerReply }
  | { readonly kind: 'full' }
  | { readonly kind: 'too large' };

export class MailboxDelivery implements LocalDelivery {
  readonly #parts: MailboxDeliveryParts;
  readonly #room = new Room(contentBytesInMemoryMax);
  readonly #counter;
  readonly #ended;
  readonly #turns = new Turns();

  constructor(parts: MailboxDeliveryParts) {
    this.#parts = parts;
    this.#counter = parts.meter.counter('holdfast_mailbox_deliveries_total', 'Deliveries into mailboxes, by outcome.');
    this.#ended = parts.meter.counter(
      'holdfast_mailbox_forwards_ended_total',
      'Mails kept instead of forwarded: they had been here, had come too far, or would have gone to a group again.',
    );
  }

  async deliver(mail: LocalMail, call: Call): Promise<readonly LocalAnswer[]> {
    using _room = await this.#room.take(mail.body.size, call);
    const content = await this.#contentOf(mail, call);
    const facts = readMessage(content);
    const message: NewMessage = { content, facts, flags: [], receivedAt: mail.receivedAt, uidl: null };
    const answers = await this.#each({ mail, message, texts: new MailTexts(content, facts) }, call);
    for (const { kind } of answers) this.#counter.add(1, { outcome: kind });
    return answers;
  }

  /** So many at once as their copies on the way to the keeper may take; whose turn does not come in time waits, and those before are served. */
  async #each(arrived: Arrived, call: Call): Promise<readonly LocalAnswer[]> {
    const { mail, message } = arrived;
    const waiting = [...mail.recipients];
    const answers: LocalAnswer[] = [];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const isLate = call.deadlineAt - performance.now() < lastCallMs;
        answers.push(isLate ? answer(next.n, 'later', AWAY) : await this.#one(arrived, next, call));
      }
    };
    const atOnce = Math.max(1, Math.floor(copiesBytesMax / Math.max(1, message.content.length)));
    await Promise.all(Array.from({ length: Math.min(atOnce, atOnceMax, waiting.length) }, work));
    return answers;
  }

  async #one(arrived: Arrived, recipient: LocalRecipient, call: Call): Promise<LocalAnswer> {
    const { mail, message } = arrived;
    const { n, address } = recipient;
    const directory = this.#parts.directory.current();
    const found = directory.user(address);
    if (found === undefined) return directory.stale ? answer(n, 'later', STALE) : answer(n, 'refused', UNKNOWN);
    const { tenant, user } = found;
    const account: AccountKey = { tenant: tenant.id, address: user.address };
    try {
      const rules = await this.#parts.rules.of(account, call);
      const plan = rules === null ? null : await this.#plan(rules, user, recipient, arrived);
      const { language } = tenant;
      const kept = await this.#keep({ ...arrived, recipient, account, user, language, rules, plan }, call);
      if (kept.kind === 'full') return answer(n, 'later', FULL);
      if (kept.kind === 'too large') return answer(n, 'refused', TOO_LARGE);
      if (plan === null) return answer(n, 'stored', kept.reply);
      const key = { message: mail.id, recipient: n };
      const births = await birthsOf({ plan, account, user, key, facts: message.facts }, this.#parts, call);
      this.#noteEnd(mail, plan);
      return { ...outcomeOf(n, plan, kept), births };
    } catch (error) {
      this.#parts.log.warn('mailbox.delivery-failed', { message: mail.id, why: String(error) });
      return answer(n, 'later', AWAY);
    }
  }

  /** What the owner's rules say; null where a mistake of ours keeps them from it: then the mail comes as without. */
  async #plan(
    rules: CompiledRules,
    user: User,
    { original }: LocalRecipient,
    { mail, texts }: Arrived,
  ): Promise<Plan | null> {
    await this.#turns.next();
    try {
      const { sender, hops, body } = mail;
      const own = [user.address, ...user.aliases];
      const directory = this.#parts.directory.current();
      const facts = new RuleFacts({ texts, size: body.size, sender, hops, own, original, directory });
      return decide(rules, facts, this.#parts.clock.now());
    } catch (error) {
      this.#parts.log.error('mailbox.rules-failed', { message: mail.id, why: String(error) });
      return null;
    }
  }

  async #keep(one: Keeping, call: Call): Promise<Kept> {
    const { mail, recipient, message, account, user, rules, plan } = one;
    if (plan !== null && plan.keep === null) return { kind: 'nowhere', reply: FORWARDED };
    const { mailboxes, log } = this.#parts;
    const named = plan?.keep?.into ?? null;
    const found = named === null ? null : await mailboxFor(mailboxes, account, named, call);
    const into = found ?? (await this.#mailboxOf(account, recipient, call));
    const key = { message: mail.id, recipient: recipient.n };
    const marked = { ...message, flags: plan?.keep?.flags ?? [] };
    const limits = { quotaBytes: user.quotaBytes };
    const done = await mailboxes.deliver(account, { key, mail: marked, into, limits }, call);
    const stored = done.kind !== 'over-quota';
    const mayKeepNothing = rules?.mayKeepNothing ?? false;
    this.#parts.full.note(account, { used: done.used, stored, mayKeepNothing }, message.content.length);
    if (!stored) return { kind: isEverTooLarge(message, user) ? 'too large' : 'full' };
    await this.#warn(account, one, done, message, call).catch((error: unknown) =>
      log.warn('mailbox.warning-failed', { why: String(error) }),
    );
    return { kind: 'kept', reply: delivered(into) };
  }

  #noteEnd({ id }: LocalMail, { wayEnded }: Plan): void {
    if (wayEnded === null) return;
    this.#ended.add(1, { why: wayEnded });
    this.#parts.log.info('mailbox.forward-ended', { message: id, why: wayEnded });
  }

  /**
   * The mailbox that the address's detail names, where its owner has made one of that name; else INBOX. Never one of a special use: a stranger
   * could put mail where it is not seen and soon deleted, or where it looks sent.
   */
  async #mailboxOf(account: AccountKey, { original }: LocalRecipient, call: Call): Promise<MailboxName> {
    const named = mailboxOfDetail(original);
    if (named === null) return INBOX;
    const found = await this.#parts.mailboxes.find(account, named, call);
    return found === null || found.specialUse !== null ? INBOX : found.name;
  }

  /** Told once, when the quota's share is passed; what the warning itself needs is always there. */
  async #warn(
    account: AccountKey,
    owner: { readonly user: User; readonly language: 'en' | 'ja' },
    delivered: Delivered,
    { content }: NewMessage,
    call: Call,
  ): Promise<void> {
    const { quotaBytes } = owner.user;
    if (quotaBytes === null || delivered.kind !== 'stored') return;
    const line = quotaBytes * warnAtShare;
    if (delivered.used < line || delivered.used - content.length >= line) return;
    const { mailboxes, hostname, clock } = this.#parts;
    const inbox = await mailboxes.find(account, INBOX, call);
    if (inbox === null) return;
    const text = quotaWarning({ ...owner, hostname, now: clock.now(), used: delivered.used, quotaBytes });
    const warning = { content: text, facts: readMessage(text), flags: [], receivedAt: clock.now(), uidl: null };
    await mailboxes.append(account, inbox.id, [warning], { quotaBytes: null }, call);
  }

  /** RFC 5321 §4.4: whoever makes the final delivery says in front from whom it came. */
  async #contentOf({ body, tenant, sender }: LocalMail, call: Call): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [Buffer.from(`Return-Path: <${sender ?? ''}>\r\n`)];
    for await (const piece of this.#piecesOf(body, tenant, call)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  async *#piecesOf(body: Body, tenant: TenantId, call: Call): AsyncIterable<Uint8Array> {
    if (body.kind === 'memory') yield* body.chunks;
    else if (this.#parts.blobs === null) throw new Error('large content without a blob store');
    else yield* this.#parts.blobs.read(tenant, body.ref, call);
  }
}

/** Waiting helps nobody: the sender is told now and not after days. */
function isEverTooLarge({ content }: NewMessage, { quotaBytes }: User): boolean {
  return quotaBytes !== null && content.length > quotaBytes;
}

// A sender may be told what is said of a delivery: neither rules nor mailboxes are theirs to know. Of what is discarded nobody tells them.
function outcomeOf(n: LocalAnswer['n'], { forwards, by }: Plan, kept: Kept): LocalAnswer {
  if (kept.kind === 'kept') return answer(n, 'stored', forwards.length === 0 ? RULED : COPIED);
  if (forwards.length > 0) return answer(n, 'passed', FORWARDED);
  const rules = by
    .map((name) => `"${name}"`)
    .join(', ')
    .slice(0, rulesToldMax);
  return answer(n, 'discarded', local(250, '2.1.5', `Discarded by its recipient's rule ${rules}`));
}

function answer(n: LocalAnswer['n'], kind: LocalAnswer['kind'], reply: PeerReply): LocalAnswer {
  return { n, kind, reply };
}

function local(code: number, enhanced: string, text: string): PeerReply {
  return { code, enhanced, text, host: null };
}

const RULED = local(250, '2.1.5', 'Delivered as its recipient wants it');
const COPIED = local(250, '2.1.5', 'Delivered, and forwarded as its recipient wants it');
const FORWARDED = local(250, '2.1.5', 'Forwarded as its recipient wants it, without a copy here');

function delivered(into: string): PeerReply {
  return local(250, '2.1.5', `Delivered to ${into}`);
}

const UNKNOWN = local(550, '5.1.1', 'There is no such mailbox any more');
const STALE = local(451, '4.3.0', 'The directory is out of date; it is tried again by itself');
const FULL = local(452, '4.2.2', 'The mailbox is full; its owner has to make room');
const TOO_LARGE = local(552, '5.2.2', 'The message is larger than this mailbox may ever hold');
const AWAY = local(451, '4.3.0', 'The mailbox can’t be written now; it is tried again by itself');
