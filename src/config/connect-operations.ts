/**
 * How a cloud is connected (design 6, Shared clouds): settings and scripts with the names of this installation, and what of it can be seen from here.
 * No secret is in them, for only its hash is kept.
 */
import { z } from 'zod';
import { suggestion } from '#/codec/forms/index.ts';
import type { Call } from '#/model/index.ts';
import type { Operation, Registry, Resolver } from '#/ports/index.ts';
import { operation, Refusal } from '#/ports/index.ts';
import { checkConnector, type Front } from './connect/check.ts';
import { type CloudKind, type Connector, connectorOf } from './connect/connector.ts';
import { instructionsFor } from './connect/instructions.ts';
import { readStored } from './resources/stored.ts';

export interface ConnectParts {
  readonly registry: Registry;
  /** How others know this installation. */
  readonly hostname: string;
  readonly resolver: Resolver;
  readonly front: Front;
}

const wording = z.object({ en: z.string(), ja: z.string() });
const kinds = z.enum(['microsoft365', 'google']);
const whose = z.strictObject({ tenant: z.string(), kind: kinds });
const about = {
  tenant: z.string(),
  kind: kinds,
  connector: z.string(),
  /** The host of the cloud that mail goes back to; null: it goes on from here. */
  returnTo: z.string().nullable(),
};

/** All operations of connecting a cloud. */
export function connectOperations(parts: ConnectParts): readonly Operation[] {
  return [show(parts), check(parts)];
}

function show(parts: ConnectParts): Operation {
  return operation({
    name: 'connect.show',
    summary:
      'What to set in Microsoft 365 or Google Workspace so that a tenant’s mail comes through here, step by step.',
    scope: 'tenant',
    reads: true,
    input: whose,
    output: z.object({
      ...about,
      steps: z.array(z.object({ title: wording, text: wording, script: z.string().nullable() })),
    }),
    async handle({ tenant, kind }, { call }) {
      const connector = await connectorIn(tenant, kind, parts, call);
      return { ...headOf(connector), steps: [...instructionsFor(connector)] };
    },
  });
}

function check(parts: ConnectParts): Operation {
  return operation({
    name: 'connect.check',
    summary:
      'What of a cloud’s connection can be seen from here: the connector, our door and certificate, DNS, the way back.',
    scope: 'tenant',
    reads: true,
    input: whose,
    output: z.object({
      ...about,
      found: z.array(z.object({ state: z.enum(['good', 'bad', 'unknown']), text: wording })),
    }),
    async handle({ tenant, kind }, { call }) {
      const connector = await connectorIn(tenant, kind, parts, call);
      const found = await checkConnector(connector, parts.front, parts.resolver, call);
      return { ...headOf(connector), found: [...found] };
    },
  });
}

async function connectorIn(
  id: string,
  kind: CloudKind,
  { registry, hostname }: ConnectParts,
  call: Call,
): Promise<Connector> {
  const { tenants } = readStored((await registry.load(call)).resources);
  const found = tenants.find((one) => one.id === id);
  if (found !== undefined) return connectorOf(found, kind, hostname);
  const ids = tenants.map((one) => one.id);
  throw new Refusal(1, `There is no tenant ${id}: ${ids.length === 0 ? 'there is none at all' : suggestion(id, ids)}`);
}

function headOf({ tenant, kind, name, returnTo }: Connector) {
  return { tenant, kind, connector: name, returnTo };
}
