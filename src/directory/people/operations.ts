/** People and their generations (ports/operation.ts): for administrators of a tenant, and for operators in any. */
import { z } from 'zod';
import { TEXT_CHARSETS } from '#/codec/csv/index.ts';
import { type Call, type TenantId, within } from '#/model/index.ts';
import { type DirectorySource, type Operation, operation, type PeopleEntry, Refusal } from '#/ports/index.ts';
import { makeScimToken } from '../scim/desk.ts';
import { CSV } from './csv.ts';
import { type Difference, differenceOf } from './difference.ts';
import type { HeldGeneration } from './generation.ts';
import { DIFFERENCE_LIST_MAX, LOAD_MS, NAME_CHARS_MAX } from './limits.ts';
import { PeopleLoader, type PeopleLoaderParts, switchPeople } from './loader.ts';
import { RESOURCES } from './resources.ts';

export interface PeopleOperationParts extends PeopleLoaderParts {
  readonly directory: DirectorySource;
}

const PACKED_CHARS_MAX = 40_000_000;
const LIST_MAX = 100;

const tenant = z.string().max(64);
const reason = z.string().trim().min(1).max(500);
const attribute = z.string().max(NAME_CHARS_MAX);

const generation = z.object({
  id: z.string(),
  source: z.string(),
  at: z.string(),
  by: z.string(),
  people: z.int(),
  groups: z.int(),
  /** People who have each attribute. */
  attributes: z.record(z.string(), z.int()),
  /** Why it was refused; empty where it was not. */
  refused: z.array(z.string()),
  /** What of its source was left out or put right. */
  remarks: z.array(z.string()),
});

const difference = z.object({
  added: z.int(),
  removed: z.int(),
  changed: z.int(),
  addedList: z.array(z.string()).describe(`the first ${DIFFERENCE_LIST_MAX}`),
  removedList: z.array(z.string()),
  changedList: z.array(z.object({ address: z.string(), what: z.array(z.string()) })),
});

const standing = z.object({
  tenant: z.string(),
  serves: generation,
  /** Since when it serves; null where the resources always did. */
  since: z.string().nullable(),
  by: z.string().nullable(),
  reason: z.string().nullable(),
  /** What one step back leads to. */
  before: z.string().nullable(),
  /** When its source gave a whole set last. */
  confirmedAt: z.string().nullable(),
  ageSeconds: z.int(),
  /** Why the last try to load failed or was refused. */
  trouble: z.string().nullable(),
});

/** All operations on people. */
export function peopleOperations(parts: PeopleOperationParts): readonly Operation[] {
  return [status(parts), list(parts), person(parts), diff(parts), load(parts), use(parts), back(parts), token(parts)];
}

function status({ book, shelf, clock, directory }: PeopleOperationParts): Operation {
  return operation({
    name: 'directory.status',
    summary: 'Which generation of people serves a tenant: its source, age, completeness, and what was wrong last.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({ tenant }),
    output: standing,
    async handle(input, { call }) {
      const owner = tenantOf(input.tenant, directory);
      const stand = await book.stand(owner, call);
      const { entry } = await shelf.serving(owner, call);
      const confirmedAt = stand?.current ? stand.confirmedAt : entry.at;
      return {
        tenant: owner,
        serves: view(entry),
        since: stand === null ? null : shown(stand.since),
        ...{ by: stand?.by ?? null, reason: stand?.reason ?? null, before: stand?.before ?? null },
        confirmedAt: shown(confirmedAt),
        ageSeconds: Math.max(0, Math.round((clock.now() - confirmedAt) / 1_000)),
        trouble: stand?.trouble ?? null,
      };
    },
  });
}

function list({ book, directory }: PeopleOperationParts): Operation {
  return operation({
    name: 'directory.list',
    summary: 'The generations of people of a tenant that are kept, newest first, refused ones too.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({ tenant, limit: z.int().min(1).max(LIST_MAX).default(20) }),
    output: z.object({ serves: z.string().nullable(), generations: z.array(generation) }),
    async handle(input, { call }) {
      const owner = tenantOf(input.tenant, directory);
      const stand = await book.stand(owner, call);
      const found = await book.list(owner, input.limit, call);
      return { serves: stand?.current ?? null, generations: found.map(view) };
    },
  });
}

