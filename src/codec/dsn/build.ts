/**
 * Delivery status notifications: multipart/report with words for people, fields for programs, and the header of the
 * message (RFC 3462, RFC 3464; RFC 6533 where the report may carry UTF-8).
 * What must never happen: a peer's text that ends a field or a part; a line over 998 octets; a body sent back.
 */
import { decodeWords, encodeWords, formatDate } from '#/codec/mime/index.ts';
import type { MailAddress, OriginalRecipient, Wording } from '#/model/index.ts';
import { adviceFor, type DsnAction, type Language, wordsFor } from './words.ts';
import { formatUtf8Address } from './xtext.ts';

export interface DsnRecipient {
  readonly finalRecipient: MailAddress;
  readonly originalRecipient: OriginalRecipient | null;
  readonly action: DsnAction;
  /** RFC 3463, e.g. '5.1.1'. */
  readonly status: string;
  /** Who answered; null where nobody did. */
  readonly remoteMta: string | null;
  /** The peer's reply, or our own words where there was none. */
  readonly diagnostic: { readonly type: 'smtp' | 'x-holdfast'; readonly text: string } | null;
  /** Said to people in place of the diagnostic, where nobody's server said it. */
  readonly plain?: Wording | null;
  /** Wall-clock ms, as all times here. */
  readonly lastAttemptAt: number | null;
  /** For delayed mail. */
  readonly retryUntil: number | null;
}

export interface DsnInput {
  readonly language: Language;
  /** Whether the report may go with SMTPUTF8: only where the message itself did, or the sender's address needs it. */
  readonly smtpUtf8: boolean;
  readonly hostname: string;
  /** The sender of the message. */
  readonly to: MailAddress;
  /** Both made elsewhere, from random octets: who guesses the boundary could forge a part. */
  readonly messageId: string;
  readonly boundary: string;
  readonly at: number;
  readonly envelopeId: string | null;
  readonly arrivedAt: number;
  /** The subject of the message, undecoded; empty where it has none. */
  readonly subject: string;
  /** At least one; those of one report share their action. */
  readonly recipients: readonly DsnRecipient[];
  /** The header section of the message, as octets. */
  readonly header: Uint8Array;
}

/** Octets of a text in a line; RFC 5322 §2.1.1 has 998 for the whole, and something stands around it. */
const textBytesMax = 900;
const lineBytesMax = 998;
/** Of the original subject in ours. */
const subjectMax = 120;

/** The report as a whole message, CRLF throughout, ready for custody. */
export function buildDsn(input: DsnInput): Buffer {
  const parts = [humanPart(input), statusPart(input), headerPart(input)];
  const body = parts.map((part) => `--${input.boundary}\r\n${part}\r\n`).join('');
  return Buffer.from(`${topFields(input)}\r\n${body}--${input.boundary}--\r\n`, 'utf8');
}

