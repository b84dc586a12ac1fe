/**
 * The entries of a ZIP file, by both of its lists: the directory at its end, which most programs go by, and the headers in front of each file, which
 * those go by that read from the begin or repair. An entry that only one of them has is an entry. Octets in front of it, several directories,
 * sizes and places that lie: what can be found is listed, and never a place outside of the file.
 */
import { readText } from '../text/read-text.ts';

export interface ZipEntry {
  readonly name: string;
  /** Where the other list calls it otherwise. */
  readonly otherName: string | null;
  readonly method: number;
  readonly encrypted: boolean;
  readonly packed: Buffer;
}

export interface ZipList {
  readonly entries: readonly ZipEntry[];
  /** There are more than were asked for. */
  readonly isCut: boolean;
}

const END = 'PK\x05\x06';
const DIRECTORY = 0x02014b50;
const LOCAL = 0x04034b50;
/** Longest comment behind the end record. */
const commentMax = 65_535;
const FLAG_ENCRYPTED = 0x2041;
const FLAG_SIZE_BEHIND = 0x8;
const FLAG_UTF8 = 0x800;
const METHOD_AES = 99;
/** Of a name that is read. Headers may overlap, so that thousands have the same long one. */
const nameBytesMax = 2048;

interface Record {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly packedBytes: number;
  readonly headerAt: number;
}

export function listZip(octets: Buffer, entriesMax: number): ZipList {
  const listed = readDirectory(octets, entriesMax + 1);
  const entries: ZipEntry[] = [];
  /** Header places that are known, with the ends of their data. */
  const known = new Map<number, number>();
  for (const record of listed) {
    if (known.has(record.headerAt)) continue;
    const entry = entryOf(octets, record);
    if (entry === null) continue;
    entries.push(entry.entry);
    if (entry.other !== null) entries.push(entry.other);
    known.set(record.headerAt, entry.end);
  }
  readHeaders(octets, known, entries, entriesMax + 1);
  return { entries: entries.slice(0, entriesMax), isCut: entries.length > entriesMax };
}

/** Records of the directory that the last end record points to. */
function readDirectory(octets: Buffer, entriesMax: number): Record[] {
  let end = octets.lastIndexOf(END, octets.length, 'latin1');
  if (end < 0 || end + 22 > octets.length) end = octets.lastIndexOf(END, Math.max(octets.length - 22, 0), 'latin1');
  if (end < 0 || end < octets.length - commentMax - 22 || end + 22 > octets.length) return [];
  const size = octets.readUInt32LE(end + 12);
  const offset = octets.readUInt32LE(end + 16);
  // Octets in front of the first header move all places; the directory's own begin tells by how much.
  const before = placeBefore(octets, end, size);
  const begin = before >= 0 ? before : offset;
  const moved = before >= 0 && offset !== 0xffffffff ? before - offset : 0;
  return readRecords(octets, begin, moved, entriesMax);
}

function placeBefore(octets: Buffer, end: number, size: number): number {
  const begin = end - size;
  if (begin >= 0 && begin + 4 <= octets.length && octets.readUInt32LE(begin) === DIRECTORY) return begin;
  // ZIP64 has its own end records between.
  const locator = octets.lastIndexOf('PK\x06\x06', end, 'latin1');
  if (locator < 0 || locator + 56 > octets.length) return -1;
  const wide = locator - Number(octets.readBigUInt64LE(locator + 40));
  return wide >= 0 && wide + 4 <= octets.length && octets.readUInt32LE(wide) === DIRECTORY ? wide : -1;
}

function readRecords(octets: Buffer, begin: number, moved: number, entriesMax: number): Record[] {
  const records: Record[] = [];
  let at = begin;
  while (at >= 0 && at + 46 <= octets.length && records.length < entriesMax && octets.readUInt32LE(at) === DIRECTORY) {
    const nameBytes = octets.readUInt16LE(at + 28);
    const extraBytes = octets.readUInt16LE(at + 30);
    const flags = octets.readUInt16LE(at + 8);
    const extra = octets.subarray(at + 46 + nameBytes, at + 46 + nameBytes + extraBytes);
    const wide = wideFields(extra, [
      octets.readUInt32LE(at + 24),
      octets.readUInt32LE(at + 20),
      octets.readUInt32LE(at + 42),
    ]);
    records.push({
      name: readName(octets.subarray(at + 46, at + 46 + nameBytes), extra, flags),
      flags,
      method: octets.readUInt16LE(at + 10),
      packedBytes: wide[1] ?? 0,
      headerAt: (wide[2] ?? 0) + moved,
    });
    at += 46 + nameBytes + extraBytes + octets.readUInt16LE(at + 32);
  }
  return records;
}

/** Values of which those that are all ones stand in the ZIP64 field, in their order. */
function wideFields(extra: Buffer, values: readonly number[]): number[] {
  const field = extraField(extra, 0x0001);
  let at = 0;
  return values.map((value) => {
    if (value !== 0xffffffff || field === null || at + 8 > field.length) return value;
    at += 8;
    return Number(field.readBigUInt64LE(at - 8));
  });
}

