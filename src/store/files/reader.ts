/** One blob on its way out: each piece is checked before it is given out, the whole at its end. */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import type { BlobRef, Call } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import { isAbsent, onDisk } from './disk.ts';
import { openPiece, SEALED_PIECE_BYTES, sealedSize } from './seal-pieces.ts';

/** The content of the file at `path`; faults `body.missing`, `body.damaged`, and `call.late` between pieces. */
export async function* readBlob(
  path: string,
  blobKey: Uint8Array,
  ref: BlobRef,
  call: Call,
): AsyncGenerator<Uint8Array> {
  const file = await openToRead(path);
  try {
    const hash = createHash('sha256');
    const sealed = Buffer.allocUnsafe(SEALED_PIECE_BYTES);
    for (let [index, left] = [0, await sizeOf(file, ref)]; left > 0; index++) {
      if (call.signal?.aborted || performance.now() > call.deadlineAt) throw new Fault('call.late');
      const length = Math.min(left, SEALED_PIECE_BYTES);
      left -= length;
      const content = openPiece(blobKey, index, left === 0, await fill(file, sealed.subarray(0, length)));
      if (content === null) throw new Fault('body.damaged', 'A seal is broken.');
      hash.update(content);
      if (content.length > 0) yield content;
    }
    if (hash.digest('hex') !== ref.sha256) throw new Fault('body.damaged', 'Its hash differs.');
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
