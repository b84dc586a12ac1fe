/** The names of what is attached, for who decides about a mail. Names and sizes alone: content is for who is named to read it (design 6). */
import { type Part, parameterOf, readStructure } from '#/codec/mime/index.ts';
import type { Body, Call, MailId, TenantId } from '#/model/index.ts';
import { ATTACHMENTS_MAX, STRUCTURE_BYTES_MAX } from './limits.ts';
import type { HeldParts } from './parts.ts';

export interface Attachment {
  readonly name: string;
  /** As it is carried, encoded. */
  readonly bytes: number;
}

/** In the order of the mail; null where they could not be read, or the mail is too large to be read for this. */
export async function attachmentsOf(
  mail: { readonly id: MailId; readonly tenant: TenantId; readonly size: number },
  parts: Pick<HeldParts, 'custody' | 'blobs'>,
  call: Call,
): Promise<readonly Attachment[] | null> {
  if (mail.size > STRUCTURE_BYTES_MAX) return null;
  try {
    const content = await contentOf(await parts.custody.body(mail.id, call), mail.tenant, parts, call);
    return namesIn(readStructure(content).root).slice(0, ATTACHMENTS_MAX);
  } catch {
    return null;
  }
}

async function contentOf(
  body: Body,
  tenant: TenantId,
  { blobs }: Pick<HeldParts, 'blobs'>,
  call: Call,
): Promise<Buffer> {
  if (body.kind === 'memory') return Buffer.concat(body.chunks);
  const pieces: Uint8Array[] = [];
  for await (const piece of blobs.read(tenant, body.ref, call)) pieces.push(piece);
  return Buffer.concat(pieces);
}

function namesIn(part: Part): Attachment[] {
  const name = parameterOf(part.disposition?.parameters ?? [], 'filename') ?? parameterOf(part.parameters, 'name');
  const isAttached = name !== null || part.disposition?.kind === 'attachment';
  const own = isAttached ? [{ name: name ?? `${part.type}/${part.subtype}`, bytes: part.end - part.body }] : [];
  return [...own, ...part.parts.flatMap(namesIn)];
}
