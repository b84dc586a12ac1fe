/**
 * Versions of a tenant's rules: who changed them and when, and one step back. Each change of rules is kept with the rules before and after it
 * (`ports/registry.ts`), and an undo is a change like any other: dated, with its author, and itself undone by the next undo.
 *
 * What must never happen: an undo that takes away a change which nobody meant; rules that this release can't read, or that a file
 * could not have brought.
 */
import { z } from 'zod';
import { suggestion } from '#/codec/forms/index.ts';
import type { Call } from '#/model/index.ts';
import { type RuleText, ruleTexts } from '#/policy/index.ts';
import type { Clock, Operation, OperationContext, PolicyStep, Registry } from '#/ports/index.ts';
import { operation, POLICY_STEPS_MAX, Refusal } from '#/ports/index.ts';
import { isSame } from './resources/merge.ts';
import { checkPolicies } from './resources/policy-rules.ts';
import type { RuleContext } from './resources/rules.ts';
import { readStored, type StoredTenant } from './resources/stored.ts';

export interface PolicyParts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly rules: RuleContext;
  /** Called after a change, so that this process goes by it at once. */
  readonly switched: (call: Call) => Promise<void>;
}

/** When others keep being quicker than us, something is wrong. */
const ATTEMPTS_MAX = 5;

/** All operations of this file. */
export function policyOperations(parts: PolicyParts): readonly Operation[] {
  return [history(parts), undo(parts)];
}

function history({ registry }: PolicyParts): Operation {
  return operation({
    name: 'policy.history',
    summary: 'Who changed the rules of a tenant, when, and what: newest first.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({
      tenant: z.string().nullable().default(null),
      limit: z.int().min(1).max(POLICY_STEPS_MAX).default(50),
    }),
    output: z.array(
      z.object({
        tenant: z.string(),
        version: z.int(),
        at: z.string(),
        by: z.string(),
        /** The version that this change took back; null for others. */
        undoes: z.int().nullable(),
        lines: z.array(z.string()),
        /** How many rules there were afterwards. */
        rules: z.int(),
      }),
    ),
    async handle({ tenant, limit }, { call }) {
      if (tenant !== null) found(readStored((await registry.load(call)).resources).tenants, tenant);
      return (await registry.policySteps(tenant, limit, call)).map(shown);
    },
  });
}

function undo(parts: PolicyParts): Operation {
  return operation({
    name: 'policy.undo',
    summary: 'Takes the newest change of a tenant’s rules back, as a change of its own.',
    // Whoever may not apply rules may not take them back either.
    scope: 'operator',
    reads: false,
    input: z.strictObject({
      tenant: z.string(),
      /** The change that is meant: refused where a newer one has been made. Null: the newest, whichever it is. */
      version: z.int().nullable().default(null),
    }),
    output: z.object({
      tenant: z.string(),
      undoes: z.int(),
      /** By whom and when what is taken back was made. */
      madeBy: z.string(),
      madeAt: z.string(),
      lines: z.array(z.string()),
      warnings: z.array(z.string()),
    }),
    subject: ({ tenant, version }) => `tenant:${tenant}${version === null ? '' : ` version ${version}`}`,
    async handle({ tenant, version }, context) {
      const { step, warnings } = await takeBack(tenant, version, parts, context);
      return {
        tenant,
        undoes: step.version,
        madeBy: step.by,
        madeAt: rfc3339(step.at),
        lines: linesOf(step.after, step.before),
        warnings,
      };
    },
  });
}

interface TakenBack {
  readonly step: PolicyStep;
  readonly warnings: string[];
}

async function takeBack(
  tenant: string,
  version: number | null,
  { registry, clock, rules, switched }: PolicyParts,
  { by, call }: OperationContext,
): Promise<TakenBack> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const { version: expected, resources } = await registry.load(call);
    const { tenants } = readStored(resources);
    const now = found(tenants, tenant);
    const [step] = await registry.policySteps(tenant, 1, call);
    if (step === undefined) throw new Refusal(1, `No change of the rules of ${tenant} is known that could be undone.`);
    refuseOther(step, version, now);
    const next: StoredTenant = { ...now, policies: readable(step) };
    const change = {
      at: clock.now(),
      by,
      lines: [`~ tenant ${tenant}: rules as before version ${step.version}`],
      policies: [{ tenant, before: now.policies, after: next.policies, undoes: step.version }],
    };
    const all = { tenants: tenants.map((one) => (one.id === tenant ? next : one)) };
    if (!(await registry.replace(expected, JSON.parse(JSON.stringify(all)), change, call))) continue;
    await switched(call);
    const told = checkPolicies(next, { item: () => undefined }, rules.inspects);
    return { step, warnings: told.map(({ message, remedy }) => `${message} ${remedy}`) };
  }
  throw new Refusal(4, 'Others are changing the resources at this moment. Try again.');
}

/** What would be taken back is not what was meant, or is not all that has happened since. */
function refuseOther(step: PolicyStep, version: number | null, { id, policies }: StoredTenant): void {
  const newest = `version ${step.version}, by ${step.by} at ${rfc3339(step.at)}`;
  if (version !== null && version !== step.version)
    throw new Refusal(
      1,
      `The newest change of the rules of ${id} is ${newest}; only the newest one can be undone. "holdfast policy history --tenant ${id}" shows them all.`,
    );
  if (!isSame(policies, step.after))
    throw new Refusal(
      1,
      `The rules of ${id} have changed since ${newest}, in a way that was not written down. Apply a file with the rules that you want.`,
    );
}

function readable({ before, version }: PolicyStep): readonly RuleText[] {
  const read = ruleTexts.safeParse(before);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new Refusal(
    2,
    `This release can't read the rules from before version ${version}: ${issue?.message ?? 'not understood'} Apply a file with the rules that you want.`,
  );
}

function found(tenants: readonly StoredTenant[], id: string): StoredTenant {
  const tenant = tenants.find((one) => one.id === id);
  if (tenant !== undefined) return tenant;
  const ids = tenants.map((one) => one.id);
  throw new Refusal(1, `There is no tenant ${id}: ${ids.length === 0 ? 'there is none at all' : suggestion(id, ids)}`);
}

function shown({ tenant, version, at, by, undoes, before, after }: PolicyStep) {
  const lines = linesOf(before, after);
  return { tenant, version, at: rfc3339(at), by, undoes: undoes ?? null, lines, rules: after.length };
}

/** What makes one list of rules of another, in plain words. */
function linesOf(before: readonly unknown[], after: readonly unknown[]): string[] {
  const [old, next] = [byName(before), byName(after)];
  const kept = [...old.keys()].filter((name) => next.has(name));
  const order = [...next.keys()].filter((name) => old.has(name));
  return [
    ...[...next.keys()].filter((name) => !old.has(name)).map((name) => `+ ${name}`),
    ...[...old.keys()].filter((name) => !next.has(name)).map((name) => `- ${name}`),
    ...kept.filter((name) => !isSame(old.get(name), next.get(name))).map((name) => `~ ${name}`),
    ...(isSame(kept, order) ? [] : [`~ order: ${[...next.keys()].join(', ')}`]),
  ];
}

function byName(rules: readonly unknown[]): ReadonlyMap<string, unknown> {
  return new Map(rules.map((rule, i) => [(rule as { readonly name?: string }).name ?? String(i + 1), rule]));
}

function rfc3339(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+00:00');
}