function person({ shelf, directory }: PeopleOperationParts): Operation {
  return operation({
    name: 'directory.person',
    summary: 'What a generation knows of one person: what a signature is made of.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({ tenant, address: z.string().max(320), generation: z.string().max(64).optional() }),
    output: z.object({
      generation: z.string(),
      address: z.string(),
      aliases: z.array(z.string()),
      attributes: z.record(z.string(), z.string()),
      manager: z.string().nullable(),
      groups: z.array(z.string()),
      photo: z.string().nullable(),
    }),
    async handle(input, { call }) {
      const owner = tenantOf(input.tenant, directory);
      const held =
        input.generation === undefined
          ? await shelf.current(owner, call)
          : await heldById(shelf, owner, input.generation);
      const found = held.person(input.address);
      if (found === null) throw new Refusal(1, `${input.address} is not in the generation ${held.id}.`);
      return { generation: held.id, ...found, aliases: [...found.aliases], groups: [...found.groups] };
    },
  });
}

function diff({ shelf, directory, book }: PeopleOperationParts): Operation {
  return operation({
    name: 'directory.diff',
    summary: 'Who came, went and changed from one generation of people to another.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({ tenant, from: z.string().max(64).optional(), to: z.string().max(64).optional() }),
    output: z.object({ from: z.string(), to: z.string(), difference }),
    async handle(input, { call }) {
      const owner = tenantOf(input.tenant, directory);
      const serving = (await shelf.serving(owner, call)).generation;
      const to = input.to === undefined ? serving : await heldById(shelf, owner, input.to);
      const before = input.from ?? (await book.stand(owner, call))?.before ?? null;
      if (before === null) throw new Refusal(1, 'Nothing served before it; name the generation to compare with.');
      const from = await heldById(shelf, owner, before);
      return { from: from.id, to: to.id, difference: listed(await differenceOf(from, to)) };
    },
  });
}

function load(parts: PeopleOperationParts): Operation {
  const loader = new PeopleLoader(parts);
  return operation({
    name: 'directory.load',
    summary:
      'Loads people from a table (CSV) into a new generation, which serves at once and whole, unless too much is missing in it.',
    scope: 'tenant',
    reads: false,
    input: z.strictObject({
      tenant,
      /** Base64 of the table, packed with zstd where `packed` says so. */
      content: z.base64().max(PACKED_CHARS_MAX, { error: 'The table is too large: 256 MB is the most.' }),
      packed: z.boolean().default(false),
      charset: z.enum(TEXT_CHARSETS).optional(),
      separator: z.string().length(1).optional(),
      /** Names of columns, and what they are; empty: left out. */
      columns: z.record(z.string().max(256), attribute).default({}),
      required: z.array(attribute).max(20).default([]),
      dryRun: z.boolean().default(false),
      /** Lets it serve whatever is missing in it. */
      reason: reason.optional(),
    }),
    output: z.object({
      outcome: z.enum(['serves', 'unchanged', 'refused', 'would serve', 'would be refused']),
      generation,
      difference,
      charset: z.string().nullable(),
    }),
    subject: (input) =>
      input.dryRun ? null : `${input.tenant}${input.reason === undefined ? '' : ` ${input.reason}`}`,
    async handle(input, { by, call }) {
      const owner = tenantOf(input.tenant, parts.directory);
      const { columns, required, dryRun, packed } = input;
      const octets = Buffer.from(input.content, 'base64');
      const from = { octets, packed, columns, charset: input.charset ?? null, separator: input.separator ?? null };
      const report = await loader.load(
        { ...{ tenant: owner, source: CSV, from, by, required, dryRun }, reason: input.reason ?? null },
        longer(call),
      );
      const { outcome, entry, charset } = report;
      return { outcome, generation: view(entry), difference: listed(report.difference), charset };
    },
  });
}