function topFields(input: DsnInput): string {
  const action = input.recipients[0]?.action ?? 'failed';
  const original = oneLine(decodeWords(input.subject)).slice(0, subjectMax).toWellFormed();
  const fact = wordsFor(input.language).subject[action];
  const subject = original === '' ? fact : `${fact}: ${original}`;
  return fields([
    `From: Mail Delivery System <mailer-daemon@${oneLine(input.hostname)}>`,
    `To: <${oneLine(input.to)}>`,
    `Subject: ${encodeWords(subject)}`,
    `Date: ${formatDate(input.at)}`,
    `Message-ID: <${oneLine(input.messageId)}>`,
    // RFC 3834 §5: so that nothing answers it by itself.
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=${input.smtpUtf8 ? 'global-delivery-status' : 'delivery-status'};\r\n boundary="${input.boundary}"`,
  ]);
}

function humanPart(input: DsnInput): string {
  const languages: Language[] = input.language === 'en' ? ['en'] : [input.language, 'en'];
  const text = languages.map((language) => humanText(input, language)).join('\r\n----------\r\n\r\n');
  return part('text/plain; charset=utf-8', 'Notification', text, false);
}

function humanText(input: DsnInput, language: Language): string {
  const words = wordsFor(language);
  const action = input.recipients[0]?.action ?? 'failed';
  const entries = input.recipients.map((recipient) => humanEntry(recipient, language));
  return `${words.opening[action]}\r\n\r\n${entries.join('')}${words.closing}\r\n`;
}

function humanEntry(recipient: DsnRecipient, language: Language): string {
  const words = wordsFor(language);
  const lines = [`  ${oneLine(recipient.originalRecipient?.address ?? recipient.finalRecipient)}`];
  if (recipient.diagnostic !== null) {
    if (recipient.remoteMta !== null) lines.push(`    ${words.said(oneLine(recipient.remoteMta))}`);
    lines.push(`    ${oneLine(recipient.plain?.[language] ?? recipient.diagnostic.text)}`);
  }
  const advice = adviceFor(language, recipient.action, recipient.status);
  if (advice !== null) lines.push(`    ${advice}`);
  if (recipient.retryUntil !== null) lines.push(`    ${words.until(formatDate(recipient.retryUntil))}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** RFC 3464 §2.1: fields for the message, then for each recipient, groups parted by empty lines. */
function statusPart(input: DsnInput): string {
  const message = [`Reporting-MTA: dns; ${oneLine(input.hostname)}`, `Arrival-Date: ${formatDate(input.arrivedAt)}`];
  if (input.envelopeId !== null) message.unshift(`Original-Envelope-Id: ${toAscii(oneLine(input.envelopeId))}`);
  const groups = [message, ...input.recipients.map((recipient) => recipientFields(recipient, input.smtpUtf8))];
  const type = input.smtpUtf8 ? 'message/global-delivery-status' : 'message/delivery-status';
  return part(type, 'Delivery report', groups.map(fields).join('\r\n'), true);
}

function recipientFields(recipient: DsnRecipient, utf8: boolean): string[] {
  const { originalRecipient, diagnostic } = recipient;
  const lines: string[] = [];
  if (originalRecipient !== null) lines.push(`Original-Recipient: ${typedAddress(originalRecipient, utf8)}`);
  lines.push(`Final-Recipient: ${typedAddress({ type: 'rfc822', address: recipient.finalRecipient }, utf8)}`);
  lines.push(`Action: ${recipient.action}`, `Status: ${oneLine(recipient.status)}`);
  if (recipient.remoteMta !== null) lines.push(`Remote-MTA: dns; ${toAscii(oneLine(recipient.remoteMta))}`);
  if (diagnostic !== null)
    lines.push(
      `Diagnostic-Code: ${diagnostic.type}; ${utf8 ? oneLine(diagnostic.text) : toAscii(oneLine(diagnostic.text))}`,
    );
  if (recipient.lastAttemptAt !== null) lines.push(`Last-Attempt-Date: ${formatDate(recipient.lastAttemptAt)}`);
  if (recipient.retryUntil !== null) lines.push(`Will-Retry-Until: ${formatDate(recipient.retryUntil)}`);
  return lines;
}

/** RFC 6533 §3: an address outside ASCII has the type utf-8, and is written in ASCII where the report must be. */
function typedAddress(original: OriginalRecipient, utf8: boolean): string {
  const address = oneLine(original.address);
  if (original.type !== 'utf-8' && /^[ -~]*$/.test(address)) return `${oneLine(original.type)}; ${address}`;
  return `utf-8; ${utf8 ? address : formatUtf8Address(address).slice(0, textBytesMax)}`;
}

/** RFC 3462 §2: the header alone; nobody needs the body back, and a forged sender must not get it. */
function headerPart(input: DsnInput): string {
  const text = Buffer.from(input.header)
    .toString('utf8')
    .replace(/\r\n|\r|\n/g, '\r\n');
  const type = input.smtpUtf8 ? 'message/global-headers' : 'text/rfc822-headers; charset=utf-8';
  return part(type, 'Header of the message', text.endsWith('\r\n') ? text : `${text}\r\n`, input.smtpUtf8);
}

/** A part of the report: as it is where it is short ASCII lines, or may be UTF-8 and `clear`; in base64 otherwise. */
function part(type: string, description: string, text: string, clear: boolean): string {
  const short = text.split('\r\n').every((line) => Buffer.byteLength(line) <= lineBytesMax);
  const ascii = /^[\t\r\n -~]*$/.test(text);
  const encoding = short && ascii ? '7bit' : short && clear && !text.includes('\0') ? '8bit' : 'base64';
  const head = fields([
    `Content-Type: ${type}`,
    `Content-Description: ${description}`,
    `Content-Transfer-Encoding: ${encoding}`,
  ]);
  return `${head}\r\n${encoding === 'base64' ? base64Lines(text) : text}`;
}

function base64Lines(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('base64')
    .replace(/.{1,76}/g, '$&\r\n');
}

function fields(lines: readonly string[]): string {
  return lines.map((line) => `${line}\r\n`).join('');
}

/** Nothing in it ends a line; bounded, for peers say much. */
function oneLine(text: string): string {
  const clean = text.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ').trim();
  if (Buffer.byteLength(clean) <= textBytesMax) return clean.toWellFormed();
  return `${Buffer.from(clean)
    .subarray(0, textBytesMax)
    .toString('utf8')
    .replace(/\ufffd+$/, '')}...`;
}

/** RFC 3464 §2.1.2: what isn't ASCII has no place in a report that isn't internationalised. */
function toAscii(text: string): string {
  return text.replace(/[^ -~]/gu, '?');
}
