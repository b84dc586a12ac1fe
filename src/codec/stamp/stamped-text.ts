/**
 * What of a mail a loop stamp is bound to: the fields that name it, and the first letters and figures of its text. Clouds write a mail anew on its
 * way (other boundaries, other transfer encodings and charsets, lines folded elsewhere, fields added and put in order), so a hash of its octets, or
 * of the octets of its body, would never be found again. A cloud that changes the text itself loses the stamp, and the mail is one like any other.
 */
import { createHash } from 'node:crypto';
import { decodeText, headerValue, htmlToText, type Part, readHeaders, readStructure } from '#/codec/mime/index.ts';

/** Octets of a mail that are looked at, from its first one. */
export const stampedBytesMax = 262_144;
/** Octets of the first text that are decoded, as they came: enough for the letters, in every transfer encoding. */
const TEXT_BYTES_MAX = 16_384;
/** Letters and figures that count: who changes the mail behind them has not written another one. */
const LETTERS_MAX = 256;

/** The same for a mail and for what a cloud makes of it; null where the mail has no Message-ID, by which alone a mail can be known again. */
export function stampedText(head: Buffer): string | null {
  const source = head.subarray(0, stampedBytesMax);
  const section = readHeaders([source]);
  const messageId = headerValue(section, 'message-id');
  if (messageId === null || messageId === '') return null;
  const letters = lettersOf(source).slice(0, LETTERS_MAX);
  return `${messageId}\n${createHash('sha256').update(letters.join(''), 'utf8').digest('base64url')}`;
}

function lettersOf(source: Buffer): string[] {
  const part = firstText(readStructure(source).root);
  if (part === null) return [];
  const octets = source.subarray(part.body, Math.min(part.end, part.body + TEXT_BYTES_MAX));
  const text = decodeText(part, octets);
  const readable = part.subtype === 'plain' ? text : htmlToText(text);
  return readable.normalize('NFKC').match(/[\p{L}\p{N}]/gu) ?? [];
}

/** Depth first: what a person sees first. Messages inside are others' mail. */
function firstText(part: Part): Part | null {
  if (part.type === 'text' && part.disposition?.kind !== 'attachment') return part;
  for (const child of part.parts) {
    const found = firstText(child);
    if (found !== null) return found;
  }
  return null;
}
