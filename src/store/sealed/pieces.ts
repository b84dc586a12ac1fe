/**
 * Content sealed in pieces of 64 KiB, so that it can be written and read in a stream and no octet is given out unchecked. AES-256-GCM
 * with a key of its own for each blob: the nonce is the number of the piece and whether it is the last, so that pieces can't be
 * left out, doubled, put into another order or cut off at the end.
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

/** Octets of content in a piece; the last may be shorter. */
export const PIECE_BYTES = 64 * 1024;
const TAG_BYTES = 16;
/** Octets of a whole piece once it is sealed. */
export const SEALED_PIECE_BYTES = PIECE_BYTES + TAG_BYTES;

const ALGORITHM = 'aes-256-gcm';

/** The key of one blob: names that are never used twice make keys that are never used twice. */
export function blobKeyOf(dayKey: Uint8Array, tenant: string, key: string): Buffer {
  return Buffer.from(hkdfSync('sha256', dayKey, '', `blob ${tenant}/${key}`, 32));
}

/** Octets stored for `size` octets of content. Empty content is one empty piece. */
export function sealedSize(size: number): number {
  return size + TAG_BYTES * Math.max(1, Math.ceil(size / PIECE_BYTES));
}

/** One piece as it is stored. */
export function sealPiece(blobKey: Uint8Array, index: number, last: boolean, content: Uint8Array): Buffer {
  const cipher = createCipheriv(ALGORITHM, blobKey, nonceOf(index, last));
  return Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

/** The content of a piece; null where it is not what was sealed at this place. */
export function openPiece(blobKey: Uint8Array, index: number, last: boolean, sealed: Uint8Array): Buffer | null {
  const tagAt = sealed.length - TAG_BYTES;
  if (tagAt < 0) return null;
  const decipher = createDecipheriv(ALGORITHM, blobKey, nonceOf(index, last), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(tagAt));
  const content = decipher.update(sealed.subarray(0, tagAt));
  try {
    decipher.final();
    return content;
  } catch {
    return null;
  }
}

function nonceOf(index: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(index, 7);
  nonce[11] = last ? 1 : 0;
  return nonce;
}
