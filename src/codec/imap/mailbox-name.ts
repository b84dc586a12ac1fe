/** Names of mailboxes: as clients write them, and as they are (RFC 9051 §5.1, RFC 3501 §5.1.3). */
import { isUtf8 } from 'node:buffer';
import type { MailboxName } from '#/model/index.ts';
import { mailboxNameBytesMax } from './limits.ts';
import { decodeUtf7, encodeUtf7 } from './utf7.ts';

/** RFC 9051 §5.1: Net-Unicode (RFC 5198 §2) has no controls and no line or paragraph separators. */
const forbidden = /[\p{Cc}\u2028\u2029]/u;

/**
 * The text of a name or pattern from its octets, each a character of `octets`; null where they are no text. Modified UTF-7, or UTF-8 where
 * the client has enabled it. UTF-8 is understood without that too, as clients send it and nothing else can be meant.
 */
export function decodeName(octets: string, utf8: boolean): string | null {
  const ascii = !/[\x80-\xff]/.test(octets);
  if (ascii) return utf8 ? octets : (decodeUtf7(octets)?.normalize('NFC') ?? null);
  const bytes = Buffer.from(octets, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8').normalize('NFC') : null;
}

/**
 * The name that a text is, or null where it can be none. INBOX counts in any case, alone and as the first level. One `/` at the end says that
 * names below are to come, and is left out (RFC 9051 §6.3.4).
 */
export function parseMailboxName(text: string): MailboxName | null {
  const levels = (text.endsWith('/') ? text.slice(0, -1) : text).normalize('NFC').split('/');
  if (levels.includes('') || forbidden.test(text) || !text.isWellFormed()) return null;
  // ASCII letters alone: the upper case of a Turkish ı is an I too.
  if (/^inbox$/i.test(levels[0] ?? '')) levels[0] = 'INBOX';
  const name = levels.join('/');
  return Buffer.byteLength(name) <= mailboxNameBytesMax ? (name as MailboxName) : null;
}

/** The name's letters as the client reads them, not quoted yet. */
export function encodeName(name: string, utf8: boolean): string {
  return utf8 ? name : encodeUtf7(name);
}
