/**
 * The form of resource files (contract, "Resources"). The same form is kept in the registry and written by `export`, where a password is
 * never plain. What a key leaves out stays as it is; `null` takes an optional value away.
 */
import { z } from 'zod';
import { closed, either, oneOf, parseDuration, parseSize, readBy } from '#/codec/forms/index.ts';
import { switchableCapabilities } from '#/codec/imap/index.ts';
import { parseMailAddress } from '#/codec/smtp/index.ts';
import type { Domain, MailAddress } from '#/model/index.ts';
import { ruleTexts } from '#/policy/index.ts';
import { signatureTexts } from '#/signature/index.ts';
import { checkTerms } from '../settings/checks.ts';
import { hostName, mailAddress, network, onOff, text } from '../settings/kinds.ts';
import { password } from './password.ts';

/** What a person may be beside a user of mail. */
export const USER_ROLES = ['admin', 'approver', 'agent'] as const;

/** Lists inside a tenant whose items have a name of their own, and how that key is called. */
export const NAMED_LISTS = {
  domains: 'name',
  users: 'address',
  groups: 'name',
  relays: 'name',
  policies: 'name',
  signatures: 'name',
  desks: 'name',
} as const;

export type NamedList = keyof typeof NAMED_LISTS;

const TENANT_ID = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const USERNAME = /^[^\s\p{Cc}:]{1,255}$/u;

const shortText = text.schema.refine((value) => value.length <= 512, {
  error: 'The text is too long.',
  params: { remedy: 'keep it within 512 characters' },
});

const limit = z.unknown().transform((raw, context): number | 'unlimited' => {
  if (raw === 'unlimited') return raw;
  if (typeof raw === 'number' && Number.isSafeInteger(raw) && raw >= 0) return raw;
  const remedy = "write a whole number of recipients, or 'unlimited'";
  context.addIssue({ code: 'custom', message: 'This is no limit.', params: { remedy } });
  return z.NEVER;
});

const limits = closed({ per10m: limit.optional(), perDay: limit.optional() });

const quota = readBy(
  (raw) => (parseSize(raw) === null ? null : raw),
  'size',
  'write a number and its unit, such as 5GB',
);

const attribute = z
  .union([z.string(), z.number(), z.boolean()], { error: () => 'An attribute is a text.' })
  .transform(String)
  .nullable();

const sender = readBy(readSender, 'sender', "write an address, or '*@example.test' for all of a domain");

function readSender(raw: string): string | null {
  if (!raw.startsWith('*@')) return parseMailAddress(raw);
  const address = parseMailAddress(`any${raw.slice(1)}`);
  return address === null ? null : `*${address.slice(3)}`;
}

const timezone = readBy(readTimezone, 'time zone', 'write a name such as Europe/Berlin or Asia/Tokyo');

function readTimezone(raw: string): string | null {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: raw }).resolvedOptions().timeZone === '' ? null : raw;
  } catch {
    return null;
  }
}

const longDomain = closed({ name: hostName.schema, catchAll: mailAddress.nullable().optional() });

const domain = either<{ name: Domain; catchAll?: MailAddress | null | undefined }>((raw) =>
  typeof raw === 'string' ? hostName.schema.transform((name) => ({ name })) : longDomain,
);

const capability = readBy(
  (raw) => switchableCapabilities.find((name) => name.toUpperCase() === raw.toUpperCase()) ?? null,
  'IMAP capability that can be turned off',
  `choose of ${switchableCapabilities.join(', ')}`,
);

const imap = closed({ off: z.array(capability).max(switchableCapabilities.length).optional() });

const user = closed({
  address: mailAddress,
  password: password.nullable().optional(),
  aliases: z.array(mailAddress).optional(),
  roles: z.array(oneOf(...USER_ROLES)).optional(),
  attributes: z.record(z.string(), attribute).optional(),
  limits: limits.nullable().optional(),
  quota: quota.nullable().optional(),
  imap: imap.nullable().optional(),
  disabled: onOff.schema.optional(),
});