function extraField(extra: Buffer, id: number): Buffer | null {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
  }
  return null;
}

/** UTF-8 where a flag or a field says so; else in the charset of whoever packed it, which in Japan is Shift_JIS. */
function readName(raw: Buffer, extra: Buffer, flags: number): string {
  const unicode = extraField(extra, 0x7075);
  if (unicode !== null && unicode.length > 5) return readText(unicode.subarray(5, 5 + nameBytesMax), 'utf-8');
  return readText(raw.subarray(0, nameBytesMax), (flags & FLAG_UTF8) !== 0 ? 'utf-8' : null);
}

interface FoundEntry {
  readonly entry: ZipEntry;
  /** As those see it that go by its header, where that says another method. */
  readonly other: ZipEntry | null;
  readonly end: number;
}

/** The entry of a record, by its header; null where there is none at its place. */
function entryOf(octets: Buffer, record: Record): FoundEntry | null {
  const local = readLocal(octets, record.headerAt);
  if (local === null) return null;
  const end = Math.min(local.dataAt + record.packedBytes, octets.length);
  const entry: ZipEntry = {
    name: record.name,
    otherName: local.name === record.name ? null : local.name,
    method: record.method === METHOD_AES ? local.method : record.method,
    encrypted: isEncrypted(record) || isEncrypted(local),
    packed: octets.subarray(local.dataAt, end),
  };
  // Where the two differ in length, other programs see what stands between as something of its own.
  const isSame =
    (local.flags & FLAG_SIZE_BEHIND) !== 0 ||
    local.packedBytes === record.packedBytes ||
    local.packedBytes === 0xffffffff;
  const other = local.method === entry.method || entry.encrypted ? null : { ...entry, method: local.method };
  return { entry, other, end: isSame ? end : Math.min(end, local.dataAt + local.packedBytes) };
}

interface Local extends Record {
  readonly dataAt: number;
}

function readLocal(octets: Buffer, at: number): Local | null {
  if (!(at >= 0) || at + 30 > octets.length || octets.readUInt32LE(at) !== LOCAL) return null;
  const nameBytes = octets.readUInt16LE(at + 26);
  const extraBytes = octets.readUInt16LE(at + 28);
  const dataAt = at + 30 + nameBytes + extraBytes;
  if (dataAt > octets.length) return null;
  const flags = octets.readUInt16LE(at + 6);
  const extra = octets.subarray(at + 30 + nameBytes, dataAt);
  const sizes = wideFields(extra, [octets.readUInt32LE(at + 22), octets.readUInt32LE(at + 18)]);
  return {
    name: readName(octets.subarray(at + 30, at + 30 + nameBytes), extra, flags),
    flags,
    method: octets.readUInt16LE(at + 8),
    packedBytes: sizes[1] ?? 0,
    headerAt: at,
    dataAt,
  };
}

function isEncrypted({ flags, method }: { readonly flags: number; readonly method: number }): boolean {
  return (flags & FLAG_ENCRYPTED) !== 0 || method === METHOD_AES;
}

/** Adds the files whose headers stand outside of all that is known. */
function readHeaders(octets: Buffer, known: Map<number, number>, entries: ZipEntry[], entriesMax: number): void {
  let at = 0;
  while (entries.length < entriesMax) {
    const found = octets.indexOf('PK\x03\x04', at, 'latin1');
    if (found < 0) return;
    const knownEnd = known.get(found);
    if (knownEnd !== undefined) {
      at = Math.max(knownEnd, found + 4);
      continue;
    }
    at = found + 4;
    const local = readLocal(octets, found);
    // A mark of four octets also comes up by chance, in packed data.
    if (local === null || local.name === '' || local.method > METHOD_AES) continue;
    const isBehind = (local.flags & FLAG_SIZE_BEHIND) !== 0 && local.packedBytes === 0;
    const end = isBehind ? endBehind(octets, local.dataAt) : Math.min(local.dataAt + local.packedBytes, octets.length);
    entries.push({
      name: local.name,
      otherName: null,
      method: local.method,
      encrypted: isEncrypted(local),
      packed: octets.subarray(local.dataAt, end),
    });
    at = Math.max(at, end);
  }
}

/** Data whose length stands behind it goes to the next record; what is too much is passed over when it is unpacked. */
function endBehind(octets: Buffer, from: number): number {
  for (let at = octets.indexOf('PK', from, 'latin1'); at >= 0; at = octets.indexOf('PK', at + 2, 'latin1')) {
    const mark = octets.readUInt16LE(Math.min(at + 2, octets.length - 2));
    if (mark === 0x0807 || mark === 0x0403 || mark === 0x0201 || mark === 0x0605) return at;
  }
  return Math.max(octets.length, from);
}
