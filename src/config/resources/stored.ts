/** Resources as the registry keeps them: every list there, every password hashed. The form is that of resource files, so that `export` is valid input. */
import { Fault } from '#/model/index.ts';
import type { RuleText } from '#/policy/index.ts';
import type { SignatureText } from '#/signature/index.ts';
import { formatPath } from '../complaint.ts';
import { findingsOf } from '../findings.ts';
import type { SecretJson } from './password.ts';
import { secretJson } from './password.ts';
import type { RelayResource, StoredCheck, TenantResource, UserResource } from './schema.ts';
import { resourceFile } from './schema.ts';

export interface StoredLimits {
  readonly per10m?: number | 'unlimited' | undefined;
  readonly perDay?: number | 'unlimited' | undefined;
}

export interface StoredNotices {
  readonly held?: 'all' | 'waiting' | 'off' | undefined;
  /** Durations with their units. */
  readonly reminders?: readonly string[] | undefined;
  readonly subject?: boolean | undefined;
}

export interface StoredDomain {
  readonly name: string;
  readonly catchAll?: string | undefined;
}

export interface StoredUser {
  readonly address: string;
  readonly password?: SecretJson | undefined;
  readonly aliases: readonly string[];
  readonly roles: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly limits?: StoredLimits | undefined;
  readonly quota?: string | undefined;
  /** Capabilities that this user's programs are not offered. */
  readonly imap?: { readonly off?: readonly string[] | undefined } | undefined;
  readonly disabled: boolean;
}

export interface StoredGroup {
  readonly name: string;
  readonly address: string;
  readonly members: readonly string[];
}

export interface StoredRelay {
  readonly name: string;
  readonly kind: RelayResource['kind'];
  readonly username?: string | undefined;
  readonly password?: SecretJson | undefined;
  readonly networks: readonly string[];
  readonly wide: boolean;
  readonly senders: readonly string[];
  readonly limits?: StoredLimits | undefined;
  readonly cloudTenant?: string | undefined;
  readonly secret?: SecretJson | undefined;
  readonly formerSecret?: SecretJson | undefined;
  readonly returnTo?: string | undefined;
  readonly disabled: boolean;
}

/** The last bypass of a tenant, over or not. Times are wall-clock ms. */
export interface StoredBypass {
  readonly since: number;
  readonly until: number;
  readonly by: string;
  readonly reason: string;
  readonly destination?: string | undefined;
}

/** A desk: kept for the release that acts on it. */
export type StoredOther = { readonly name: string } & Readonly<Record<string, unknown>>;

export interface StoredTenant {
  readonly id: string;
  readonly name: string;
  readonly language: 'en' | 'ja';
  readonly timezone: string;
  readonly contacts: readonly string[];
  readonly cell?: string | undefined;
  readonly resend: boolean;
  readonly approvalByLink: boolean;
  readonly noFacts: boolean;
  readonly checks?: Readonly<Record<string, StoredCheck>> | undefined;
  readonly quota?: string | undefined;
  readonly downloadQuota?: string | undefined;
  readonly limits?: StoredLimits | undefined;
  readonly notices?: StoredNotices | undefined;
  readonly domains: readonly StoredDomain[];
  readonly users: readonly StoredUser[];
  readonly groups: readonly StoredGroup[];
  readonly relays: readonly StoredRelay[];
  /** As they were written; `policy/` reads them. */
  readonly policies: readonly RuleText[];
  /** As they were written; `signature/` reads them. */
  readonly signatures: readonly SignatureText[];
  readonly desks: readonly StoredOther[];
  readonly bypass?: StoredBypass | undefined;
}

export interface StoredResources {
  readonly tenants: readonly StoredTenant[];
}

/** Before the first `apply`. */
export const NO_RESOURCES: StoredResources = { tenants: [] };

/**
 * Reads a snapshot of the registry.
 * @throws Fault `config.invalid` when it is not what we once wrote: then the last good generation goes on serving (C5).
 */
export function readStored(resources: unknown): StoredResources {
  if (resources === null || resources === undefined) return NO_RESOURCES;
  const parsed = resourceFile.safeParse(resources);
  if (parsed.success) return { tenants: (parsed.data.tenants ?? []).map(storedTenant) };
  const [first] = findingsOf(parsed.error, []);
  throw new Fault('config.invalid', `The stored resources are damaged: ${first?.message ?? formatPath([])}`);
}

function storedTenant(tenant: TenantResource): StoredTenant {
  return {
    ...emptyTenant(tenant.id),
    name: tenant.name ?? tenant.id,
    language: tenant.language ?? 'en',
    timezone: tenant.timezone ?? 'UTC',
    contacts: tenant.contacts ?? [],
    cell: tenant.cell ?? undefined,
    resend: tenant.resend ?? false,
    approvalByLink: tenant.approvalByLink ?? false,
    noFacts: tenant.noFacts ?? false,
    checks: tenant.checks ?? undefined,
    quota: tenant.quota ?? undefined,
    downloadQuota: tenant.downloadQuota ?? undefined,
    limits: tenant.limits ?? undefined,
    notices: tenant.notices ?? undefined,
    domains: (tenant.domains ?? []).map(({ name, catchAll }) => ({ name, catchAll: catchAll ?? undefined })),
    users: (tenant.users ?? []).map(storedUser),
    groups: (tenant.groups ?? []).map(({ name, address, members }) => ({ name, address, members: members ?? [] })),
    relays: (tenant.relays ?? []).map(storedRelay),
    policies: tenant.policies ?? [],
    signatures: tenant.signatures ?? [],
    desks: tenant.desks ?? [],
    bypass: tenant.bypass,
  };
}

/** A tenant that nothing has been said about but its id. */
export function emptyTenant(id: string): StoredTenant {
  return {
    id,
    name: id,
    language: 'en',
    timezone: 'UTC',
    contacts: [],
    resend: false,
    approvalByLink: false,
    noFacts: false,
    domains: [],
    users: [],
    groups: [],
    relays: [],
    policies: [],
    signatures: [],
    desks: [],
  };
}

function storedUser(user: UserResource): StoredUser {
  const attributes = Object.entries(user.attributes ?? {}).filter((entry) => entry[1] !== null);
  return {
    address: user.address,
    password: storedPassword(user.password),
    aliases: user.aliases ?? [],
    roles: user.roles ?? [],
    attributes: Object.fromEntries(attributes) as Record<string, string>,
    limits: user.limits ?? undefined,
    quota: user.quota ?? undefined,
    imap: user.imap ?? undefined,
    disabled: user.disabled ?? false,
  };
}

function storedRelay(relay: RelayResource): StoredRelay {
  return {
    name: relay.name,
    kind: relay.kind,
    username: relay.username ?? undefined,
    password: storedPassword(relay.password),
    networks: relay.networks ?? [],
    wide: relay.wide ?? false,
    senders: relay.senders ?? [],
    limits: relay.limits ?? undefined,
    cloudTenant: relay.cloudTenant ?? undefined,
    secret: storedPassword(relay.secret),
    formerSecret: storedPassword(relay.formerSecret),
    returnTo: relay.returnTo ?? undefined,
    disabled: relay.disabled ?? false,
  };
}

function storedPassword(password: UserResource['password']): SecretJson | undefined {
  if (password === undefined || password === null) return undefined;
  if (password.kind !== 'stored') throw new Fault('config.invalid', 'A stored password is not hashed.');
  return secretJson(password.secret);
}
