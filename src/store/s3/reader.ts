/** One blob on its way out of the bucket, window by window: what is slow is the peer that takes it, and no connection waits for that. */
import type { BlobRef, Call } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import { Opener, refuseLate, SEALED_PIECE_BYTES, sealedSize } from '../sealed/index.ts';
import type { Bucket } from './bucket.ts';

/** The content of an object; faults `body.missing`, `body.damaged`, `store.unavailable`, and `call.late` between pieces. */
export async function* readObject(
  bucket: Bucket,
  name: string,
  blobKey: Uint8Array,
  ref: BlobRef,
  windowBytes: number,
  call: Call,
): AsyncGenerator<Uint8Array> {
  const opener = new Opener(blobKey, ref);
  const total = sealedSize(ref.size);
  const windowLength = Math.max(1, Math.floor(windowBytes / SEALED_PIECE_BYTES)) * SEALED_PIECE_BYTES;
  for (let from = 0; from < total; from += windowLength) {
    const to = Math.min(from + windowLength, total);
    const sealed = await windowOf(bucket, name, { from, to, total }, call);
    for (let at = 0; at < sealed.length; at += SEALED_PIECE_BYTES) {
      refuseLate(call);
      const content = opener.open(
        sealed.subarray(at, at + SEALED_PIECE_BYTES),
        from + at + SEALED_PIECE_BYTES >= total,
      );
      if (content.length > 0) yield content;
    }
  }
  opener.end();
}

async function windowOf(
  bucket: Bucket,
  name: string,
  { from, to, total }: { readonly from: number; readonly to: number; readonly total: number },
  call: Call,
): Promise<Buffer> {
  const found = await bucket.get(name, from, to - 1, call);
  if (found === null) throw new Fault('body.missing');
  if (found.total !== total || found.bytes.length !== to - from) throw new Fault('body.damaged', 'Its length differs.');
  return found.bytes;
}
