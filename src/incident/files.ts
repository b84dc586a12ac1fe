/** Files of incidents: a provider's own report, a figure (C4). They come in parts, and are named by an entry when all of them are there. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Call, IncidentFile, IncidentId } from '#/model/index.ts';
import { type IncidentBook, type Operation, operation, Refusal } from '#/ports/index.ts';
import { INCIDENT_ID } from './input.ts';
import { INCIDENT_LIMITS } from './limits.ts';
import { type IncidentOperationParts, SEEN } from './operations.ts';
import { incidentShape, viewOf } from './shapes.ts';

const { fileBytesMax, filesMax, partBytesMax } = INCIDENT_LIMITS;
const PARTS_MAX = Math.ceil(fileBytesMax / partBytesMax);
/** What people may be shown; none of them runs in a browser. They are given as attachments all the same. */
const TYPES = ['application/pdf', 'text/plain', 'text/markdown', 'text/csv', 'image/png', 'image/jpeg'] as const;
const NAME_CHARS_MAX = 120;

/** All operations on files. */
export function incidentFileOperations(parts: IncidentOperationParts): readonly Operation[] {
  return [attach(parts), file(parts)];
}

function attach({ desk, book, clock }: IncidentOperationParts): Operation {
  return operation({
    name: 'incident.attach',
    summary: 'Puts a file to an incident, such as the report of a provider: part by part, named with the last one.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({
      id: INCIDENT_ID,
      /** Chosen by who sends it; the same for all its parts. */
      file: z.uuid(),
      part: z
        .int()
        .min(0)
        .max(PARTS_MAX - 1),
      content: z.base64().max(Math.ceil((partBytesMax * 4) / 3) + 4),
      /** With the last part. */
      last: z
        .strictObject({
          name: z.string().min(1).max(NAME_CHARS_MAX),
          type: z.enum(TYPES),
          bytes: z.int().min(1).max(fileBytesMax),
          /** Who wrote it; empty: we. */
          from: z.string().max(NAME_CHARS_MAX).default(''),
          ...SEEN,
        })
        .optional(),
    }),
    output: incidentShape.nullable(),
    // One line for the whole file.
    subject: ({ id, last }) => (last === undefined ? null : `${id} ${last.name}`),
    async handle({ id: name, file: key, part, content, last }, { by, call }) {
      const id = name as IncidentId;
      const octets = Buffer.from(content, 'base64');
      if (octets.length > partBytesMax) throw new Refusal(2, `A part has at most ${partBytesMax} octets.`);
      if ((await desk.found(id, call)) === null) throw new Refusal(1, `There is no incident ${id}.`);
      await book.keepPart({ incident: id, file: key, part }, octets, call);
      if (last === undefined) return null;
      const { name: given, type, bytes, from, seen } = last;
      const kept = (await book.file(id, key, call))?.length ?? 0;
      if (kept !== bytes) throw new Refusal(1, `${kept} of ${bytes} octets have come. Send the file again.`);
      const named: IncidentFile = { id: key, name: fileName(given), type, bytes, from: oneLine(from) };
      const added = await desk.add(
        id,
        seen ?? null,
        ({ files }) => {
          if (files.some((one) => one.id === key)) return null;
          if (files.length >= filesMax) throw new Refusal(1, `${id} has ${filesMax} files, as many as it may have.`);
          return [{ kind: 'attached', at: clock.now(), by, file: named }];
        },
        call,
      );
      return viewOf(added, clock.now());
    },
  });
}

function file({ desk, book }: IncidentOperationParts): Operation {
  return operation({
    name: 'incident.file',
    summary: 'A file of an incident, or one of its reports.',
    scope: 'operator',
    reads: true,
    input: z.strictObject({ id: INCIDENT_ID, file: z.uuid() }),
    output: z.object({ name: z.string(), type: z.string(), content: z.base64() }),
    async handle({ id: name, file: key }, { call }) {
      const id = name as IncidentId;
      const incident = (await desk.found(id, call))?.incident;
      const named = [...(incident?.files ?? []), ...(incident?.reports ?? []).map((one) => one.file)];
      const found = named.find((one) => one.id === key);
      const content = found === undefined ? null : await book.file(id, key, call);
      if (found === undefined || content === null)
        throw new Refusal(1, `${id} has no such file. "holdfast incident show ${id}" lists those that it has.`);
      return { name: found.name, type: found.type, content: Buffer.from(content).toString('base64') };
    },
  });
}

/** Keeps a text of ours as a file. */
export async function keepText(
  book: Pick<IncidentBook, 'keepPart'>,
  incident: IncidentId,
  { name, type, text }: { readonly name: string; readonly type: string; readonly text: string },
  call: Call,
): Promise<IncidentFile> {
  const id = randomUUID();
  const octets = Buffer.from(text);
  for (let part = 0; part * partBytesMax < octets.length; part++)
    await book.keepPart(
      { incident, file: id, part },
      octets.subarray(part * partBytesMax, (part + 1) * partBytesMax),
      call,
    );
  return { id, name, type, bytes: octets.length, from: '' };
}

/** No path, no control, no mark that turns letters: it is the name of a file on somebody's disk. */
function fileName(given: string): string {
  return oneLine(given)
    .replaceAll(/[/\\:*?"<>|]/g, '_')
    .replace(/^\.+/, '_');
}

function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .trim()
    .toWellFormed();
}
