/** Mails that Outlook saved as files (MS-OXMSG): a compound file with a stream for each property, a storage for each recipient and attachment. */
import type { Cfb } from '../documents/cfb.ts';
import { lookInside } from '../inside.ts';
import type { Reading } from '../readers.ts';
import { attachmentNames, mimeTypeOf, type Property, propertyId, propertyType, takeProperties } from './properties.ts';

const MARK = '__properties_version1.0';
const stream = /^__substg1\.0_([0-9a-f]{4})([0-9a-f]{4})$/i;

export function isOutlookMail(cfb: Cfb): boolean {
  return cfb.read(MARK) !== null;
}

/** The mail below a storage; `under` is empty for that of the file itself, or ends with a slash. */
export async function readOutlookMail(reading: Reading, cfb: Cfb, under = '', levels = 0): Promise<void> {
  const { dig, draft, piece } = reading;
  if (piece.depth + levels > dig.limits.depthMax) {
    return dig.cannot(draft.path, 'too-deep', `mails in mails, more than ${dig.limits.depthMax} deep`);
  }
  await takeProperties(reading, propertiesOf(cfb, under));
  for (const storage of storagesOf(cfb, under)) {
    await dig.turn();
    if (dig.over) return;
    const name = storage.slice(under.length).toLowerCase();
    if (name.startsWith('__recip')) await takeProperties(reading, propertiesOf(cfb, `${storage}/`));
    else if (name.startsWith('__attach')) await readAttachment(reading, cfb, `${storage}/`, levels);
  }
}

async function readAttachment(reading: Reading, cfb: Cfb, under: string, levels: number): Promise<void> {
  const properties = propertiesOf(cfb, under);
  const [name = 'attachment', otherName = null] = attachmentNames(properties);
  const data = properties.find((property) => property.id === propertyId.data && property.type === propertyType.binary);
  if (data !== undefined) {
    await lookInside(
      reading,
      { name, otherName, declaredType: mimeTypeOf(properties) },
      { octets: data.octets, fault: null },
    );
  }
  const inner = `${under}__substg1.0_3701000D/`;
  if (!storagesOf(cfb, under).some((storage) => `${storage}/`.toLowerCase() === inner.toLowerCase())) return;
  // A mail as an attachment, or an object whose streams are those of its program.
  if (cfb.read(`${inner}${MARK}`) !== null) return readOutlookMail(reading, cfb, inner, levels + 1);
  for (const { path, isStorage } of cfb.entries) {
    if (isStorage || !path.toLowerCase().startsWith(inner.toLowerCase())) continue;
    const octets = cfb.read(path);
    if (octets !== null)
      await lookInside(reading, { name: `${name}/${path.slice(inner.length)}` }, { octets, fault: null });
  }
}

function propertiesOf(cfb: Cfb, under: string): Property[] {
  return cfb.entriesIn(under).flatMap(({ path, isStorage }) => {
    if (isStorage) return [];
    const [, tag, kind] = stream.exec(path.slice(under.length)) ?? [];
    if (tag === undefined || kind === undefined) return [];
    const octets = cfb.read(path);
    return octets === null ? [] : [{ id: Number.parseInt(tag, 16), type: Number.parseInt(kind, 16), octets }];
  });
}

function storagesOf(cfb: Cfb, under: string): string[] {
  return cfb.entriesIn(under).flatMap(({ path, isStorage }) => (isStorage ? [path] : []));
}
