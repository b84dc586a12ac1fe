/**
 * What the delivering side says. A parameter is only sent to a peer that announced it (RFC 5321 §4.1.1.11); whether mail may
 * go without it (SMTPUTF8, REQUIRETLS, 8BITMIME) is decided before, by those who know the mail.
 */
import assert from 'node:assert/strict';
import { formatUtf8Address, formatXtext } from '#/codec/dsn/index.ts';
import type { MailAddress, Notify, OriginalRecipient, TransportNeeds } from '#/model/index.ts';
import type { Capabilities } from './capabilities.ts';

export interface OutgoingMail {
  /** Null is the null reverse-path. */
  readonly sender: MailAddress | null;
  /** Octets of the content. */
  readonly size: number;
  readonly needs: TransportNeeds;
}

export interface OutgoingRecipient {
  readonly address: MailAddress;
  readonly notify: Notify | null;
  readonly originalRecipient: OriginalRecipient | null;
}

/** `EHLO name`, and LHLO to an LMTP server (RFC 2033 §4.1), HELO to one that knows no EHLO (RFC 5321 §3.2). */
export function formatHello(verb: 'EHLO' | 'HELO' | 'LHLO', hostname: string): string {
  return line(`${verb} ${hostname}`);
}

/** MAIL with what the mail needs and the peer announced. */
export function formatMail(mail: OutgoingMail, peer: Capabilities): string {
  const { needs } = mail;
  const words = [`MAIL FROM:<${mail.sender ?? ''}>`];
  if (peer.size !== null) words.push(`SIZE=${mail.size}`);
  if (needs.eightBit && peer.eightBitMime) words.push('BODY=8BITMIME');
  if (needs.smtpUtf8 && peer.smtpUtf8) words.push('SMTPUTF8');
  if (needs.requireTls && peer.requireTls) words.push('REQUIRETLS');
  if (needs.ret !== null && peer.dsn) words.push(`RET=${needs.ret.toUpperCase()}`);
  if (needs.envid !== null && peer.dsn) words.push(`ENVID=${formatXtext(needs.envid)}`);
  return line(words.join(' '));
}

/** RCPT, with the DSN parameters where the peer announced DSN (RFC 3461 §4.1, §4.2). */
export function formatRcpt(recipient: OutgoingRecipient, peer: Capabilities): string {
  const words = [`RCPT TO:<${recipient.address}>`];
  if (recipient.notify !== null && peer.dsn) words.push(`NOTIFY=${formatNotify(recipient.notify)}`);
  if (recipient.originalRecipient !== null && peer.dsn)
    words.push(`ORCPT=${formatOriginal(recipient.originalRecipient)}`);
  return line(words.join(' '));
}

/** RFC 3030 §2: so many octets follow. */
export function formatBdat(size: number, last: boolean): string {
  return `BDAT ${size}${last ? ' LAST' : ''}\r\n`;
}

/** RFC 4954 §4: an empty first answer is written `=`. */
export function formatAuth(mechanism: string, initial: string | null): string {
  return line(initial === null ? `AUTH ${mechanism}` : `AUTH ${mechanism} ${initial === '' ? '=' : initial}`);
}

/** RFC 3461 §4.1. */
export function formatNotify(notify: Notify): string {
  const wanted = (['success', 'failure', 'delay'] as const).filter((kind) => notify[kind]);
  return wanted.length === 0 ? 'NEVER' : wanted.join(',').toUpperCase();
}

function formatOriginal(original: OriginalRecipient): string {
  const address = original.type === 'utf-8' ? formatUtf8Address(original.address) : formatXtext(original.address);
  return `${original.type};${address}`;
}

function line(text: string): string {
  assert(
    !/[\0-\x1f\x7f]/.test(text),
    'a command to a peer holds a control character: its parts were not checked at the door',
  );
  return `${text}\r\n`;
}