const group = closed({ name: shortText, address: mailAddress, members: z.array(mailAddress).optional() });

const username = readBy(
  (raw) => (USERNAME.test(raw) ? raw : null),
  'username',
  'use letters and figures without spaces or colons',
);

const relay = closed({
  name: shortText,
  kind: oneOf('server', 'device', 'app', 'microsoft365', 'google'),
  username: username.nullable().optional(),
  password: password.nullable().optional(),
  networks: z.array(network.schema).optional(),
  wide: onOff.schema.optional(),
  senders: z.array(sender).optional(),
  limits: limits.nullable().optional(),
  cloudTenant: shortText.nullable().optional(),
  secret: password.nullable().optional(),
  formerSecret: password.nullable().optional(),
  returnTo: hostName.schema.nullable().optional(),
  disabled: onOff.schema.optional(),
});

const reminder = readBy(
  (raw) => (parseDuration(raw) === null ? null : raw),
  'duration',
  'write a number and its unit, such as 4h or 3d',
);

const notices = closed({
  held: oneOf('all', 'waiting', 'off').optional(),
  reminders: z.array(reminder).max(10).optional(),
  subject: onOff.schema.optional(),
});

/** By names of ours, and of `checks` in holdfast.yaml. Checked here, kept as it was written. */
const checksOfTenant = z
  .record(z.string().regex(/^[a-zA-Z][a-zA-Z0-9-]{0,31}$/), z.unknown())
  .transform((raw, context) => {
    for (const [name, terms] of Object.entries(raw)) {
      const issues = checkTerms.safeParse(terms).error?.issues ?? [];
      for (const issue of issues)
        context.issues.push({ ...issue, input: terms, path: [name, ...issue.path] } as z.core.$ZodRawIssue);
    }
    return raw as Readonly<Record<string, StoredCheck>>;
  });

export interface StoredCheck {
  readonly absence?: string;
  /** A duration with its unit. */
  readonly deadline?: string;
}

// Its meaning comes with a later release; here only what names it is looked at.
const desk = z.looseObject({ name: shortText, address: mailAddress, agents: z.array(mailAddress).optional() });

/** Kept with a tenant, and set by `holdfast bypass` alone: a file that brings one is refused. */
const bypass = closed({
  since: z.int(),
  until: z.int(),
  by: shortText,
  reason: shortText,
  destination: shortText.optional(),
});

const tenantId = readBy(
  (raw) => (TENANT_ID.test(raw) && !raw.startsWith('holdfast') ? raw : null),
  'tenant id',
  'use up to 63 small letters, figures and hyphens; names beginning with holdfast are ours',
);

const tenant = closed({
  id: tenantId,
  name: shortText.optional(),
  language: oneOf('en', 'ja').optional(),
  timezone: timezone.optional(),
  contacts: z.array(mailAddress).optional(),
  cell: shortText.nullable().optional(),
  resend: onOff.schema.optional(),
  approvalByLink: onOff.schema.optional(),
  noFacts: onOff.schema.optional(),
  checks: checksOfTenant.nullable().optional(),
  quota: quota.nullable().optional(),
  downloadQuota: quota.nullable().optional(),
  limits: limits.nullable().optional(),
  notices: notices.nullable().optional(),
  domains: z.array(domain).optional(),
  users: z.array(user).optional(),
  groups: z.array(group).optional(),
  relays: z.array(relay).optional(),
  policies: ruleTexts.optional(),
  signatures: signatureTexts.optional(),
  desks: z.array(desk).optional(),
  bypass: bypass.optional(),
});

/** A whole resource file; an empty one declares nothing. */
export const resourceFile = closed({ tenants: z.array(tenant).optional() });

export type ResourceFile = z.output<typeof resourceFile>;
export type TenantResource = z.output<typeof tenant>;
export type UserResource = z.output<typeof user>;
export type RelayResource = z.output<typeof relay>;
