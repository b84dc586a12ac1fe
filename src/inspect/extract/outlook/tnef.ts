/** `winmail.dat` (MS-OXTNEF): what Outlook wraps a mail in for those that it takes for its like. A row of attributes, each with its length. */
import { lookInside } from '../inside.ts';
import type { Reading } from '../readers.ts';
import { readText } from '../text/read-text.ts';
import { attachmentNames, mimeTypeOf, type Property, propertyId, propertyType, takeProperties } from './properties.ts';

const attribute = {
  subject: 0x18004,
  body: 0x2800c,
  attachmentBegins: 0x69002,
  attachmentTitle: 0x18010,
  attachmentData: 0x6800f,
  attachmentProperties: 0x69005,
  properties: 0x69003,
} as const;

interface Attachment {
  title: string;
  data: Buffer | null;
  properties: readonly Property[];
}

export async function readTnef(reading: Reading): Promise<void> {
  const { dig, draft, piece } = reading;
  const attachments: Attachment[] = [];
  let at = 6;
  while (at + 9 <= piece.octets.length) {
    const kind = piece.octets.readUInt32LE(at + 1);
    const end = at + 9 + piece.octets.readUInt32LE(at + 5);
    const data = piece.octets.subarray(at + 9, end);
    await takeAttribute(reading, attachments, kind, data);
    if (end > piece.octets.length) dig.cannot(draft.path, 'damaged', 'it ends in the middle of an attribute');
    // Two octets of a sum stand behind.
    at = end + 2;
  }
  for (const attachment of attachments) {
    if (dig.over) return;
    await lookAtAttachment(reading, attachment);
  }
}

async function takeAttribute(reading: Reading, attachments: Attachment[], kind: number, data: Buffer): Promise<void> {
  const { dig, draft } = reading;
  const last = attachments.at(-1);
  if (kind === attribute.subject || kind === attribute.body) dig.addText(draft, `${readText(data, null)}\n`);
  else if (kind === attribute.properties) await takeProperties(reading, readProperties(data));
  else if (kind === attribute.attachmentBegins && attachments.length < dig.limits.partsMax) {
    attachments.push({ title: '', data: null, properties: [] });
  } else if (last === undefined) return;
  else if (kind === attribute.attachmentTitle) last.title = readText(data, null);
  else if (kind === attribute.attachmentData) last.data = data;
  else if (kind === attribute.attachmentProperties) last.properties = readProperties(data);
}

async function lookAtAttachment(reading: Reading, { title, data, properties }: Attachment): Promise<void> {
  const [name = title || 'attachment', ...others] = attachmentNames(properties);
  const file = { name, otherName: others[0] ?? title, declaredType: mimeTypeOf(properties) };
  const object = properties.find((property) => property.id === propertyId.data);
  // An object begins with 16 octets that say of what kind it is; a mail in a mail is a TNEF again.
  const inner = object?.type === propertyType.object ? object.octets.subarray(16) : object?.octets;
  if (data !== null && data.length > 0) await lookInside(reading, file, { octets: data, fault: null });
  if (inner !== undefined && inner.length > 0) await lookInside(reading, file, { octets: inner, fault: null });
}

const fixedBytes: Readonly<Record<number, number>> = {
  2: 4,
  3: 4,
  4: 4,
  5: 8,
  6: 8,
  7: 8,
  10: 4,
  11: 4,
  20: 8,
  64: 8,
  72: 16,
};
const MANY = 0x1000;
/** Values of one list; what comes behind can't be read without the ones before. */
const valuesMax = 10_000;

/** MAPI properties as TNEF writes them (MS-OXTNEF §2.1.3.2): everything on places of four octets. */
export function readProperties(data: Buffer): Property[] {
  const properties: Property[] = [];
  const count = data.length >= 4 ? Math.min(data.readUInt32LE(0), valuesMax) : 0;
  let at = 4;
  for (let index = 0; index < count && at + 4 <= data.length; index++) {
    const kind = data.readUInt16LE(at) & ~MANY;
    const hasMany = (data.readUInt16LE(at) & MANY) !== 0;
    const tag = data.readUInt16LE(at + 2);
    at = tag >= 0x8000 ? behindName(data, at + 4) : at + 4;
    const fixed = fixedBytes[kind];
    const isCounted = hasMany || fixed === undefined;
    if (isCounted && at + 4 > data.length) break;
    const values = isCounted ? Math.min(data.readUInt32LE(at), valuesMax) : 1;
    if (isCounted) at += 4;
    for (let value = 0; value < values && at <= data.length; value++) {
      const bytes = fixed ?? (at + 4 <= data.length ? data.readUInt32LE(at) : 0);
      const from = fixed === undefined ? at + 4 : at;
      if (fixed === undefined) properties.push({ id: tag, type: kind, octets: data.subarray(from, from + bytes) });
      at = from + Math.ceil(bytes / 4) * 4;
    }
  }
  return properties;
}

/** Named properties have a GUID and a number or a name in front. */
function behindName(data: Buffer, at: number): number {
  if (at + 24 > data.length) return data.length;
  const isNumber = data.readUInt32LE(at + 16) === 0;
  return isNumber ? at + 24 : at + 24 + Math.ceil(data.readUInt32LE(at + 20) / 4) * 4;
}
