/**
 * Bypass (M8): an operator's word that the mail of one tenant goes by inspection for a time, and where it goes meanwhile. It stands with the
 * tenant's resources, so it is durable, dated, and known to all processes as they are; files neither set nor touch it, and `export` leaves it out.
 *
 * What must never happen: a bypass without an end, a reason or a person; one that a resource file brings along.
 */
import { z } from 'zod';
import { parseDuration, suggestion } from '#/codec/forms/index.ts';
import type { Call } from '#/model/index.ts';
import type { Clock, Operation, OperationContext, Registry } from '#/ports/index.ts';
import { operation, Refusal } from '#/ports/index.ts';
import { recipeFor } from './bypass-recipe.ts';
import type { StoredBypass, StoredTenant } from './resources/stored.ts';
import { readStored } from './resources/stored.ts';

export interface BypassParts {
  readonly registry: Registry;
  readonly clock: Clock;
  /** How others know this installation. */
  readonly hostname: string;
  /** Called after a change, so that this process goes by it at once. */
  readonly switched: (call: Call) => Promise<void>;
}

/** A weekend and a day: what takes longer is a change of rules, which somebody should decide. */
const BYPASS_MS_MAX = 72 * 3_600_000;
/** When others keep being quicker than us, something is wrong. */
const ATTEMPTS_MAX = 5;

const shown = z.object({
  tenant: z.string(),
  state: z.enum(['active', 'ended']),
  since: z.string(),
  until: z.string(),
  by: z.string(),
  reason: z.string(),
  /** The next hop of what leaves meanwhile; null: as always. */
  destination: z.string().nullable(),
});

/** All operations of a bypass. */
export function bypassOperations(parts: BypassParts): readonly Operation[] {
  return [set(parts), list(parts), end(parts), recipe(parts)];
}

function set(parts: BypassParts): Operation {
  return operation({
    name: 'bypass.set',
    summary:
      'Lets the mail of one tenant go by inspection until a time, with a reason, and where wanted by another next hop.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({
      tenant: z.string(),
      /** `4h`, or RFC 3339. */
      until: z.string().max(40),
      reason: z
        .string()
        .trim()
        .min(1, { error: 'Say why: it stands in the trace of each mail that goes by.' })
        .max(200),
      destination: z
        .string()
        .regex(/^(mx:[^\s:]+|route:[^\s:]+:\d{1,5}(:lmtp)?|route:\[[0-9a-f:.]+\]:\d{1,5}(:lmtp)?)$/i, {
          error: 'A destination is mx:DOMAIN, route:HOST:PORT or route:HOST:PORT:lmtp.',
        })
        .nullable()
        .default(null),
    }),
    output: shown,
    subject: ({ tenant, until, destination }) => [tenant, `until ${until}`, destination].filter(Boolean).join(' '),
    async handle({ tenant, until, reason, destination }, context) {
      const since = parts.clock.now();
      const by = context.by;
      const bypass = {
        since,
        until: endOf(until, since),
        by,
        reason: plain(reason),
        ...(destination && { destination }),
      };
      const line = `~ tenant ${tenant}: bypass of inspection until ${rfc3339(bypass.until)}: ${bypass.reason}`;
      await change(tenant, () => ({ bypass, line }), parts, context);
      return view(tenant, bypass, since);
    },
  });
}

function list({ registry, clock }: BypassParts): Operation {
  return operation({
    name: 'bypass.list',
    summary: 'Which tenants’ mail goes by inspection now, or did last: since when, until when, by whom and why.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({ tenant: z.string().nullable().default(null) }),
    output: z.array(shown),
    async handle({ tenant }, { call }) {
      const { tenants } = readStored((await registry.load(call)).resources);
      const meant = tenants.filter(({ id }) => tenant === null || id === tenant);
      return meant.flatMap(({ id, bypass }) => (bypass === undefined ? [] : [view(id, bypass, clock.now())]));
    },
  });
}

function end(parts: BypassParts): Operation {
  return operation({
    name: 'bypass.end',
    summary: 'Ends a bypass before its time: what comes or waits from now on is inspected again.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({ tenant: z.string() }),
    output: shown,
    subject: ({ tenant }) => tenant,
    async handle({ tenant }, context) {
      const now = parts.clock.now();
      const ended = await change(
        tenant,
        ({ bypass }) => {
          if (bypass === undefined || bypass.until <= now)
            throw new Refusal(1, `${tenant} has no bypass that could end.`);
          return { bypass: { ...bypass, until: now }, line: `~ tenant ${tenant}: bypass of inspection ended` };
        },
        parts,
        context,
      );
      return view(tenant, ended, now);
    },
  });
}

function recipe({ registry, hostname }: BypassParts): Operation {
  return operation({
    name: 'bypass.recipe',
    summary: 'How each connector of a tenant sends around this installation, and what its mail then goes without.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({ tenant: z.string() }),
    output: z.object({
      tenant: z.string(),
      without: z.string(),
      connectors: z.array(z.object({ name: z.string(), kind: z.string(), steps: z.array(z.string()) })),
    }),
    async handle({ tenant }, { call }) {
      const { relays } = found(readStored((await registry.load(call)).resources).tenants, tenant);
      const { without, connectors } = recipeFor(relays, hostname);
      return { tenant, without, connectors: connectors.map(({ steps, ...one }) => ({ ...one, steps: [...steps] })) };
    },
  });
}

interface Changed {
  readonly bypass: StoredBypass;
  readonly line: string;
}

async function change(
  tenant: string,
  decide: (before: StoredTenant) => Changed,
  { registry, clock, switched }: BypassParts,
  { by, call }: OperationContext,
): Promise<StoredBypass> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const { version, resources } = await registry.load(call);
    const { tenants } = readStored(resources);
    const { bypass, line } = decide(found(tenants, tenant));
    const next = { tenants: tenants.map((one) => (one.id === tenant ? { ...one, bypass } : one)) };
    const told = { at: clock.now(), by, lines: [line] };
    if (!(await registry.replace(version, JSON.parse(JSON.stringify(next)), told, call))) continue;
    await switched(call);
    return bypass;
  }
  throw new Refusal(4, 'Others are changing the resources at this moment. Try again.');
}

function found(tenants: readonly StoredTenant[], id: string): StoredTenant {
  const tenant = tenants.find((one) => one.id === id);
  if (tenant !== undefined) return tenant;
  const ids = tenants.map((one) => one.id);
  throw new Refusal(1, `There is no tenant ${id}: ${ids.length === 0 ? 'there is none at all' : suggestion(id, ids)}`);
}

function endOf(text: string, now: number): number {
  const duration = parseDuration(text);
  const until = duration === null ? momentOf(text) : now + duration;
  if (until === null)
    throw new Refusal(2, `"${text}" is no end: write how long (30m, 4h), or a time such as 2026-11-30T18:00:00+09:00.`);
  if (until <= now) throw new Refusal(2, `"${text}" is in the past: a bypass ends in the future.`);
  if (until - now > BYPASS_MS_MAX)
    throw new Refusal(
      2,
      'A bypass ends within 72 hours. For longer, change the rules of the tenant with "holdfast apply".',
    );
  return until;
}

// RFC 3339 §5.6, with its offset: the operator may be in another zone than the tenant.
function momentOf(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/i.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

function view(tenant: string, { since, until, by, reason, destination }: StoredBypass, now: number) {
  const state = until > now ? ('active' as const) : ('ended' as const);
  return { tenant, state, since: rfc3339(since), until: rfc3339(until), by, reason, destination: destination ?? null };
}

/** One line: it comes to stand in traces. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ');
}

function rfc3339(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+00:00');
}
