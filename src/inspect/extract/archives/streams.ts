/** Files that are packed as one: gzip, zstd; and TAR (POSIX pax), which packs nothing. */
import { lookInside } from '../inside.ts';
import type { Reading } from '../readers.ts';
import { readText } from '../text/read-text.ts';
import { type PackedAs, unpack } from './inflate.ts';

export async function readPacked(reading: Reading, as: PackedAs): Promise<void> {
  const { dig, draft, piece } = reading;
  const name =
    (as === 'gzip' ? gzipName(piece.octets) : null) ?? (draft.name ?? 'file').replace(/\.(?:gz|tgz|zst|z)$/i, '');
  await lookInside(reading, { name: name || 'file' }, await unpack(dig, piece.octets, as));
}

/** The name that a gzip file gives its content (RFC 1952 §2.3). */
function gzipName(octets: Buffer): string | null {
  const flags = octets[3] ?? 0;
  if ((flags & 8) === 0) return null;
  const from = (flags & 4) === 0 || octets.length < 12 ? 10 : 12 + octets.readUInt16LE(10);
  const end = octets.indexOf(0, from);
  return end <= from ? null : readText(octets.subarray(from, Math.min(end, from + 1000)), null);
}

const blockBytes = 512;

export async function readTar(reading: Reading): Promise<void> {
  const { dig, draft, piece } = reading;
  let longName: string | null = null;
  let files = 0;
  for (let at = 0; at + blockBytes <= piece.octets.length && !dig.over; ) {
    const head = piece.octets.subarray(at, at + blockBytes);
    if (head[0] === 0) {
      at += blockBytes;
      continue;
    }
    const size = tarNumber(head.subarray(124, 136));
    const data = piece.octets.subarray(at + blockBytes, at + blockBytes + size);
    const kind = String.fromCharCode(head[156] ?? 0);
    at += blockBytes + Math.ceil(size / blockBytes) * blockBytes;
    if (kind === 'L') longName = cString(data);
    else if (kind === 'x') longName = paxPath(data) ?? longName;
    else if (kind !== 'g' && kind !== '5') {
      files += 1;
      if (files > dig.limits.partsMax)
        return dig.cannot(draft.path, 'too-many', `an archive of more than ${dig.limits.partsMax} files`);
      const isCut = data.length < size;
      await lookInside(reading, { name: longName ?? tarName(head) }, { octets: data, fault: isCut ? 'damaged' : null });
      longName = null;
    }
  }
}

/** Octal, or for large ones the octets of a number behind a mark. */
function tarNumber(field: Buffer): number {
  if (((field[0] ?? 0) & 0x80) !== 0) return field.readUIntBE(field.length - 6, 6);
  return Number.parseInt(field.toString('latin1').replace(/[^0-7]/g, ''), 8) || 0;
}

function tarName(head: Buffer): string {
  const prefix = head.toString('latin1', 257, 262) === 'ustar' ? cString(head.subarray(345, 500)) : '';
  const name = cString(head.subarray(0, 100));
  return prefix === '' ? name : `${prefix}/${name}`;
}

function cString(field: Buffer): string {
  const end = field.indexOf(0);
  return readText(field.subarray(0, end < 0 ? field.length : end), null);
}

/** `length path=name` (POSIX.1-2001). */
function paxPath(data: Buffer): string | null {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(data.toString('utf8', 0, 10_000))?.[1] ?? null;
}