function use(parts: PeopleOperationParts): Operation {
  return operation({
    name: 'directory.use',
    summary: 'Lets a kept generation of people serve, a refused one too, or the resources again; with a reason.',
    scope: 'tenant',
    reads: false,
    input: z.strictObject({ tenant, generation: z.string().max(64), reason }),
    output: z.object({ serves: z.string() }),
    subject: (input) => `${input.tenant} ${input.generation} ${input.reason}`,
    async handle(input, { by, call }) {
      const owner = tenantOf(input.tenant, parts.directory);
      const id = input.generation === RESOURCES ? null : input.generation;
      await switchPeople(parts, { tenant: owner, id, by, reason: input.reason }, call);
      return { serves: input.generation };
    },
  });
}

function back(parts: PeopleOperationParts): Operation {
  return operation({
    name: 'directory.return',
    summary: 'One step back: the generation of people that served before serves again.',
    scope: 'tenant',
    reads: false,
    input: z.strictObject({ tenant, reason: reason.optional() }),
    output: z.object({ serves: z.string() }),
    subject: (input) => `${input.tenant} ${input.reason ?? ''}`.trim(),
    async handle(input, { by, call }) {
      const owner = tenantOf(input.tenant, parts.directory);
      const before = (await parts.book.stand(owner, call))?.before ?? null;
      if (before === null) throw new Refusal(1, 'Nothing served before: there is no step back.');
      const id = before === RESOURCES ? null : before;
      await switchPeople(parts, { tenant: owner, id, by, reason: input.reason ?? null }, call);
      return { serves: before };
    },
  });
}

function token({ book, directory, clock }: PeopleOperationParts): Operation {
  return operation({
    name: 'directory.token',
    summary:
      'Makes the token by which another program pushes people (SCIM), and ends the one before; or ends it alone.',
    scope: 'tenant',
    reads: false,
    input: z.strictObject({ tenant, end: z.boolean().default(false) }),
    output: z.object({
      /** Shown this once; null where it was ended. */
      token: z.string().nullable(),
    }),
    subject: (input) => `${input.tenant}${input.end ? ' end' : ''}`,
    async handle(input, { by, call }) {
      const owner = tenantOf(input.tenant, directory);
      const { pushes } = book;
      if (!input.end) return { token: await makeScimToken({ pushes, clock }, owner, by, call) };
      await pushes.allow(owner, null, by, clock.now(), call);
      return { token: null };
    },
  });
}

/** What a load writes is written to its end, or not at all. */
function longer({ signal }: Call): Call {
  return within(LOAD_MS, signal);
}

async function heldById(shelf: PeopleOperationParts['shelf'], owner: TenantId, id: string): Promise<HeldGeneration> {
  if (id === RESOURCES) return (await shelf.ofResources(owner)).generation;
  const found = await shelf.byId(owner, id);
  if (found !== null) return found;
  throw new Refusal(1, `There is no generation ${id}. "holdfast directory list" shows those that there are.`);
}

function tenantOf(id: string, directory: DirectorySource): TenantId {
  const found = directory.current().tenant(id as TenantId);
  if (found === undefined) throw new Refusal(1, `There is no tenant ${id}.`);
  return found.id;
}

function listed(found: Difference): z.input<typeof difference> {
  return {
    ...found,
    addedList: [...found.addedList],
    removedList: [...found.removedList],
    changedList: found.changedList.map(({ address, what }) => ({ address, what: [...what] })),
  };
}

function view(entry: PeopleEntry): z.input<typeof generation> {
  const { id, source, at, by, people, groups, attributes, refused, remarks } = entry;
  return {
    ...{ id, source, at: shown(at), by, people, groups, attributes },
    refused: [...refused],
    remarks: [...remarks],
  };
}

function shown(at: number): string {
  return new Date(at).toISOString();
}
