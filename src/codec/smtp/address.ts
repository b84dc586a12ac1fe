/** Mail addresses as SMTP writes them: mailboxes, paths, domains (RFC 5321 §4.1.2, §4.1.3; RFC 6531 §3.3). */
import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII, domainToUnicode } from 'node:url';
import type { Domain, MailAddress } from '#/model/index.ts';
import { domainBytesMax, domainLabelBytesMax, localPartBytesMax } from './limits.ts';

const dotString = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u00a0-\uffff]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u00a0-\uffff]+)*$/;
// Departs from RFC 5321 §4.1.2: Japanese mobile carriers gave out addresses such as `a..b@` and `a.@`; they are real people.
const carrierDotString = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u00a0-\uffff][A-Za-z0-9!#$%&'*+/=?^_`{|}~\-.\u00a0-\uffff]*$/;
const quotedString = /^"(?:[ !#-[\]-~\u00a0-\uffff]|\\[ -~])*"$/;
const asciiOnly = /^[\0-\x7f]*$/;
// Departs from RFC 5321 §4.1.2: device and host names carry underscores.
const asciiLabel = /^[a-z0-9_-]+$/;
// Line separators and half characters pass as letters above; nobody has them in an address.
const trouble = /[\u2028\u2029\ufeff\ufffd]|\p{Surrogate}/u;

/** `local-part@domain` in its canonical form: domain lower case, quotes only where they are needed; null where it is none. */
export function parseMailAddress(text: string): MailAddress | null {
  const at = text.lastIndexOf('@');
  if (at < 1) return null;
  const local = parseLocalPart(text.slice(0, at));
  const domain = parseDomain(text.slice(at + 1));
  return local === null || domain === null ? null : (`${local}@${domain}` as MailAddress);
}

/** A local part without needless quotes: `"a.b"` and `a.b` are one mailbox (RFC 5321 §4.1.2); null where it is none. */
export function parseLocalPart(text: string): string | null {
  if (text.length > localPartBytesMax || Buffer.byteLength(text) > localPartBytesMax || trouble.test(text)) return null;
  if (carrierDotString.test(text)) return text;
  if (!quotedString.test(text)) return null;
  const content = text.slice(1, -1).replace(/\\(.)/g, '$1');
  return dotString.test(content) ? content : `"${content.replace(/["\\]/g, '\\$&')}"`;
}

/** A domain or an address literal in lower case; U-labels in their one normal form (RFC 6531 §3.3); null where it is neither. */
export function parseDomain(text: string): Domain | null {
  if (text.length === 0 || text.length > domainBytesMax) return null;
  if (text.startsWith('[')) return parseLiteral(text);
  const ascii = toAscii(text.toLowerCase());
  if (ascii === null || ascii.length > domainBytesMax || !ascii.split('.').every(isLabel)) return null;
  return (asciiOnly.test(text) ? ascii : domainToUnicode(ascii)) as Domain;
}

/** The A-label form, as DNS and peers without SMTPUTF8 know it (RFC 5890 §2.3.2.1); literals come back unchanged. */
export function domainToAscii(domain: Domain): Domain {
  return (asciiOnly.test(domain) ? domain : domainToASCII(domain)) as Domain;
}

/** Whether the address can be said to a peer without SMTPUTF8 once its domain is in A-labels (RFC 6531 §3.2). */
export function needsSmtpUtf8(address: MailAddress): boolean {
  return !asciiOnly.test(address);
}

/** The IP address inside an address literal, `[192.0.2.1]` or `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3); null for a name. */
export function literalAddress(domain: Domain): string | null {
  if (!domain.startsWith('[')) return null;
  return domain.startsWith('[ipv6:') ? domain.slice(6, -1) : domain.slice(1, -1);
}

/** A path cut from the head of a command's arguments, and what follows it. */
export interface TakenPath {
  /** Without angle brackets and source route; empty is the null path. */
  readonly path: string;
  readonly rest: string;
}

/** Takes a path from the head of `text`; null where none begins there or its bracket never closes. */
export function takePath(text: string): TakenPath | null {
  if (text.startsWith('<')) {
    const end = endOfPath(text, '>');
    return end < 0 ? null : { path: withoutRoute(text.slice(1, end)), rest: text.slice(end + 1) };
  }
  // Departs from RFC 5321 §4.1.1.2: scanners leave out the angle brackets (M1).
  const space = endOfPath(text, ' ');
  const end = space < 0 ? text.length : space;
  return end === 0 ? null : { path: text.slice(0, end), rest: text.slice(end) };
}

/** Index of `mark` outside a quoted local part; -1 where it is missing. */
function endOfPath(text: string, mark: string): number {
  const quote = text.indexOf('"');
  const first = text.indexOf(mark);
  if (quote < 0 || first < quote) return first;
  let quoted = true;
  for (let i = quote + 1; i < text.length; i++) {
    if (quoted && text[i] === '\\') i += 1;
    else if (text[i] === '"') quoted = !quoted;
    else if (!quoted && text[i] === mark) return i;
  }
  return -1;
}

/** RFC 5321 §4.1.1.3, Appendix C: `@hop1,@hop2:user@domain` is taken as `user@domain`. */
function withoutRoute(path: string): string {
  return path.startsWith('@') ? path.slice(path.indexOf(':') + 1) : path;
}

function toAscii(domain: string): string | null {
  if (asciiOnly.test(domain)) return domain;
  if (trouble.test(domain)) return null;
  return domainToASCII(domain) || null;
}

function isLabel(label: string): boolean {
  return (
    label.length <= domainLabelBytesMax && asciiLabel.test(label) && !label.startsWith('-') && !label.endsWith('-')
  );
}

function parseLiteral(text: string): Domain | null {
  if (!text.endsWith(']')) return null;
  const inside = text.slice(1, -1).toLowerCase();
  const known = inside.startsWith('ipv6:') ? isIPv6(inside.slice(5)) && !inside.includes('%') : isIPv4(inside);
  return known ? (`[${inside}]` as Domain) : null;
}
