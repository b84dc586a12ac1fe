/**
 * The loop stamp of mail that goes back to its tenant's cloud (ports/loop-stamps.ts): a field in front of all others, made of what is kept with the mail,
 * so that each attempt sends the same octets (design 1). Last of all changes, for it names what leaves.
 *
 * What must never happen: a mail that is held back because it can't be stamped; two stamps of one attempt.
 */
import { readHeaders } from '#/codec/mime/index.ts';
import { hopIn, STAMP_FIELD, stampedBytesMax } from '#/codec/stamp/index.ts';
import type { Body, Claim } from '#/model/index.ts';
import type { LoopStamps } from '#/ports/index.ts';
import { changesOf } from './changed.ts';
import type { Job } from './job.ts';

/** Stamps a mail that is in memory. */
export function stampWhole(job: Job, body: Extract<Body, { kind: 'memory' }>, stamps: Pick<LoopStamps, 'write'>): void {
  const bytes = Math.min(body.size, stampedBytesMax);
  const field = fieldOf(job, Buffer.concat(body.chunks, bytes), stamps);
  if (field === null) return;
  const size = body.size + field.length;
  job.mail = { ...job.mail, size };
  job.body = { kind: 'memory', chunks: [field, ...body.chunks], size };
}

/** Stamps large content that begins with these octets: the field leaves before them. */
export function stampFront(job: Job, head: Buffer, size: number, stamps: Pick<LoopStamps, 'write'>): void {
  const field = fieldOf(job, head, stamps);
  if (field === null) return;
  job.front = field;
  job.mail = { ...job.mail, size: size + field.length };
}

function fieldOf({ claim }: Job, head: Buffer, stamps: Pick<LoopStamps, 'write'>): Buffer | null {
  const { mail } = claim;
  const hop = hopIn(readHeaders([head])) + 1;
  const value = stamps.write({ hop, at: stampTime(claim) }, mail.tenant, head);
  return value === null ? null : Buffer.from(`${STAMP_FIELD}: ${value}\r\n`, 'latin1');
}

/** When its signature was decided, which is just before its first attempt and after any hold; without one, when it was accepted. Both are kept with the mail. */
function stampTime(claim: Claim): number {
  return changesOf(claim).find((one) => one.kind === 'sign')?.at ?? claim.mail.receivedAt;
}

/** As much of a content as a stamp looks at. */
export async function firstOctets(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of content) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes >= stampedBytesMax) break;
  }
  return Buffer.concat(pieces, Math.min(bytes, stampedBytesMax));
}

/** The content behind what stands in front of it. */
export async function* behind(front: Buffer, content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  yield front;
  yield* content;
}
