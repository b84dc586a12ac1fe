/**
 * Documents that are ZIP files: OOXML (ECMA-376) and OpenDocument. Every XML part in them is read, not only the main text: headers, comments,
 * footnotes, hidden sheets, properties and links say things too. What else stands in the file is looked at as a file of its own.
 */

import { unpackEntry } from '../archives/zip-entry.ts';
import type { ZipEntry } from '../archives/zip-list.ts';
import { boundedText, lockedInside, lookInside, unknownInside } from '../inside.ts';
import type { Reading } from '../readers.ts';
import { trueTypeOf } from '../sniff.ts';
import { decodeXml, visible } from '../text/read-text.ts';
import { readXml } from './office-text.ts';
import { readSheet, SharedStrings } from './sheet.ts';
import { wideStrings } from './strings.ts';

export interface OfficeKind {
  readonly type: string;
  readonly family: 'ooxml' | 'odf';
}

const ooxml = 'application/vnd.openxmlformats-officedocument';
const kinds: readonly (readonly [folder: string, type: string])[] = [
  ['word/', `${ooxml}.wordprocessingml.document`],
  ['xl/', `${ooxml}.spreadsheetml.sheet`],
  ['ppt/', `${ooxml}.presentationml.presentation`],
  ['visio/', 'application/vnd.ms-visio.drawing'],
];

/** Which document the entries are; null where they are just files. */
export function officeKind(files: readonly ZipEntry[]): OfficeKind | null {
  const names = new Set(files.map(({ name }) => name.toLowerCase()));
  const mimetype = files.find(({ name, method }) => name === 'mimetype' && method === 0);
  const type = mimetype?.packed.toString('latin1', 0, 100).trim() ?? '';
  if (type.startsWith('application/vnd.oasis.opendocument')) return { type, family: 'odf' };
  if (names.has('content.xml') && names.has('meta-inf/manifest.xml')) {
    return { type: 'application/vnd.oasis.opendocument', family: 'odf' };
  }
  if (!names.has('[content_types].xml')) return null;
  const found = kinds.find(([folder]) => files.some(({ name }) => name.toLowerCase().startsWith(folder)));
  return { type: found?.[1] ?? ooxml, family: 'ooxml' };
}

/** Members whose text is words and whose marks are structure. */
const marked = /\.(?:xml|rels|vml)$/i;
/** Parts are what their first element says: programs find them by links, wherever they lie. */
const sheetRoot = /<(?:\w+:)?(?:worksheet|sst|macrosheet|dialogsheet)[\s>/]/;
const headChars = 4000;
/** Lists of values, of which each stands alone. */
const fieldParts = /(?:^|\/)(?:docProps|customXml|charts)\/|\.rels$|manifest\.xml$|meta\.xml$|\[Content_Types\]\.xml$/i;
/** Pictures and letters; one that is truly something else is looked at. */
const silent = /^(?:image|font|audio|video)\//;
/** Where OpenDocument and Excel keep code. */
const codePlaces = /(?:^|\/)(?:Basic|Scripts)\/.+\/.+|(?:^|\/)xl\/macrosheets\/|(?:^|\/)vbaProject[^/]*\.bin$/i;
const codeLists = /script-l[bc]\.xml$/i;

export async function readOffice(reading: Reading, kind: OfficeKind, files: readonly ZipEntry[]): Promise<void> {
  const { dig, draft } = reading;
  draft.trueType = kind.type;
  const shared = new SharedStrings();
  for (const file of sharedFirst(files)) {
    await dig.turn();
    if (dig.over) return;
    await readMember(reading, kind, file, shared);
  }
  dig.addText(draft, visible(shared.unused()));
  if (files.length > 0 && files.every(({ encrypted }) => encrypted)) draft.encrypted = true;
}

/** Cells name strings of a list, which may come behind them. */
function sharedFirst(files: readonly ZipEntry[]): ZipEntry[] {
  const isShared = ({ name }: ZipEntry): boolean => /sharedStrings\.xml$/i.test(name);
  return [...files.filter(isShared), ...files.filter((file) => !isShared(file))];
}

async function readMember(reading: Reading, kind: OfficeKind, file: ZipEntry, shared: SharedStrings): Promise<void> {
  const { dig, draft } = reading;
  if (codePlaces.test(file.name) && !codeLists.test(file.name)) draft.macro = true;
  if (file.encrypted) return lockedInside(reading, file, file.packed.length);
  const unpacked = await unpackEntry(dig, file);
  if (unpacked === null)
    return unknownInside(reading, file, file.packed.length, `packed by a method that is not read (${file.method})`);
  const { octets, fault } = unpacked;
  if (marked.test(file.name) && !octets.subarray(0, 4).equals(zipMark)) {
    if (fault !== null) dig.cannot(draft.path, fault, `${file.name} could not be unpacked whole`);
    return readMarked(reading, kind, file.name, boundedText(dig, draft, octets), shared);
  }
  const type = await trueTypeOf({ octets, name: file.name, declaredType: '' });
  if (type === null && /\.(?:bin|dat)$/i.test(file.name)) return readBinary(reading, file.name, octets);
  if (fault === null && (octets.length === 0 || file.name === 'mimetype' || silent.test(type ?? ''))) return;
  const inner = await lookInside(reading, file, unpacked);
  if (inner?.macro === true) draft.macro = true;
}

/** Settings of printers, and the sheets of a binary workbook: their words are there to be found, their numbers are not. */
function readBinary({ dig, draft }: Reading, name: string, octets: Buffer): void {
  dig.addText(draft, `${wideStrings(octets)}\n`);
  if (/worksheets\/[^/]*\.bin$/i.test(name)) dig.cannot(draft.path, 'unknown-format', 'numbers of a binary workbook');
}

const zipMark = Buffer.from('PK\x03\x04');

async function readMarked(
  reading: Reading,
  kind: OfficeKind,
  name: string,
  octets: Buffer,
  shared: SharedStrings,
): Promise<void> {
  const { dig, draft } = reading;
  const text = decodeXml(octets);
  if (kind.family === 'odf' && name.endsWith('manifest.xml') && text.includes('encryption-data')) {
    dig.locked(draft, 'an encrypted document');
  }
  if (sheetRoot.test(text.slice(0, headChars))) {
    await readSheet(dig, draft, text, shared);
    return dig.addText(draft, '\n');
  }
  await readXml(dig, draft, text, fieldParts.test(name) ? 'fields' : 'document');
}
