/** What Outlook's properties of a mail say (MS-OXPROPS), whether they come in a `.msg` file or in a `winmail.dat`. */
import { readRtf } from '../documents/rtf.ts';
import { lookInside } from '../inside.ts';
import type { Reading } from '../readers.ts';
import { readText } from '../text/read-text.ts';
import { inflateRtf } from './compressed-rtf.ts';

export interface Property {
  readonly id: number;
  readonly type: number;
  readonly octets: Buffer;
}

export const propertyType = { narrow: 0x1e, wide: 0x1f, binary: 0x102, object: 0x0d } as const;
export const propertyId = {
  rtf: 0x1009,
  html: 0x1013,
  body: 0x1000,
  messageClass: 0x1a,
  data: 0x3701,
  fileName: 0x3704,
  longFileName: 0x3707,
  mimeType: 0x370e,
  displayName: 0x3001,
} as const;

/** The text of a property; null where it is of no such kind. */
export function propertyText(property: Property): string | null {
  if (property.type === propertyType.wide) return readText(property.octets, 'utf-16le').replace(/\n+$/, '');
  return property.type === propertyType.narrow ? readText(property.octets, null) : null;
}

/** Puts all words of a mail's properties into the text of its part: subject, people, body in whatever form. */
export async function takeProperties(reading: Reading, properties: readonly Property[]): Promise<void> {
  const { dig, draft } = reading;
  for (const property of properties) {
    const text = propertyText(property);
    if (text !== null && text !== '') dig.addText(draft, `${text}\n`);
    if (property.id === propertyId.html && property.octets.length > 0) await page(reading, property);
    if (property.id === propertyId.rtf) await rich(reading, property.octets);
    if (text !== null && property.id === propertyId.messageClass && /smime(?!\.multipartsigned)/i.test(text)) {
      dig.locked(draft, 'a mail that may be encrypted (S/MIME)');
    }
  }
}

async function page(reading: Reading, { octets, type: kind }: Property): Promise<void> {
  const html = kind === propertyType.wide ? Buffer.from(readText(octets, 'utf-16le')) : octets;
  await lookInside(reading, { name: 'body.html', declaredType: 'text/html' }, { octets: html, fault: null });
}

async function rich({ dig, draft }: Reading, octets: Buffer): Promise<void> {
  const rtf = inflateRtf(octets);
  if (rtf === null) return;
  const { shown, hidden } = await readRtf(dig, rtf);
  dig.addText(draft, `${shown}\n\n${hidden}\n`);
}

/** Names that an attachment asks for, the long one first. */
export function attachmentNames(properties: readonly Property[]): string[] {
  return [propertyId.longFileName, propertyId.fileName, propertyId.displayName].flatMap((wanted) => {
    const found = properties.find((property) => property.id === wanted);
    const text = found === undefined ? null : propertyText(found);
    return text === null || text === '' ? [] : [text];
  });
}

export function mimeTypeOf(properties: readonly Property[]): string {
  const found = properties.find((property) => property.id === propertyId.mimeType);
  return (found === undefined ? null : propertyText(found))?.toLowerCase() ?? '';
}
