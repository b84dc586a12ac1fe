/** The text of text parts: transfer encoding, charset, and HTML where it is that. */
import { decodeBytes } from './charset.ts';
import { view } from './headers.ts';
import { htmlToText } from './html-text.ts';
import type { Part } from './message.ts';
import { parameterOf } from './parameters.ts';
import { decodeBody } from './transfer.ts';

/** What must be known of a part to read its text. */
export type TextPartFields = Pick<Part, 'type' | 'subtype' | 'parameters' | 'encoding'>;

/** The text of a part's body, given its octets as they came. HTML stays HTML; an encoding nobody knows is taken for none. */
export function decodeText(part: TextPartFields, octets: Uint8Array): string {
  const decoded = decodeBody(part.encoding, octets) ?? octets;
  return decodeBytes(decoded, charsetOf(part, decoded));
}

/** What a person reads of it: without the marks of HTML. */
export function readableText(part: TextPartFields, octets: Uint8Array): string {
  const text = decodeText(part, octets);
  return part.subtype === 'html' || part.subtype === 'xhtml' ? htmlToText(text) : text;
}

/** RFC 2046 §4.1.2: us-ascii where nothing is said. What then is none is looked at: old mailers left the charset out. */
function charsetOf(part: TextPartFields, octets: Uint8Array): string {
  const named = (parameterOf(part.parameters, 'charset') ?? '').trim().toLowerCase();
  if (named !== '' && named !== 'us-ascii' && named !== 'ascii') return named;
  // RFC 1468: two-octet letters begin with ESC $, and all is 7 bit.
  return view(octets).includes('\x1b$') ? 'iso-2022-jp' : unknownCharset;
}

/** A name that no charset has: read as UTF-8 where that fits, else as windows-1252. */
const unknownCharset = 'unknown-8bit';
