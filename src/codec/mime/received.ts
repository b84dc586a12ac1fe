/** The trace field that every hop adds (RFC 5321 §4.4). */
import type { MailAddress, MailId, PeerAddress } from '#/model/index.ts';
import { formatDate } from './date.ts';

export interface ReceivedHop {
  /** What the peer said with EHLO, as it stands; null before any. */
  readonly greeting: string | null;
  readonly peer: PeerAddress;
  readonly hostname: string;
  readonly protocol: 'SMTP' | 'ESMTP' | 'LMTP';
  /** Cipher suite; null without TLS. */
  readonly cipher: string | null;
  readonly signedIn: boolean;
  readonly smtpUtf8: boolean;
  readonly id: MailId;
  /** Only where there is exactly one: more would disclose blind copies (RFC 5321 §7.2). Null otherwise. */
  readonly recipient: MailAddress | null;
  /** Wall-clock ms. */
  readonly at: number;
}

/** The field with its CRLF, folded. Nothing that a peer said can end a line or close a comment in it. */
export function formatReceived(hop: ReceivedHop): string {
  const { peer } = hop;
  const greeting = hop.greeting === null ? 'unknown' : safeName(hop.greeting, hop.smtpUtf8);
  const name = peer.name === null ? '' : `${safeName(peer.name, false)} `;
  const lines = [
    `Received: from ${greeting} (${name}[${peer.address.includes(':') ? 'IPv6:' : ''}${safeName(peer.address, false)}])`,
    `by ${hop.hostname} with ${withKeyword(hop)} id ${hop.id}`,
  ];
  if (hop.recipient !== null) lines.push(`for <${hop.recipient}>`);
  // RFC 8314 §4.3: the clause names the cipher suite.
  if (hop.cipher !== null) lines.push(`tls ${safeName(hop.cipher, false)}`);
  return `${lines.join('\r\n\t')}; ${formatDate(hop.at)}\r\n`;
}

/** RFC 3848; RFC 6531 §4.3: the UTF8 names have neither ESMTP nor a plain LMTP. */
export function withKeyword(hop: Pick<ReceivedHop, 'protocol' | 'cipher' | 'signedIn' | 'smtpUtf8'>): string {
  const suffix = `${hop.cipher === null ? '' : 'S'}${hop.signedIn ? 'A' : ''}`;
  if (hop.protocol === 'SMTP') return suffix === '' ? 'SMTP' : `ESMTP${suffix}`;
  if (hop.smtpUtf8) return `UTF8${hop.protocol === 'LMTP' ? 'LMTP' : 'SMTP'}${suffix}`;
  return `${hop.protocol}${suffix}`;
}

/** Scanners greet with anything (M1): what can't stand in a name becomes `?`, and too much of it is cut. */
function safeName(text: string, utf8: boolean): string {
  const unsafe = utf8 ? /[^A-Za-z0-9._:[\]\-\u00a0-\uffff]/g : /[^A-Za-z0-9._:[\]-]/g;
  return text.slice(0, 255).toWellFormed().replace(unsafe, '?');
}
