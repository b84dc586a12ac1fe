import type { Dig } from '../dig.ts';
import { type Unpacked, unpack } from './inflate.ts';
import type { ZipEntry } from './zip-list.ts';

/** PKWARE's numbers of methods. */
const STORED = 0;
const DEFLATE = 8;
const ZSTD = 93;

/** The octets of an entry; null where it is packed in a way that we don't know. */
export async function unpackEntry(dig: Dig, { method, packed }: ZipEntry): Promise<Unpacked | null> {
  if (method === STORED) return stored(dig, packed);
  if (method === DEFLATE) return await unpack(dig, packed, 'deflate');
  return method === ZSTD ? await unpack(dig, packed, 'zstd') : null;
}

/** It costs nothing to unpack, but what is in it is looked at like all else; and entries may share their octets. */
function stored(dig: Dig, packed: Buffer): Unpacked {
  const octets = packed.subarray(0, dig.bytesFor(packed.length));
  dig.unpacked(octets.length);
  return { octets, fault: octets.length < packed.length ? 'too-large' : null };
}
