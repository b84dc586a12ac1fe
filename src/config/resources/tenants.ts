/** From stored resources to the tenants that acceptance and sign-in see. */

import { parseDuration, parseSize } from '#/codec/forms/index.ts';
import type {
  Bypass,
  DestinationKey,
  Domain,
  MailAddress,
  NoticeSettings,
  Relay,
  SendingLimits,
  StoredSecret,
  Tenant,
  TenantId,
  User,
} from '#/model/index.ts';
import { NOTICE_DEFAULTS, parseNetwork } from '#/model/index.ts';
import { touchesLoopback } from '../loopback.ts';
import { checkTerms } from '../settings/checks.ts';
import type { SecretJson } from './password.ts';
import type { RuleContext } from './rules.ts';
import type { StoredBypass, StoredLimits, StoredNotices, StoredRelay, StoredTenant, StoredUser } from './stored.ts';
import { readStored } from './stored.ts';

/** Contract, "Sending limits": a stolen password or a broken scanner must not reach the world's blocklists overnight. */
const LIMITS_OF_PEOPLE: SendingLimits = { per10m: 600, perDay: 10_000 };

/** Servers and clouds relay for whole companies. */
const UNLIMITED: SendingLimits = { per10m: 'unlimited', perDay: 'unlimited' };

/**
 * All tenants of a snapshot, defaults filled in. Loopback networks are left out where other machines reach `listen.smtp` (design 6).
 * @throws Fault `config.invalid` when the snapshot is damaged.
 */
export function tenantsOf(resources: unknown, context: RuleContext): readonly Tenant[] {
  return readStored(resources).tenants.map((tenant) => tenantOf(tenant, context));
}

function tenantOf(stored: StoredTenant, context: RuleContext): Tenant {
  const { id, name, language, timezone, contacts, domains, users, groups, relays, policies } = stored;
  const { resend, approvalByLink, noFacts } = stored;
  return {
    id: id as TenantId,
    name,
    language,
    timezone,
    contacts: contacts as readonly MailAddress[],
    // Proven, because the operator applied them (contract).
    domains: domains.map(({ name: domain, catchAll }) => ({
      name: domain as Domain,
      catchAll: (catchAll ?? null) as MailAddress | null,
      proven: true,
    })),
    users: users.map((user) => userOf(user, stored)),
    groups: groups.map((group) => ({
      name: group.name,
      address: group.address as MailAddress,
      members: group.members as readonly MailAddress[],
    })),
    relays: relays.map((relay) => relayOf(relay, stored, context)),
    policies,
    ...(stored.signatures.length > 0 && { signatures: stored.signatures }),
    notices: noticesOf(stored.notices),
    limits: limitsOf(stored.limits, UNLIMITED),
    resend,
    approvalByLink,
    noFacts,
    downloadBytes: parseSize(stored.downloadQuota ?? ''),
    ...(stored.checks !== undefined && { checks: checksOf(stored.checks) }),
    ...(stored.bypass !== undefined && { bypass: bypassOf(stored.bypass) }),
    cell: context.cells === null ? null : (stored.cell ?? context.cells[0] ?? null),
  };
}

function checksOf(stored: NonNullable<StoredTenant['checks']>): NonNullable<Tenant['checks']> {
  return Object.fromEntries(Object.entries(stored).map(([name, terms]) => [name, checkTerms.parse(terms)]));
}

function bypassOf({ destination, ...bypass }: StoredBypass): Bypass {
  return { ...bypass, destination: (destination ?? null) as DestinationKey | null };
}

function userOf(user: StoredUser, tenant: StoredTenant): User {
  const { address, aliases, password, roles, attributes, limits, quota, imap, disabled } = user;
  return {
    address: address as MailAddress,
    aliases: aliases as readonly MailAddress[],
    secret: secretOf(password),
    roles,
    attributes,
    limits: limitsOf(limits, LIMITS_OF_PEOPLE),
    quotaBytes: parseSize(quota ?? tenant.quota ?? ''),
    imapOff: new Set((imap?.off ?? []).map((name) => name.toUpperCase())),
    disabled,
  };
}

function relayOf(relay: StoredRelay, tenant: StoredTenant, context: RuleContext): Relay {
  const { name, kind, username, password, networks, cloudTenant, senders, limits, disabled } = relay;
  const isMachineOfOne = kind === 'device' || kind === 'app';
  return {
    name,
    kind,
    username: username ?? null,
    secret: secretOf(password),
    networks: networks.filter((network) => !context.smtpBeyondLoopback || !isLoopback(network)),
    cloudTenant: cloudTenant ?? null,
    connectorSecret: secretOf(relay.secret),
    formerSecret: secretOf(relay.formerSecret),
    returnsTo: (relay.returnTo ?? null) as Domain | null,
    // Who names none may use the tenant's own domains, and nobody else's.
    senders: senders.length > 0 ? senders : tenant.domains.map(({ name: domain }) => `*@${domain}`),
    limits: limitsOf(limits, isMachineOfOne ? LIMITS_OF_PEOPLE : UNLIMITED),
    disabled,
  };
}

function noticesOf(stored: StoredNotices | undefined): NoticeSettings {
  const { held, reminderMs, subject } = NOTICE_DEFAULTS;
  const given = stored?.reminders?.flatMap((text) => parseDuration(text) ?? []).sort((a, b) => a - b);
  return { held: stored?.held ?? held, reminderMs: given ?? reminderMs, subject: stored?.subject ?? subject };
}

function isLoopback(text: string): boolean {
  const network = parseNetwork(text);
  return network === null || touchesLoopback(network);
}

function limitsOf(limits: StoredLimits | undefined, defaults: SendingLimits): SendingLimits {
  return { per10m: limits?.per10m ?? defaults.per10m, perDay: limits?.perDay ?? defaults.perDay };
}

function secretOf(json: SecretJson | undefined): StoredSecret | null {
  if (json === undefined) return null;
  if ('argon2id' in json) return { kind: 'argon2id', phc: json.argon2id };
  if ('crypt' in json) return { kind: 'crypt', hash: json.crypt };
  return { kind: 'sha256', hex: json.sha256, scram: json.scram ?? null };
}
