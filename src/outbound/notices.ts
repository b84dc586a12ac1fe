/**
 * Delivery status notifications (RFC 3461, RFC 3464): born in the transaction of the outcome that causes them (design 1).
 *
 * NOTIFY decides whether, the null reverse-path decides that never (RFC 5321 §4.5.5), and what is itself a report gets none. The header
 * section of the original comes back, never its body: a forged sender must not be sent somebody's mail.
 * Reports carry REQUIRETLS where the mail did (RFC 8689 §5).
 */

import { isAscii } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { buildDsn, type DsnAction, type DsnRecipient } from '#/codec/dsn/index.ts';
import { contentFacts, headerValue, readHeaders } from '#/codec/mime/index.ts';
import { needsSmtpUtf8 } from '#/codec/smtp/index.ts';
import type {
  ArrivedMail,
  ArrivedRecipient,
  Body,
  Claim,
  ClaimedRecipient,
  MailAddress,
  MailInCustody,
  Outcome,
  PeerReply,
  RecipientNumber,
  Wording,
} from '#/model/index.ts';
import { domainOf, newMailId, within } from '#/model/index.ts';
import type { Blobs, Clock, Custody, DirectorySource, NoticeMaker, ReturnPaths, Routing } from '#/ports/index.ts';

export interface NoticeParts {
  readonly custody: Pick<Custody, 'body'>;
  /** Null where all content is in custody. */
  readonly blobs: Pick<Blobs, 'read'> | null;
  readonly directory: DirectorySource;
  readonly routing: Routing;
  readonly returnPaths: Pick<ReturnPaths, 'original'>;
  readonly clock: Clock;
}

export interface NoticeSettings {
  readonly hostname: string;
  /** When mail that waits expires, in ms after acceptance. */
  readonly expireMs: number;
}

type Outcomes = readonly { readonly n: RecipientNumber; readonly outcome: Outcome }[];
type Told = { readonly recipient: ClaimedRecipient; readonly outcome: Outcome };

/** Time to read the original's header section; without it the report goes without. */
const readMs = 10_000;
/** Of the original's header section, in octets: what anyone needs to know the mail again. */
const headerMax = 65_536;

export class Notices implements NoticeMaker {
  readonly #parts: NoticeParts;
  readonly #settings: NoticeSettings;

  constructor(settings: NoticeSettings, parts: NoticeParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  /** The report of recipients that ended, or wait long; null where nobody wants one. */
  async notice(claim: Claim, outcomes: Outcomes, kind: 'delay' | 'failure'): Promise<ArrivedMail | null> {
    const told = chosen(claim, outcomes, (recipient, outcome) =>
      kind === 'delay' ? recipient.notify.delay && isWaiting(outcome) : recipient.notify.failure && isFailure(outcome),
    );
    return this.#make(claim, told, kind === 'delay' ? 'delayed' : 'failed');
  }

  /** The report that the sender asked for by NOTIFY=SUCCESS: delivered, or relayed to a peer that sends none (RFC 3461 §6.2). */
  async success(claim: Claim, outcomes: Outcomes, action: 'delivered' | 'relayed'): Promise<ArrivedMail | null> {
    const told = chosen(claim, outcomes, ({ notify }, { kind }) => notify.success && kind === 'delivered');
    return this.#make(claim, told, action);
  }

  async #make(claim: Claim, told: readonly Told[], action: DsnAction): Promise<ArrivedMail | null> {
    const { mail } = claim;
    if (mail.sender === null || mail.purpose !== 'mail' || told.length === 0) return null;
    const header = await this.#headerOf(claim);
    const to = this.#senderOf(mail.sender);
    const utf8 = mail.needs.smtpUtf8 || needsSmtpUtf8(to);
    return this.#arrived(mail, to, this.#write(mail, to, told, action, header, utf8), utf8);
  }

