/** Some fields of a header section, as they came (RFC 9051 §6.4.5.1: HEADER.FIELDS, HEADER.FIELDS.NOT). */
import { walkFields } from './head.ts';
import { type HeaderField, LF, view } from './headers.ts';

const CRLF: Buffer = Buffer.from('\r\n');

/** The fields of these names (any case), or with `not` all others; folding and line ends as they are, then the empty line. */
export function pickFields(head: Uint8Array, names: readonly string[], not: boolean): Uint8Array {
  const source = view(head);
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const picked: Uint8Array[] = [];
  let fieldsEnd = 0;
  const body = walkFields(
    source,
    0,
    () => false,
    (field: HeaderField) => {
      fieldsEnd = field.to;
      if (wanted.has(field.name) !== not) picked.push(source.subarray(field.from, field.to));
    },
  );
  // A message that ends within a field has no line end there.
  if (fieldsEnd > 0 && source[fieldsEnd - 1] !== LF && picked.length > 0) picked.push(CRLF);
  const emptyLine = source.subarray(fieldsEnd, body);
  picked.push(emptyLine.length > 0 && fieldsEnd > 0 ? emptyLine : CRLF);
  return Buffer.concat(picked);
}
