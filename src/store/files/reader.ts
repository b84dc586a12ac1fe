/** One blob on its way out of its file. */
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import type { BlobRef, Call } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import { Opener, refuseLate, SEALED_PIECE_BYTES, sealedSize } from '../sealed/index.ts';
import { isAbsent, onDisk } from './disk.ts';

/** The content of the file at `path`; faults `body.missing`, `body.damaged`, and `call.late` between pieces. */
export async function* readBlob(
  path: string,
  blobKey: Uint8Array,
  ref: BlobRef,
  call: Call,
): AsyncGenerator<Uint8Array> {
  const file = await openToRead(path);
  try {
    const opener = new Opener(blobKey, ref);
    const sealed = Buffer.allocUnsafe(SEALED_PIECE_BYTES);
    for (let left = await sizeOf(file, ref); left > 0; ) {
      refuseLate(call);
      const length = Math.min(left, SEALED_PIECE_BYTES);
      left -= length;
      const content = opener.open(await fill(file, sealed.subarray(0, length)), left === 0);
      if (content.length > 0) yield content;
    }
    opener.end();
  } finally {
    await file.close();
  }
}

async function openToRead(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (isAbsent(error)) throw new Fault('body.missing', undefined, error);
    throw new Fault('store.unavailable', (error as NodeJS.ErrnoException).code, error);
  }
}

async function sizeOf(file: FileHandle, ref: BlobRef): Promise<number> {
  const { size } = await onDisk(() => file.stat());
  if (size !== sealedSize(ref.size)) throw new Fault('body.damaged', 'Its length differs.');
  return size;
}

// Fills the buffer, which a single read need not do.
async function fill(file: FileHandle, buffer: Buffer): Promise<Buffer> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await onDisk(() => file.read(buffer, filled, buffer.length - filled, null));
    if (bytesRead === 0) throw new Fault('body.damaged', 'It ends too early.');
    filled += bytesRead;
  }
  return buffer;
}
