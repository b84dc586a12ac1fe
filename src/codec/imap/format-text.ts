/**
 * Strings in what we say (RFC 9051 §4.3). All of it is one string of text that goes out as UTF-8; only octets of messages go beside it. `utf8`
 * says that the client has enabled UTF-8: then quotes may hold it, else it goes as a literal (RFC 9051 §4.3, RFC 6855 §3).
 */
import { quotedBytesMax } from './limits.ts';

const quotable = /^[^\0\r\n]*$/;
const asciiQuotable = /^[\x01-\x09\x0b\x0c\x0e-\x7f]*$/;
const bareString = /^[^\0-\x20\x7f-\uffff(){%*"\\]+$/;

export function formatString(text: string, utf8: boolean): string {
  const quotes = text.length <= quotedBytesMax && (utf8 ? quotable : asciiQuotable).test(text);
  if (quotes) return `"${text.replace(/["\\]/g, '\\$&')}"`;
  // RFC 9051 §9: CHAR8 is any octet but NUL.
  const whole = text.replaceAll('\0', '\ufffd');
  return `${formatLiteral(Buffer.byteLength(whole))}${whole}`;
}

/** RFC 9051 §4.6: NIL is a string that isn't there. */
export function formatNstring(text: string | null, utf8: boolean): string {
  return text === null ? 'NIL' : formatString(text, utf8);
}

/** Without quotes where it needs none. */
export function formatAstring(text: string, utf8: boolean): string {
  return text.length <= quotedBytesMax && bareString.test(text) ? text : formatString(text, utf8);
}

/** What stands before so many octets. */
export function formatLiteral(bytes: number): string {
  return `{${bytes}}\r\n`;
}

/** RFC 3516 §4.3: what stands before octets that may be any. */
export function formatLiteral8(bytes: number): string {
  return `~{${bytes}}\r\n`;
}
