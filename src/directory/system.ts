/** The installation's own two tenants: they take part in look-ups, and no list shows them. */
import type { Domain, MailAddress, Tenant, User } from '#/model/index.ts';
import { NOTICE_DEFAULTS, PROBE_MAILBOX, PROBE_TENANT, SYSTEM_TENANT } from '#/model/index.ts';

/** Who the installation is. */
export interface Installation {
  readonly hostname: Domain;
  /** Addresses of the operators. */
  readonly operators: readonly MailAddress[];
  /** The cell in which its own mail is; null where there is one store. */
  readonly cell: string | null;
}

/** RFC 5321 §4.5.1: postmaster of our own name reaches the operators, where there are any. */
export function ownTenants({ hostname, operators, cell }: Installation): readonly Tenant[] {
  const postmaster = { name: 'postmaster', address: `postmaster@${hostname}` as MailAddress, members: operators };
  const system: Tenant = {
    ...EMPTY,
    cell,
    id: SYSTEM_TENANT,
    name: 'Holdfast',
    contacts: operators,
    domains: [{ name: hostname, catchAll: null, proven: true }],
    groups: operators.length === 0 ? [] : [postmaster],
  };
  // Without a domain: no door takes mail for that mailbox from anybody else.
  return [system, { ...EMPTY, cell, id: PROBE_TENANT, name: 'Probes', users: [PROBE_USER] }];
}

/** Nobody can sign in as it: there is no password. */
const PROBE_USER: User = {
  address: PROBE_MAILBOX,
  aliases: [],
  secret: null,
  roles: [],
  attributes: {},
  limits: { per10m: 'unlimited', perDay: 'unlimited' },
  quotaBytes: 10 * 1024 * 1024,
  imapOff: new Set(),
  disabled: false,
};

const EMPTY = {
  language: 'en',
  timezone: 'UTC',
  contacts: [],
  domains: [],
  users: [],
  groups: [],
  relays: [],
  policies: [],
  limits: { per10m: 'unlimited', perDay: 'unlimited' },
  notices: NOTICE_DEFAULTS,
  resend: false,
  approvalByLink: false,
  downloadBytes: null,
} as const;
