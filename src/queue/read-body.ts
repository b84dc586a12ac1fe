/** Reading the content of somebody's mail: only with a reason, and only after the audit log has it (design 5, `--read-body`). */
import { z } from 'zod';
import { type Body, type Call, isFault, isMailId, type MailId, type TenantId, within } from '#/model/index.ts';
import { type Operation, operation, Refusal } from '#/ports/index.ts';
import type { OperationParts } from './select.ts';

/** Enough to see what a mail is; whole large mails are the mailbox's to give. */
const SHOWN_BYTES_MAX = 1024 * 1024;
const READ_MS = 30_000;

/** `mail.body`. It only reads, but is no look like others: whoever runs operations writes it down before this begins. */
export function readBody(parts: OperationParts): Operation {
  return operation({
    name: 'mail.body',
    summary: 'The content of one message, at most its first 1 MiB, for a reason that is written down.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({ id: z.string().max(40), reason: z.string().trim().min(1).max(200) }),
    output: z.object({ id: z.string(), size: z.int(), shown: z.int(), content: z.base64() }),
    subject: ({ id }) => id.toUpperCase(),
    async handle({ id: given }, { call }) {
      const id = given.toUpperCase();
      const [mail] = isMailId(id) ? await parts.journal.trace({ ids: [id] }, 1, call) : [];
      if (mail === undefined)
        throw new Refusal(1, `There is no message ${given}. Look for it with a trace by address.`);
      const body = await bodyOf(mail.id, parts, call);
      const shown = await firstOf(body, mail.tenant, parts, call);
      return { id: mail.id, size: body.size, shown: shown.length, content: shown.toString('base64') };
    },
  });
}

async function bodyOf(id: MailId, { custody }: OperationParts, call: Call): Promise<Body> {
  try {
    return await custody.body(id, call);
  } catch (error) {
    if (!isFault(error, 'body.missing')) throw error;
    throw new Refusal(1, `The content of ${id} is not kept any more. Its trace is: holdfast trace ${id}.`);
  }
}

async function firstOf(body: Body, tenant: TenantId, { blobs }: OperationParts, call: Call): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let left = SHOWN_BYTES_MAX;
  const content = body.kind === 'memory' ? body.chunks : blobs.read(tenant, body.ref, within(READ_MS, call.signal));
  for await (const piece of content) {
    pieces.push(piece.subarray(0, left));
    left -= piece.length;
    if (left <= 0) break;
  }
  return Buffer.concat(pieces);
}
