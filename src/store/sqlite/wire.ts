/** Mails and claims on their way between threads: the words as JSON, the content beside them in one buffer. */
import type { BornMail, Claim } from '#/model/index.ts';
import { BLOCK_OVERHEAD_BYTES } from './log/index.ts';
import type { WireClaim, WireMail } from './protocol.ts';

/** Mails without their content, and the content in the order in which they point to it. */
export interface Packed {
  readonly mails: readonly WireMail[];
  readonly chunks: readonly Uint8Array[];
  readonly size: number;
}

const SEAL_ROOM = new Uint8Array(BLOCK_OVERHEAD_BYTES);

export const NOTHING_PACKED: Packed = { mails: [], chunks: [], size: 0 };

export function pack(mails: readonly BornMail[]): Packed {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const wired = mails.map((mail): WireMail => {
    if (mail.body.kind === 'blob') return { ...mail, body: mail.body };
    const at = size;
    for (const chunk of mail.body.chunks) {
      chunks.push(chunk);
      size += chunk.length;
    }
    const body = { kind: 'bytes', at, size: size - at } as const;
    chunks.push(SEAL_ROOM);
    size += SEAL_ROOM.length;
    return { ...mail, body };
  });
  return { mails: wired, chunks, size };
}

/** A claim with its content, which lies in `bytes` from `base` on. */
export function unpack(claim: WireClaim, bytes: Uint8Array, base: number): Claim {
  const { body } = claim;
  if (body?.kind !== 'bytes') return { ...claim, body };
  const at = base + body.at;
  return { ...claim, body: { kind: 'memory', chunks: [bytes.subarray(at, at + body.size)], size: body.size } };
}
