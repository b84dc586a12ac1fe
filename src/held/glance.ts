/**
 * What somebody who decides about a mail sees of its content: whom it says that it is from and to, and the names of what is attached. Names
 * and sizes alone: content is for who is named to read it (design 6).
 */
import {
  decodeWords,
  type HeaderSection,
  headerBytesMax,
  headerValues,
  type Part,
  parameterOf,
  readHeaders,
  readStructure,
} from '#/codec/mime/index.ts';
import type { Body, Call, MailId, TenantId } from '#/model/index.ts';
import { ATTACHMENTS_MAX, FIELD_CHARS_MAX, STRUCTURE_BYTES_MAX } from './limits.ts';
import type { HeldParts } from './parts.ts';

export interface Glance {
  /** As they stand in the mail, decoded; null where they could not be read. */
  readonly header: { readonly from: string; readonly to: string; readonly cc: string } | null;
  /** In the order of the mail; null where they could not be read, or the mail is too large to be read for this. */
  readonly attachments: readonly Attachment[] | null;
}

export interface Attachment {
  readonly name: string;
  /** As it is carried, encoded. */
  readonly bytes: number;
}

const NOTHING: Glance = { header: null, attachments: null };

/** Never rejects. */
export async function glanceAt(
  mail: { readonly id: MailId; readonly tenant: TenantId; readonly size: number },
  parts: Pick<HeldParts, 'custody' | 'blobs'>,
  call: Call,
): Promise<Glance> {
  const isSmall = mail.size <= STRUCTURE_BYTES_MAX;
  try {
    const body = await parts.custody.body(mail.id, call);
    const content = await beginOf(body, isSmall ? mail.size : headerBytesMax, mail.tenant, parts, call);
    return { header: fieldsIn(readHeaders([content])), attachments: isSmall ? attachmentsIn(content) : null };
  } catch {
    return NOTHING;
  }
}

/** So many octets from its begin, or a few more. */
async function beginOf(
  body: Body,
  bytes: number,
  tenant: TenantId,
  { blobs }: Pick<HeldParts, 'blobs'>,
  call: Call,
): Promise<Buffer> {
  const source = body.kind === 'memory' ? body.chunks : blobs.read(tenant, body.ref, call);
  const pieces: Uint8Array[] = [];
  let read = 0;
  for await (const piece of source) {
    pieces.push(piece);
    read += piece.length;
    if (read >= bytes) break;
  }
  return Buffer.concat(pieces);
}

function fieldsIn(section: HeaderSection): Glance['header'] {
  const field = (name: string): string =>
    decodeWords(headerValues(section, name).join(', ').slice(0, FIELD_CHARS_MAX)).toWellFormed();
  return { from: field('from'), to: field('to'), cc: field('cc') };
}

function attachmentsIn(content: Buffer): Attachment[] {
  return namesIn(readStructure(content).root).slice(0, ATTACHMENTS_MAX);
}

function namesIn(part: Part): Attachment[] {
  const name = parameterOf(part.disposition?.parameters ?? [], 'filename') ?? parameterOf(part.parameters, 'name');
  const isAttached = name !== null || part.disposition?.kind === 'attachment';
  const own = isAttached ? [{ name: name ?? `${part.type}/${part.subtype}`, bytes: part.end - part.body }] : [];
  return [...own, ...part.parts.flatMap(namesIn)];
}
