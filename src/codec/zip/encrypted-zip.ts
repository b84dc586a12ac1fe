/**
 * A ZIP whose files are all under one password: for each a header, what is encrypted of it, and a line of the directory at the end (the ZIP
 * specification, 4.3). Names stand in it readable, as the form has it.
 */
import { ADDED_BYTES, encrypted } from './encrypted.ts';

export interface ZipEntry {
  /** Without a path, unlike all others. */
  readonly name: string;
  /** Octets of the file itself. */
  readonly bytes: number;
  /** As it is kept: compressed (RFC 1951), or as it is. */
  readonly content: Buffer;
  readonly isCompressed: boolean;
  /** `SALT_BYTES`; of two entries with other contents never the same under one password. */
  readonly salt: Buffer;
}

const LOCAL = 0x04034b50;
const DIRECTORY = 0x02014b50;
const END = 0x06054b50;
/** 5.1: AES. */
const VERSION = 51;
/** Bit 0: encrypted. Bit 11: the name is UTF-8. */
const FLAGS = 0x0801;
const AES_METHOD = 99;
const DEFLATE = 8;
const SHARED_BYTES = 26;
const LOCAL_BYTES = 4 + SHARED_BYTES;
const DIRECTORY_BYTES = 46;
const END_BYTES = 22;

/**
 * The octets, piece by piece; the same for the same entries. `at`, wall-clock ms, is what all files say of their age. Sizes and counts are those
 * that a ZIP without its 64-bit form has room for.
 */
export function* encryptedZip(entries: readonly ZipEntry[], password: string, at: number): Generator<Buffer> {
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const extra = extraOf(entry);
    const shared = sharedFields(entry, { nameBytes: name.length, extraBytes: extra.length, at });
    directory.push(directoryHeader(shared, offset), name, extra);
    yield Buffer.concat([localHeader(shared), name, extra]);
    yield* encrypted(entry.content, password, entry.salt);
    offset += LOCAL_BYTES + name.length + extra.length + entry.content.length + ADDED_BYTES;
  }
  const lines = Buffer.concat(directory);
  yield lines;
  yield endOf(entries.length, lines.length, offset);
}

/** What a file's header and its line in the directory have in common. */
function sharedFields(
  { bytes, content }: ZipEntry,
  { nameBytes, extraBytes, at }: { readonly nameBytes: number; readonly extraBytes: number; readonly at: number },
): Buffer {
  const fields = Buffer.alloc(SHARED_BYTES);
  const { time, date } = dosTimeOf(at);
  fields.writeUInt16LE(VERSION, 0);
  fields.writeUInt16LE(FLAGS, 2);
  fields.writeUInt16LE(AES_METHOD, 4);
  fields.writeUInt16LE(time, 6);
  fields.writeUInt16LE(date, 8);
  // AE-2 keeps no check sum of the plain octets, which would tell of them; its MAC stands in for it.
  fields.writeUInt32LE(0, 10);
  fields.writeUInt32LE(content.length + ADDED_BYTES, 14);
  fields.writeUInt32LE(bytes, 18);
  fields.writeUInt16LE(nameBytes, 22);
  fields.writeUInt16LE(extraBytes, 24);
  return fields;
}

/** That it is AES: version 2 of it, the vendor, 256 bits, and how it is compressed. */
function extraOf({ isCompressed }: ZipEntry): Buffer {
  const extra = Buffer.alloc(11);
  extra.writeUInt16LE(0x9901, 0);
  extra.writeUInt16LE(7, 2);
  extra.writeUInt16LE(2, 4);
  extra.write('AE', 6, 'latin1');
  extra.writeUInt8(3, 8);
  extra.writeUInt16LE(isCompressed ? DEFLATE : 0, 9);
  return extra;
}

function localHeader(shared: Buffer): Buffer {
  const header = Buffer.alloc(LOCAL_BYTES);
  header.writeUInt32LE(LOCAL, 0);
  shared.copy(header, 4);
  return header;
}

function directoryHeader(shared: Buffer, offset: number): Buffer {
  const header = Buffer.alloc(DIRECTORY_BYTES);
  header.writeUInt32LE(DIRECTORY, 0);
  header.writeUInt16LE(VERSION, 4);
  shared.copy(header, 6);
  header.writeUInt32LE(offset, 42);
  return header;
}

function endOf(count: number, bytes: number, offset: number): Buffer {
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(bytes, 12);
  end.writeUInt32LE(offset, 16);
  return end;
}

/** Two seconds are the least that it knows, 1980 its first year; it has no zone, and gets UTC. */
function dosTimeOf(at: number): { readonly time: number; readonly date: number } {
  const when = new Date(at);
  const year = Math.min(Math.max(when.getUTCFullYear() - 1980, 0), 127);
  return {
    time: (when.getUTCHours() << 11) | (when.getUTCMinutes() << 5) | (when.getUTCSeconds() >> 1),
    date: (year << 9) | ((when.getUTCMonth() + 1) << 5) | when.getUTCDate(),
  };
}
