/** What administrators see of those who send (M1). */
import { z } from 'zod';
import type { Directory, Relay, SendingLimits, Tenant } from '#/model/index.ts';
import type { DirectorySource, Operation } from '#/ports/index.ts';
import { operation } from '#/ports/index.ts';
import type { UsageBook } from './usage-book.ts';

/** All operations of this room. */
export function authOperations(parts: {
  readonly directory: DirectorySource;
  readonly usage: UsageBook;
}): readonly Operation[] {
  return [listRelays(parts)] as readonly Operation[];
}

const limit = z.union([z.int(), z.literal('unlimited')]);
const used = z.object({ used: z.int(), limit });

function listRelays({ directory, usage }: { readonly directory: DirectorySource; readonly usage: UsageBook }) {
  return operation({
    name: 'relay.list',
    summary: 'Relays with what they used of their limits, when they were seen last, and what went wrong last.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({ tenant: z.string().nullable().default(null) }),
    output: z.array(
      z.object({
        tenant: z.string(),
        name: z.string(),
        kind: z.string(),
        on: z.boolean(),
        username: z.string().nullable(),
        networks: z.array(z.string()),
        senders: z.array(z.string()),
        last10m: used,
        today: used,
        lastSeen: z.string().nullable(),
        lastError: z.string().nullable(),
        lastErrorAt: z.string().nullable(),
      }),
    ),
    async handle({ tenant }) {
      return relaysOf(directory.current(), tenant).map(([owner, relay]) => describe(owner, relay, usage));
    },
  });
}

function relaysOf(directory: Directory, tenant: string | null): (readonly [Tenant, Relay])[] {
  return directory.tenants
    .filter(({ id }) => tenant === null || id === tenant)
    .flatMap((owner) => owner.relays.map((relay) => [owner, relay] as const));
}

function describe(tenant: Tenant, relay: Relay, usage: UsageBook) {
  const { name, kind, disabled, username, networks, senders } = relay;
  const now = usage.now(tenant, `relay:${name}`);
  const limits: SendingLimits = relay.limits;
  return {
    tenant: tenant.id,
    name,
    kind,
    on: !disabled,
    username,
    networks: [...networks],
    senders: [...senders],
    last10m: { used: now.last10m, limit: limits.per10m },
    today: { used: now.today, limit: limits.perDay },
    lastSeen: rfc3339(now.lastSeen),
    lastError: now.lastError,
    lastErrorAt: now.lastError === null ? null : rfc3339(now.lastErrorAt),
  };
}

function rfc3339(ms: number): string | null {
  return ms === 0 ? null : new Date(ms).toISOString().replace('Z', '+00:00');
}
