/** ZIP files, and the documents that are ZIP files inside. */
import { officeKind, readOffice } from '../documents/office.ts';
import { lockedInside, lookInside } from '../inside.ts';
import type { Reading } from '../readers.ts';
import { readSevenZip } from './seven-zip.ts';
import { unpackEntry } from './zip-entry.ts';
import { listZip, type ZipEntry } from './zip-list.ts';

export async function readZip(reading: Reading): Promise<void> {
  const { dig, draft, piece } = reading;
  const { entries, isCut } = listZip(piece.octets, dig.limits.partsMax);
  if (isCut) dig.cannot(draft.path, 'too-many', `an archive of more than ${dig.limits.partsMax} files`);
  const files = entries.filter(({ name, packed }) => !name.endsWith('/') || packed.length > 0);
  if (files.length === 0 && piece.octets.length > endRecordBytes)
    dig.cannot(draft.path, 'damaged', 'no file was found in it');
  const kind = officeKind(files);
  if (kind !== null) return readOffice(reading, kind, files);
  const others = new Set<string>();
  for (const file of files) {
    if (dig.over) return;
    if (!(await readFile(reading, file))) others.add(file.name);
  }
  // Packed by bzip2, LZMA and their like, which 7-Zip opens.
  if (others.size > 0) await readSevenZip(reading, others);
  if (files.length > 0 && files.every(({ encrypted }) => encrypted)) draft.encrypted = true;
}

/** Whether a file of another kind ends as an archive does: programs that open ZIP files open it, whatever stands before. */
export function endsAsZip(octets: Buffer): boolean {
  return octets.subarray(Math.max(octets.length - 66_000, 0)).includes('PK\x05\x06', 0, 'latin1');
}

/** An archive of nothing is but its end record. */
const endRecordBytes = 22;

/** False where the file is packed in a way that we don't know. */
async function readFile(reading: Reading, file: ZipEntry): Promise<boolean> {
  if (file.encrypted) {
    lockedInside(reading, file, file.packed.length);
    return true;
  }
  const unpacked = await unpackEntry(reading.dig, file);
  if (unpacked !== null) await lookInside(reading, file, unpacked);
  return unpacked !== null;
}