  /** Of mail that was forwarded by a reverse-path of ours, who sent it first. */
  #senderOf(sender: MailAddress): MailAddress {
    const original = this.#parts.returnPaths.original(sender);
    return original === null || original === 'forged' ? sender : original;
  }

  #write(
    mail: MailInCustody,
    to: MailAddress,
    told: readonly Told[],
    action: DsnAction,
    header: Buffer,
    smtpUtf8: boolean,
  ): Buffer {
    const { hostname } = this.#settings;
    const at = this.#parts.clock.now();
    const tenant = this.#parts.directory.current().tenant(mail.tenant);
    return buildDsn({
      language: tenant?.language ?? 'en',
      smtpUtf8,
      hostname,
      to,
      messageId: `${randomUUID()}@${hostname}`,
      boundary: `holdfast-${randomUUID()}`,
      at,
      envelopeId: mail.needs.envid,
      arrivedAt: mail.receivedAt,
      subject: headerValue(readHeaders([header]), 'subject') ?? '',
      recipients: told.map((one) => this.#line(one, mail, action, at)),
      header,
    });
  }

  #line({ recipient, outcome }: Told, mail: MailInCustody, action: DsnAction, at: number): DsnRecipient {
    const reply = replyOf(outcome) ?? recipient.lastReply;
    const attempted = outcome.kind === 'returned' || outcome.kind === 'expired' ? recipient.lastAttemptAt : at;
    return {
      // The address that the sender wrote: where an alias or group leads is not theirs to know (RFC 3464 §4.2).
      finalRecipient: recipient.original ?? recipient.address,
      originalRecipient: recipient.orcpt,
      action,
      status: statusOf(outcome, action, reply),
      remoteMta: reply !== null && reply.code > 0 ? reply.host : null,
      diagnostic: diagnosticOf(outcome, recipient, reply),
      plain: plainOf(outcome, recipient),
      lastAttemptAt: attempted,
      retryUntil: action === 'delayed' ? mail.receivedAt + this.#settings.expireMs : null,
    };
  }

  #arrived(mail: MailInCustody, to: MailAddress, content: Buffer, smtpUtf8: boolean): ArrivedMail {
    const at = this.#parts.clock.now();
    return {
      id: newMailId(at),
      parent: mail.id,
      tenant: mail.tenant,
      origin: 'generated',
      purpose: 'dsn',
      sender: null,
      identity: { kind: 'system', tenant: mail.tenant, name: '' },
      receivedAt: at,
      needs: { eightBit: !isAscii(content), smtpUtf8, requireTls: mail.needs.requireTls, ret: null, envid: null },
      facts: contentFacts(readHeaders([content])),
      hops: mail.hops,
      size: content.length,
      recipients: [this.#recipient(mail, to)],
      body: { kind: 'memory', chunks: [content], size: content.length },
    };
  }

  #recipient(mail: MailInCustody, address: MailAddress): ArrivedRecipient {
    const { destination, held } = this.#parts.routing.plan(address, 'dsn', null);
    const home = this.#parts.directory.current().domain(domainOf(address))?.tenant.id;
    const direction = home === mail.tenant ? 'internal' : 'outbound';
    // RFC 3461 §6.1: a report asks for none about itself.
    const notify = { success: false, failure: false, delay: false };
    return { n: 1, address, original: null, orcpt: null, notify, direction, destination, held };
  }

  /** Empty where the original can't be read: a report without it is better than none. */
  async #headerOf({ mail, body }: Claim): Promise<Buffer> {
    try {
      const call = within(readMs);
      const content = body ?? (await this.#parts.custody.body(mail.id, call));
      const section = readHeaders(await this.#headOf(mail, content));
      const header = section.source.subarray(0, section.bytes);
      return header.length <= headerMax ? header : header.subarray(0, header.lastIndexOf('\r\n', headerMax - 2) + 2);
    } catch {
      return Buffer.alloc(0);
    }
  }

  async #headOf(mail: MailInCustody, body: Body): Promise<readonly Uint8Array[]> {
    if (body.kind === 'memory') return body.chunks;
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of this.#parts.blobs?.read(mail.tenant, body.ref, within(readMs)) ?? []) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes >= headerMax) break;
    }
    return pieces;
  }
}

/** Whether anyone may want a report of this outcome: asked before time is spent on one. */
export function mayBeTold(claim: Claim, recipient: ClaimedRecipient, outcome: Outcome): boolean {
  if (claim.mail.sender === null || claim.mail.purpose !== 'mail') return false;
  return (recipient.notify.failure && isFailure(outcome)) || (recipient.notify.success && outcome.kind === 'delivered');
}

function chosen(
  claim: Claim,
  outcomes: Outcomes,
  wanted: (recipient: ClaimedRecipient, outcome: Outcome) => boolean,
): Told[] {
  const byNumber = new Map(claim.recipients.map((recipient) => [recipient.n, recipient]));
  return outcomes.flatMap(({ n, outcome }) => {
    const recipient = byNumber.get(n);
    return recipient !== undefined && wanted(recipient, outcome) ? [{ recipient, outcome }] : [];
  });
}

function isFailure({ kind }: Outcome): boolean {
  return kind === 'bounced' || kind === 'expired';
}

function isWaiting({ kind }: Outcome): boolean {
  return kind === 'returned' || kind === 'deferred';
}

function replyOf(outcome: Outcome): PeerReply | null {
  return 'reply' in outcome ? outcome.reply : null;
}

// RFC 3464 §2.3.4: the class must fit the action, whatever the peer said.
function statusOf(outcome: Outcome, action: DsnAction, reply: PeerReply | null): string {
  if (outcome.kind === 'expired') return '5.4.7';
  const digit = action === 'failed' ? '5' : action === 'delayed' ? '4' : '2';
  return reply?.enhanced?.startsWith(digit) === true ? reply.enhanced : `${digit}.0.0`;
}

function diagnosticOf(
  outcome: Outcome,
  recipient: ClaimedRecipient,
  reply: PeerReply | null,
): DsnRecipient['diagnostic'] {
  if (hasWaitedInVain(outcome, recipient)) return { type: 'x-holdfast', text: IN_VAIN.en };
  if (reply === null) return null;
  if (reply.code === 0 || reply.host === null) return { type: 'x-holdfast', text: reply.text };
  return { type: 'smtp', text: [reply.code, reply.enhanced, reply.text].filter(Boolean).join(' ') };
}

const IN_VAIN: Wording = {
  en: 'The message was held, and nobody released it in time.',
  ja: 'メールは保留されましたが、期限までに送信または承認されませんでした。',
};

function hasWaitedInVain({ kind }: Outcome, { state }: ClaimedRecipient): boolean {
  return kind === 'expired' && (state === 'held' || state === 'approval');
}

/** What people decided, or did not, in the reader's own language. */
function plainOf(outcome: Outcome, recipient: ClaimedRecipient): Wording | null {
  if (hasWaitedInVain(outcome, recipient)) return IN_VAIN;
  if (outcome.kind !== 'bounced' || outcome.by === undefined) return null;
  const { text } = outcome.reply;
  return { en: text, ja: `承認されませんでした: ${text}` };
}
