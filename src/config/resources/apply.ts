/**
 * `resources.apply`: check, plan, hash, switch. Whole or not at all, and against the version that was planned for: when somebody else
 * was quicker, it plans again (C5).
 */
import { setImmediate } from 'node:timers/promises';
import type { Call, StoredSecret } from '#/model/index.ts';
import type { Clock, PolicyEdit, Registry } from '#/ports/index.ts';
import { Refusal } from '#/ports/index.ts';
import type { Complaint, Finding } from '../complaint.ts';
import { formatComplaints, hasMistakes, inOrder } from '../complaint.ts';
import { findingsOf, placed } from '../findings.ts';
import { isSame } from './merge.ts';
import type { SecretJson } from './password.ts';
import { generatePassword, secretJson, UNMADE } from './password.ts';
import type { PendingSecret, Plan, PlanOptions } from './plan.ts';
import { planResources } from './plan.ts';
import type { PreparedFile } from './prepare.ts';
import { placeIn } from './prepare.ts';
import type { RuleContext } from './rules.ts';
import { checkResources } from './rules.ts';
import type { ResourceFile } from './schema.ts';
import { resourceFile } from './schema.ts';
import type { StoredResources } from './stored.ts';
import { readStored } from './stored.ts';

/** Who turns passwords into what is kept; `auth/` does. */
export interface SecretMaker {
  /** A chosen password, slow to guess; faults `call.late`. */
  hashPassword(plain: string, call: Call): Promise<StoredSecret>;
  /** One that was generated with at least 128 bits. */
  hashGenerated(plain: string): StoredSecret;
}

export interface ApplyParts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly secrets: SecretMaker;
  readonly rules: RuleContext;
  /** Called after a switch, so that this process serves the new generation at once. */
  readonly switched: (call: Call) => Promise<void>;
}

export interface ApplyRequest extends PreparedFile, PlanOptions {
  readonly dryRun: boolean;
  readonly by: string;
}

export interface Applied {
  readonly lines: readonly string[];
  /** The registry's version afterwards; unchanged by a dry run and by a file that changes nothing. */
  readonly version: number;
  readonly warnings: readonly Complaint[];
  /** Shown once; kept nowhere. */
  readonly generated: readonly { readonly owner: string; readonly password: string }[];
}

/** When others keep being quicker than us, something is wrong. */
const ATTEMPTS_MAX = 5;

/** The resources as they are, and as applying a file would make them. A file with mistakes is refused whole; nothing is changed. */
export async function previewResources(
  request: PreparedFile & PlanOptions,
  { registry, rules }: Pick<ApplyParts, 'registry' | 'rules'>,
  call: Call,
): Promise<{
  readonly before: StoredResources;
  readonly after: StoredResources;
  readonly warnings: readonly Complaint[];
}> {
  const file = parsed(request);
  const before = readStored((await registry.load(call)).resources);
  await breathe();
  const plan = planResources(file, before, request);
  await breathe();
  const warnings = checked(request, file, { plan, stored: before }, rules);
  return { before, after: planned(plan), warnings };
}

/** Applies one file. A file with mistakes is refused whole, all of them in the message. */
export async function applyResources(request: ApplyRequest, parts: ApplyParts, call: Call): Promise<Applied> {
  const file = parsed(request);
  await breathe();
  const secrets = new Map<string, MadeSecret>();
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const { version, resources } = await parts.registry.load(call);
    const stored = readStored(resources);
    await breathe();
    const plan = planResources(file, stored, request);
    await breathe();
    const warnings = checked(request, file, { plan, stored }, parts.rules);
    await breathe();
    if (request.dryRun || plan.lines.length === 0) return { lines: plan.lines, version, warnings, generated: [] };
    await makeSecrets(plan.pending, secrets, parts.secrets, call);
    const next = readStored(filledIn(plan, secrets));
    const policies = policyEdits(stored, next);
    const change = { at: parts.clock.now(), by: request.by, lines: plan.lines, policies };
    if (!(await parts.registry.replace(version, next, change, call))) continue;
    await parts.switched(call);
    // With cells a file may have changed several of them, and each counts.
    const { version: after } = await parts.registry.load(call);
    return { lines: plan.lines, version: after, warnings, generated: shownOnce(plan.pending, secrets) };
  }
  throw new Refusal(4, 'Others are changing the resources at this moment. Try again.');
}

/** What an undo of this change of rules needs. */
function policyEdits(before: StoredResources, after: StoredResources): PolicyEdit[] {
  const old = new Map(before.tenants.map(({ id, policies }) => [id, policies]));
  return after.tenants.flatMap(({ id, policies }) => {
    const was = old.get(id) ?? [];
    return isSame(was, policies) ? [] : [{ tenant: id, before: was, after: policies }];
  });
}

// Ten thousand users take a tenth of a second a step; mail goes on between the steps.
async function breathe(): Promise<void> {
  await setImmediate();
}

function parsed(request: PreparedFile): ResourceFile {
  const result = resourceFile.safeParse(request.document ?? {});
  if (result.success) return result.data;
  return refuse(complaints(request, findingsOf(result.error, [])));
}

function checked(
  request: PreparedFile,
  file: ResourceFile,
  { plan, stored }: { readonly plan: Plan; readonly stored: StoredResources },
  rules: RuleContext,
): Complaint[] {
  const found = inOrder(complaints(request, checkResources(file, planned(plan), stored, rules)));
  return hasMistakes(found) ? refuse(found) : found;
}

function complaints({ file, places }: PreparedFile, findings: readonly Finding[]): Complaint[] {
  return placed(findings, { file, placeOf: (path, atKey) => placeIn(places, path, atKey) });
}

function refuse(found: readonly Complaint[]): never {
  throw new Refusal(2, `Nothing was changed.\n${formatComplaints(found)}`);
}

interface MadeSecret {
  readonly json: SecretJson;
  readonly generated: string | null;
}

async function makeSecrets(
  pending: readonly PendingSecret[],
  made: Map<string, MadeSecret>,
  maker: SecretMaker,
  call: Call,
): Promise<void> {
  for (const { id, plain } of pending) {
    if (made.has(id)) continue;
    const generated = plain === null ? generatePassword() : null;
    const secret = generated === null ? await maker.hashPassword(plain ?? '', call) : maker.hashGenerated(generated);
    made.set(id, { json: secretJson(secret), generated });
  }
}

function planned(plan: Plan): StoredResources {
  return readStored(replacePending(plan.next, () => UNMADE));
}

function filledIn(plan: Plan, secrets: ReadonlyMap<string, MadeSecret>): unknown {
  return replacePending(plan.next, (id) => secrets.get(id)?.json ?? UNMADE);
}

function replacePending(next: Plan['next'], jsonOf: (id: string) => SecretJson): unknown {
  const fill = (item: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(item).map(([key, value]) => [key, isPending(value) ? jsonOf(value.pending) : value]),
    );
  const tenants = next.tenants.map((tenant) => ({
    ...tenant,
    users: (tenant.users as Record<string, unknown>[]).map(fill),
    relays: (tenant.relays as Record<string, unknown>[]).map(fill),
  }));
  return JSON.parse(JSON.stringify({ tenants }));
}

function isPending(value: unknown): value is { pending: string } {
  return typeof value === 'object' && value !== null && 'pending' in value;
}

function shownOnce(pending: readonly PendingSecret[], made: ReadonlyMap<string, MadeSecret>): Applied['generated'] {
  return pending.flatMap(({ id, owner }) => {
    const password = made.get(id)?.generated ?? null;
    return password === null ? [] : [{ owner, password }];
  });
}
