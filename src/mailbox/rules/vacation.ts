/**
 * The answer while somebody is away: who gets one (RFC 3834 §2, RFC 5230 §4), and how it is written (RFC 3834 §3). How often is the account's to
 * remember (`Mailboxes.mayAnswer`).
 *
 * What must never happen: an answer to an answer, to a list, or to who did not write to this person.
 */
import { createHash } from 'node:crypto';
import { encodeWords, formatDate, type MessageFacts } from '#/codec/mime/index.ts';
import { localPartOf, type MailAddress } from '#/model/index.ts';
import type { Vacation } from './document.ts';
import type { RuleFacts } from './facts.ts';
import { base64LineMax, referencesMax } from './limits.ts';
import type { MailTexts } from './mail-texts.ts';
import type { PlannedAnswer } from './plan.ts';

/** RFC 3834 §2, RFC 5230 §4.6: local parts behind which nobody reads. */
const NOBODY =
  /^(?:mailer-daemon|postmaster|listserv|majordomo|owner-.*|.*-(?:request|owner|bounces?)|bounces?(?:[-+=].*)?|(?:no|do-?not)[-_.]?reply.*)$/i;
const NO_ANSWER = /\b(?:all|oof|autoreply)\b/;

/** Null where nobody is to be answered. `now` is wall-clock ms. */
export function plannedAnswer(vacation: Vacation, facts: RuleFacts, now: number): PlannedAnswer | null {
  const { from, until, subject, text, days, addresses } = vacation;
  if (from !== undefined && now < Date.parse(from)) return null;
  if (until !== undefined && now >= Date.parse(until)) return null;
  const { sender } = facts;
  if (sender === null || facts.isOwn(sender) || NOBODY.test(localPartOf(sender)) || isByMachine(facts.texts))
    return null;
  // RFC 5230 §4.5: it was written to this person, not to a list or group that they are in.
  if (!facts.isAddressed(addresses)) return null;
  return { to: sender, subject: subject ?? null, text, days };
}

function isByMachine(texts: MailTexts): boolean {
  // RFC 3834 §5.2: whatever it says but no.
  if (texts.values('auto-submitted').some((text) => !/^no\b/.test(text))) return true;
  if (texts.values('precedence').some((text) => /^(?:bulk|list|junk)\b/.test(text))) return true;
  if (texts.values('x-auto-response-suppress').some((text) => NO_ANSWER.test(text))) return true;
  return texts.hasListField;
}

/** Names an answer by its words: who had another one may have this one too (RFC 5230 §4.2). */
export function nameOfAnswer({ subject, text }: PlannedAnswer): string {
  return createHash('sha256')
    .update(JSON.stringify([subject, text]))
    .digest('hex')
    .slice(0, 32);
}

export interface AnswerMail {
  readonly answer: PlannedAnswer;
  /** Of the mail that is answered. */
  readonly facts: MessageFacts;
  readonly from: MailAddress;
  readonly displayName: string | null;
  readonly messageId: string;
  /** Wall-clock ms. */
  readonly now: number;
}

/** The mail in wire form, in ASCII. */
export function writeAnswer({ answer, facts, from, displayName, messageId, now }: AnswerMail): Uint8Array {
  const inReplyTo = [facts.messageId ?? ''].filter(isMessageId);
  const references = [...shortened(facts.references.filter(isMessageId)), ...inReplyTo];
  const fields = [
    `From: ${displayName === null ? '' : `${phrase(displayName)} `}<${from}>`,
    `To: <${answer.to}>`,
    // RFC 3834 §3.1.5, RFC 5230 §4.3.
    `Subject: ${encodeWords(answer.subject ?? `Auto: ${facts.subject}`)}`,
    `Date: ${formatDate(now)}`,
    `Message-ID: <${messageId}>`,
    ...inReplyTo.map((id) => `In-Reply-To: <${id}>`),
    ...(references.length === 0 ? [] : [`References: ${references.map((id) => `<${id}>`).join('\r\n ')}`]),
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
  ];
  const text = `${answer.text
    .toWellFormed()
    .replace(/\r?\n|\r/g, '\r\n')
    .trimEnd()}\r\n`;
  const body = Buffer.from(text)
    .toString('base64')
    .replace(new RegExp(`.{${base64LineMax}}(?=.)`, 'g'), '$&\r\n');
  return Buffer.from(`${fields.join('\r\n')}\r\n\r\n${body}\r\n`);
}

/** RFC 5322 §3.6.4: the oldest and the newest. */
function shortened(ids: readonly string[]): readonly string[] {
  return ids.length <= referencesMax ? ids : [...ids.slice(0, 1), ...ids.slice(1 - referencesMax)];
}

function isMessageId(id: string): boolean {
  return /^[!-;=?-~]{1,250}$/.test(id);
}

function phrase(name: string): string {
  const text = name.replace(/\p{Cc}+/gu, ' ').trim();
  const encoded = encodeWords(text);
  return encoded === text ? `"${text.replace(/["\\]/g, '\\$&')}"` : encoded;
}
