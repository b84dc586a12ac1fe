/** Registering documents (ports/operation.ts): for administrators of a tenant, and for operators in any. The text of a document is kept nowhere. */
import { z } from 'zod';
import type { TenantId } from '#/model/index.ts';
import { newMailId } from '#/model/index.ts';
import {
  type Clock,
  type DirectorySource,
  type DocumentEntry,
  type Documents,
  type Operation,
  operation,
  Refusal,
} from '#/ports/index.ts';
import { FACE_MIN } from '../checks/fingerprint/index.ts';
import { quoted } from '../hits.ts';
import type { DocumentReader } from './document-reader.ts';
import { DOCUMENTS_MAX, FILE_BYTES_MAX, NAME_CHARS_MAX, NUMBERS_MAX } from './limits.ts';
import type { ReadDocument } from './reading.ts';

export interface DocumentOperationParts {
  readonly documents: Pick<Documents, 'add' | 'remove' | 'list'>;
  readonly reader: Pick<DocumentReader, 'read'>;
  readonly directory: DirectorySource;
  readonly clock: Pick<Clock, 'now'>;
}

const tenant = z.string().max(64);
/** One line without signs that steer: it stands in reasons and logs. */
const name = z
  .string()
  .max(NAME_CHARS_MAX, { error: `A name has at most ${NAME_CHARS_MAX} characters.` })
  .transform((text) => quoted(text, NAME_CHARS_MAX))
  .refine((text) => text !== '', { error: 'Give it a name: it stands in what people are told.' });

const shown = z.object({
  name: z.string(),
  addedAt: z.string(),
  by: z.string(),
  /** Characters that were read of it. */
  chars: z.int(),
  /** Longer than what it is known by. */
  cut: z.boolean(),
});

const BASE64_CHARS_MAX = 4 * Math.ceil(FILE_BYTES_MAX / 3);

/** All operations on registered documents. */
export function documentOperations(parts: DocumentOperationParts): readonly Operation[] {
  return [add(parts), list(parts), remove(parts)];
}

function add({ documents, reader, directory, clock }: DocumentOperationParts): Operation {
  return operation({
    name: 'document.add',
    summary: 'Registers a document: mail that quotes it is known by rules with “documents”. Its text is not kept.',
    scope: 'tenant',
    reads: false,
    input: z.strictObject({
      tenant,
      name,
      /** The name of the file: some kinds are told by it. */
      file: z.string().max(255).default(''),
      /** Its octets. */
      content: z.base64().max(BASE64_CHARS_MAX, { error: 'A document has at most 10 MB. Register its text alone.' }),
    }),
    output: shown.extend({
      /** What of it could not be read, and so is not recognised. */
      unread: z.array(z.string()),
    }),
    subject: (input) => `${input.tenant} ${input.name}`,
    async handle(input, { by, call }) {
      const owner = tenantOf(input.tenant, directory);
      const content = Buffer.from(input.content, 'base64');
      const read = await reader.read({ name: input.file, content }, call);
      if ('why' in read) throw new Refusal(1, `Nothing was registered: ${read.why}.`);
      refuseFaceless(read);
      const at = clock.now();
      const entry = { tenant: owner, name: input.name, addedAt: at, by, chars: read.chars, isCut: read.isCut };
      const bounds = { documents: DOCUMENTS_MAX, numbers: NUMBERS_MAX };
      const answer = await documents.add({ ...entry, id: newMailId(at), numbers: read.numbers }, bounds, call);
      if (answer === 'taken')
        throw new Refusal(
          1,
          `There is a document “${input.name}” already. Remove that one first, or take another name.`,
        );
      if (answer === 'full')
        throw new Refusal(
          1,
          'There is no room for more documents of this tenant. Remove what is out of date, or register less of each.',
        );
      return { ...view({ ...entry, numbers: read.numbers.length }), unread: read.unread.map(({ detail }) => detail) };
    },
  });
}

function list({ documents, directory }: DocumentOperationParts): Operation {
  return operation({
    name: 'document.list',
    summary: 'The registered documents of a tenant, by name.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({ tenant }),
    output: z.array(shown),
    async handle(input, { call }) {
      const found = await documents.list(tenantOf(input.tenant, directory), call);
      return found.map(view);
    },
  });
}

function remove({ documents, directory }: DocumentOperationParts): Operation {
  return operation({
    name: 'document.remove',
    summary: 'Forgets a registered document; mail that quotes it is not known by it any more.',
    scope: 'tenant',
    reads: false,
    input: z.strictObject({ tenant, name }),
    output: z.object({ name: z.string() }),
    subject: (input) => `${input.tenant} ${input.name}`,
    async handle(input, { call }) {
      if (await documents.remove(tenantOf(input.tenant, directory), input.name, call)) return { name: input.name };
      throw new Refusal(
        1,
        `There is no document “${input.name}”. "holdfast document list" shows those that there are.`,
      );
    },
  });
}

function tenantOf(id: string, directory: DirectorySource): TenantId {
  const found = directory.current().tenant(id as TenantId);
  if (found === undefined) throw new Refusal(1, `There is no tenant ${id}.`);
  return found.id;
}

/** Too short to be told from any letter; mostly since there was nothing to read. */
function refuseFaceless({ numbers, unread }: ReadDocument): void {
  if (numbers.length >= FACE_MIN) return;
  const [first] = unread;
  const why =
    first === undefined
      ? 'it has too little text to be told from others; some sentences are needed'
      : `its text could not be read (${first.detail})`;
  throw new Refusal(1, `Nothing was registered: ${why}.`);
}

function view({ name: shownName, addedAt, by, chars, isCut }: Omit<DocumentEntry, 'tenant'>): z.input<typeof shown> {
  return { name: shownName, addedAt: new Date(addedAt).toISOString(), by, chars, cut: isCut };
}
