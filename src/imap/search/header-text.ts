/** Text in header fields as people see it (RFC 9051 §6.4.4, HEADER): encoded words read, case and compatibility forms made alike. */
import { decodeWords, headerValues, readHeaders } from '#/codec/mime/index.ts';

/** The form in which texts are compared (RFC 9051 §6.4.4: without case). */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** Whether a field of this name (lower case) holds the text, which is folded; an empty one asks whether there is such a field. */
export function headerHolds(head: Uint8Array, name: string, folded: string): boolean {
  const values = headerValues(readHeaders([head]), name);
  return folded === '' ? values.length > 0 : values.some((value) => fold(decodeWords(value)).includes(folded));
}
