/** Unpacks with bounds: what came before a bound or a fault is kept, and the rest is told as missing. */
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import type { Dig } from '../dig.ts';

export type PackedAs = 'deflate' | 'gzip' | 'zlib' | 'zstd' | 'brotli';

export interface Unpacked {
  readonly octets: Buffer;
  /** Null where all of it is there. */
  readonly fault: 'too-large' | 'damaged' | 'too-slow' | null;
}

/** Small ones are unpacked at once, which costs less than a stream does; more than this waits for a thread. */
const smallBytes = 4096;
const smallMax = 262_144;
const chunkSize = 262_144;

export async function unpack(dig: Dig, packed: Buffer, as: PackedAs): Promise<Unpacked> {
  const bytesMax = dig.bytesFor(packed.length);
  const unpacked =
    (packed.length <= smallBytes ? atOnce(packed, as, bytesMax) : null) ?? (await inPieces(dig, packed, as, bytesMax));
  dig.unpacked(unpacked.octets.length);
  return unpacked;
}

function atOnce(packed: Buffer, as: PackedAs, bytesMax: number): Unpacked | null {
  if (bytesMax <= 0) return null;
  try {
    const options = { maxOutputLength: Math.min(smallMax, bytesMax) };
    const octets =
      as === 'deflate' ? zlib.inflateRawSync(packed, options) : as === 'gzip' ? zlib.gunzipSync(packed, options) : null;
    return octets === null ? null : { octets, fault: null };
  } catch {
    return null;
  }
}

async function inPieces(dig: Dig, packed: Buffer, as: PackedAs, bytesMax: number): Promise<Unpacked> {
  const stream = openUnpacker(as);
  const pieces: Buffer[] = [];
  let bytes = 0;
  let fault: Unpacked['fault'] = null;
  stream.on('error', () => {});
  stream.end(packed);
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      const room = bytesMax - bytes;
      pieces.push(piece.subarray(0, room));
      bytes += Math.min(piece.length, room);
      if (piece.length > room) fault = 'too-large';
      else if (dig.over) fault = 'too-slow';
      if (fault !== null) break;
      dig.call.signal?.throwIfAborted();
    }
  } catch {
    dig.call.signal?.throwIfAborted();
    fault = 'damaged';
  } finally {
    stream.destroy();
  }
  return { octets: Buffer.concat(pieces), fault };
}

function openUnpacker(as: PackedAs): Transform {
  switch (as) {
    case 'deflate':
      return zlib.createInflateRaw({ chunkSize });
    case 'gzip':
      return zlib.createGunzip({ chunkSize });
    case 'zlib':
      return zlib.createInflate({ chunkSize });
    case 'brotli':
      return zlib.createBrotliDecompress({ chunkSize });
    case 'zstd':
      return zlib.createZstdDecompress({ chunkSize });
  }
}
