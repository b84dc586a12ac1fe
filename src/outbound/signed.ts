/**
 * Signatures in front of what leaves (`ports/mail-signer.ts`): the last step before the wire, behind all changes. Mail in memory gets them as its first
 * octets; of large content they stand beside it (`job.front`), as its loop stamp does.
 *
 * What must never happen: mail that is to be signed sent without; a signature over what was changed behind it; a mail signed before it is stamped.
 */
import { type Body, type DestinationKey, isPinned } from '#/model/index.ts';
import type { MailSigner } from '#/ports/index.ts';
import type { Job } from './job.ts';

/** Whether the next hop is another server: what stays here needs no signature of ours. */
export function leavesHere(destination: DestinationKey): boolean {
  const key = isPinned(destination) ? destination.slice(0, -1) : destination;
  return key.startsWith('mx:') || key.startsWith('route:');
}

/** Signs what was loaded and is to leave. `content` reads it whole, with what stands in front of it. */
export async function signContent(
  job: Job,
  body: Body,
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  signer: MailSigner,
): Promise<void> {
  const fields = await signer.sign(job.mail, content);
  if (fields === null) return;
  if (body.kind === 'memory') {
    const size = body.size + fields.length;
    job.body = { kind: 'memory', chunks: [fields, ...body.chunks], size };
    job.mail = { ...job.mail, size };
    return;
  }
  job.front = job.front === null ? fields : Buffer.concat([fields, job.front]);
  job.mail = { ...job.mail, size: body.size + job.front.length };
}
