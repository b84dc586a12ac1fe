/** What people do with resources and settings (ports/operation.ts). */
import { z } from 'zod';
import { suggestion } from '#/codec/forms/index.ts';
import type { Call } from '#/model/index.ts';
import type { Operation, Registry } from '#/ports/index.ts';
import { operation, Refusal } from '#/ports/index.ts';
import type { ApplyParts } from './resources/apply.ts';
import { applyResources } from './resources/apply.ts';
import { exportDocument, formatExport } from './resources/export.ts';
import { placesSchema } from './resources/prepare.ts';
import type { NamedList } from './resources/schema.ts';
import { NAMED_LISTS } from './resources/schema.ts';
import { readStored } from './resources/stored.ts';

/** All operations of this room. */
export function configOperations(parts: ApplyParts): readonly Operation[] {
  return [apply(parts), exportAll(parts.registry), changes(parts.registry), switchRelay(parts)] as readonly Operation[];
}

const list = z.enum(Object.keys(NAMED_LISTS) as [NamedList, ...NamedList[]]);

const complaint = z.object({
  severity: z.enum(['mistake', 'warning']),
  file: z.string(),
  line: z.int(),
  column: z.int(),
  message: z.string(),
  remedy: z.string(),
});

function apply(parts: ApplyParts) {
  return operation({
    name: 'resources.apply',
    summary: 'Creates and changes what a resource file declares, whole or not at all.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({
      file: z.string().max(4096),
      document: z.unknown(),
      places: placesSchema,
      prune: z.array(list).default([]),
      setPasswords: z.boolean().default(false),
      dryRun: z.boolean().default(false),
    }),
    output: z.object({
      lines: z.array(z.string()),
      version: z.int(),
      warnings: z.array(complaint),
      generated: z.array(z.object({ owner: z.string(), password: z.string() })),
    }),
    subject: ({ file, dryRun, prune, setPasswords }) =>
      dryRun
        ? null
        : [file, ...prune.map((kind) => `prune:${kind}`), ...(setPasswords ? ['set-passwords'] : [])].join(' '),
    async handle(input, { by, call }) {
      const { lines, version, warnings, generated } = await applyResources({ ...input, by }, parts, call);
      return { lines: [...lines], version, warnings: [...warnings], generated: [...generated] };
    },
  });
}

function exportAll(registry: Registry) {
  return operation({
    name: 'resources.export',
    summary: 'Writes all resources, or those of one tenant, as a file that apply takes back.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({ tenant: z.string().nullable().default(null) }),
    output: z.object({ version: z.int(), document: z.unknown(), yaml: z.string() }),
    async handle({ tenant }, { call }) {
      const { version, resources } = await registry.load(call);
      const document = exportDocument(readStored(resources), tenant);
      if (tenant !== null && document.tenants.length === 0) throw new Refusal(1, `There is no tenant ${tenant}.`);
      return { version, document, yaml: formatExport(document) };
    },
  });
}

const CHANGES_MAX = 1000;

function changes(registry: Registry) {
  return operation({
    name: 'resources.changes',
    summary: 'Who changed which resources, newest first.',
    scope: 'operator',
    reads: true,
    input: z.strictObject({ limit: z.int().min(1).max(CHANGES_MAX).default(50) }),
    output: z.array(z.object({ version: z.int(), at: z.string(), by: z.string(), lines: z.array(z.string()) })),
    async handle({ limit }, { call }) {
      const found = await registry.changes(limit, call);
      return found.map(({ version, at, by, lines }) => ({ version, at: rfc3339(at), by, lines: [...lines] }));
    },
  });
}

function switchRelay(parts: ApplyParts) {
  return operation({
    name: 'relay.switch',
    summary: 'Switches a relay on or off; it is refused at once, what it sent before goes on.',
    scope: 'tenant',
    reads: false,
    input: z.strictObject({ tenant: z.string(), name: z.string(), on: z.boolean() }),
    output: z.object({ tenant: z.string(), name: z.string(), on: z.boolean(), changed: z.boolean() }),
    subject: ({ tenant, name, on }) => `${tenant}/${name} ${on ? 'on' : 'off'}`,
    async handle({ tenant, name, on }, { by, call }) {
      const kind = await kindOfRelay(parts.registry, tenant, name, call);
      const document = { tenants: [{ id: tenant, relays: [{ name, kind, disabled: !on }] }] };
      const request = { file: 'relay.switch', document, places: {}, prune: [], setPasswords: false, dryRun: false, by };
      const { lines } = await applyResources(request, parts, call);
      return { tenant, name, on, changed: lines.length > 0 };
    },
  });
}

async function kindOfRelay(registry: Registry, tenant: string, name: string, call: Call): Promise<string> {
  const { tenants } = readStored((await registry.load(call)).resources);
  const relays = tenants.find(({ id }) => id === tenant)?.relays ?? [];
  const relay = relays.find((one) => one.name === name);
  if (relay !== undefined) return relay.kind;
  const names = relays.map((one) => one.name);
  const hint = names.length === 0 ? 'it has none' : suggestion(name, names);
  throw new Refusal(1, `There is no relay ${name} of tenant ${tenant}: ${hint}`);
}

function rfc3339(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+00:00');
}
