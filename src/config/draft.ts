/** A tenant as it is, and as applying a file would make it: for those who try rules before they count. Nothing is changed. */
import type { Call, Tenant } from '#/model/index.ts';
import type { Registry } from '#/ports/index.ts';
import { Refusal } from '#/ports/index.ts';
import { formatComplaints } from './complaint.ts';
import { previewResources } from './resources/apply.ts';
import type { PreparedFile } from './resources/prepare.ts';
import type { RuleContext } from './resources/rules.ts';
import type { StoredResources } from './resources/stored.ts';
import { tenantsOf } from './resources/tenants.ts';

export interface DraftRequest extends PreparedFile {
  /** Rules that the file does not name are left out. */
  readonly prune: boolean;
  /** Null: the one that the file names. */
  readonly tenant: string | null;
}

export interface TenantDraft {
  readonly now: Tenant;
  readonly draft: Tenant;
  readonly warnings: readonly string[];
}

/**
 * The part of a file that a dry run is about: rules, of each tenant that it names. Nobody needs its passwords for that, and whoever may try rules learns
 * nothing of other tenants by trying names and addresses.
 */
export function rulesOnly(document: unknown): { readonly tenants: readonly unknown[] } {
  const { tenants } = (document ?? {}) as { readonly tenants?: unknown };
  const all = Array.isArray(tenants) ? (tenants as readonly unknown[]) : [];
  return {
    tenants: all.map((tenant) => {
      const { id, policies } = (tenant ?? {}) as { readonly id?: unknown; readonly policies?: unknown };
      return { id, ...(policies === undefined ? {} : { policies }) };
    }),
  };
}

/** Refuses as `apply` does; and a file about another tenant. */
export async function draftOfTenant(
  request: DraftRequest,
  { registry, rules }: { readonly registry: Registry; readonly rules: RuleContext },
  call: Call,
): Promise<TenantDraft> {
  const document = rulesOnly(request.document);
  const id = onlyTenant({ ...request, document });
  const plan = { ...request, document, prune: request.prune ? (['policies'] as const) : [], setPasswords: false };
  const { before, after, warnings } = await previewResources(plan, { registry, rules }, call);
  const now = tenantIn(before, id, rules);
  const draft = tenantIn(after, id, rules);
  if (now === undefined || draft === undefined)
    throw new Refusal(1, `There is no tenant ${id} yet, so nothing is kept of its mail.`);
  return { now, draft, warnings: warnings.length === 0 ? [] : formatComplaints(warnings).split('\n') };
}

function onlyTenant({ document, tenant }: DraftRequest): string {
  const named = (document as { readonly tenants: readonly { readonly id?: unknown }[] }).tenants.map(({ id }) =>
    String(id),
  );
  const other = named.find((id) => id !== (tenant ?? named[0]));
  const [first] = named;
  if (first === undefined || other !== undefined)
    throw new Refusal(
      2,
      `A dry run is about one tenant: the file names ${first === undefined ? 'none' : named.join(', ')}${tenant === null ? '' : `, and ${tenant} is meant`}.`,
    );
  return first;
}

function tenantIn({ tenants }: StoredResources, id: string, rules: RuleContext): Tenant | undefined {
  return tenantsOf({ tenants: tenants.filter((one) => one.id === id) }, rules)[0];
}
