/** Fields of a header section as they are signed (RFC 6376 §3.4.1, §3.4.2, §5.4.2). Text is octets, one a character. */
import type { HeaderField, HeaderSection } from '#/codec/mime/index.ts';
import type { Canonicalization } from './body.ts';

/** The canonical form of a field, with its line end. */
export function canonicalField(section: HeaderSection, field: HeaderField, form: Canonicalization): string {
  const raw = section.source.toString('latin1', field.from, field.to);
  return form === 'simple' ? withLineEnd(raw) : relaxedField(raw);
}

/** The relaxed form of a field given as text. */
export function relaxedField(raw: string): string {
  const colon = raw.indexOf(':');
  const name = raw.slice(0, colon).trimEnd().toLowerCase();
  return `${name}:${relaxedValue(raw.slice(colon + 1))}\r\n`;
}

/**
 * The canonical forms of the fields that `names` (lower case) choose, from the last to the first of each name; a name beyond what is
 * there stands for nothing, and forbids that one is added.
 */
export function chosenFields(section: HeaderSection, names: readonly string[], form: Canonicalization): string {
  const byName = Map.groupBy(section.fields, ({ name }) => name);
  const taken = new Map<string, number>();
  let text = '';
  for (const name of names) {
    const nth = (taken.get(name) ?? 0) + 1;
    taken.set(name, nth);
    const field = byName.get(name)?.at(-nth);
    if (field !== undefined) text += canonicalField(section, field, form);
  }
  return text;
}

/** A signature field with nothing in its `b=` (RFC 6376 §3.5), as it goes into its own hash: canonical, without its line end. */
export function withoutSignature(raw: string, form: Canonicalization): string {
  const colon = raw.indexOf(':') + 1;
  const emptied = raw.slice(0, colon) + raw.slice(colon).replace(B_TAG, '$1');
  return (form === 'simple' ? withLineEnd(emptied) : relaxedField(emptied)).slice(0, -2);
}

/** The tag alone: `bh=` has another name. */
const B_TAG = /((?:^|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*/;

/** RFC 6376 §3.4.2: unfolded, runs of white space one space, none at the ends. */
function relaxedValue(value: string): string {
  const text = value.replace(/\r?\n/g, '').replace(/[ \t]+/g, ' ');
  return text.slice(text.startsWith(' ') ? 1 : 0, text.endsWith(' ') ? -1 : undefined);
}

/** The last field of a message that is all header may have none. */
function withLineEnd(raw: string): string {
  return raw.endsWith('\r\n') ? raw : `${raw.replace(/\n$/, '')}\r\n`;
}
