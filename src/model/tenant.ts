import type { DestinationKey } from './destination.ts';
import type { Domain, MailAddress } from './mail-address.ts';

export type TenantId = string & { readonly __brand: 'TenantId' };

/** Who is responsible for mail of the installation itself (postmaster, notices to operators, mail no tenant owns). */
export const SYSTEM_TENANT = 'holdfast' as TenantId;

/** Owns the mail of `holdfast try` and of probes; left out of the books that are shown (contract). */
export const PROBE_TENANT = 'holdfast-probe' as TenantId;

/** Where test mail goes: through inspection into the built-in sink, and into a mailbox of its own. RFC 6761 §6.4: nobody has such a domain. */
export const PROBE_SINK = 'sink@probe.invalid' as MailAddress;
export const PROBE_MAILBOX = 'mailbox@probe.invalid' as MailAddress;

/** Recipients per time; `unlimited` lifts a default (contract). */
export interface SendingLimits {
  readonly per10m: number | 'unlimited';
  readonly perDay: number | 'unlimited';
}

/** A password or key as it is kept (contract, `export`). */
export type StoredSecret =
  | { readonly kind: 'argon2id'; readonly phc: string }
  | { readonly kind: 'crypt'; readonly hash: string }
  /** SHA-256, hex, of a generated secret with at least 128 bits. */
  | { readonly kind: 'sha256'; readonly hex: string; readonly scram: string | null };

export interface User {
  readonly address: MailAddress;
  readonly aliases: readonly MailAddress[];
  readonly secret: StoredSecret | null;
  readonly roles: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly limits: SendingLimits;
  /** Octets that their mailboxes may hold; null: any (contract, `quota`). */
  readonly quotaBytes: number | null;
  /** IMAP capabilities that their programs are not offered, in capitals: some of them have bugs. */
  readonly imapOff: ReadonlySet<string>;
  readonly disabled: boolean;
}

export interface Group {
  readonly name: string;
  readonly address: MailAddress;
  /** Addresses of users, other groups or the outside. */
  readonly members: readonly MailAddress[];
}

export type RelayKind = 'server' | 'device' | 'app' | 'microsoft365' | 'google';

/** A machine that sends through us: known by SMTP AUTH, by network, or by cloud (M1). */
export interface Relay {
  readonly name: string;
  readonly kind: RelayKind;
  readonly username: string | null;
  readonly secret: StoredSecret | null;
  /** CIDR. */
  readonly networks: readonly string[];
  readonly cloudTenant: string | null;
  /** What X-Holdfast-Connector must carry for a cloud relay (design 6). */
  readonly connectorSecret: StoredSecret | null;
  /** The secret before it, which counts as well while the cloud's rule is changed. */
  readonly formerSecret: StoredSecret | null;
  /** The host of the cloud that its mail goes back to, whoever the recipients are; null: it goes on as all mail does. */
  readonly returnsTo: Domain | null;
  /** Reverse-paths it may use: addresses or `*@domain`. */
  readonly senders: readonly string[];
  readonly limits: SendingLimits;
  readonly disabled: boolean;
}

export interface TenantDomain {
  readonly name: Domain;
  readonly catchAll: MailAddress | null;
  /** Proven by the operator or by DNS; else inert (design 6). */
  readonly proven: boolean;
}

/** What people of a tenant are told of mail that policy has decided on. Approvers are always asked. */
export interface NoticeSettings {
  /** Of which held mail its sender is told: all; what waits for somebody; none. */
  readonly held: 'all' | 'waiting' | 'off';
  /** ms from the begin of the wait at which people are reminded, ascending. */
  readonly reminderMs: readonly number[];
  /** Whether notices name the subject of the mail. */
  readonly subject: boolean;
}

const DAY_MS = 86_400_000;

/** Senders of held mail elsewhere learn of it when it has been deleted (products.md 2G: warned on day 1, 3 and 7). */
export const NOTICE_DEFAULTS: NoticeSettings = {
  held: 'all',
  reminderMs: [DAY_MS, 3 * DAY_MS, 7 * DAY_MS],
  subject: true,
};

/** An operator's word that a tenant's mail goes by inspection for a time (M8). */
export interface Bypass {
  /** Wall-clock ms; `until` is its end, by itself. */
  readonly since: number;
  readonly until: number;
  readonly by: string;
  readonly reason: string;
  /** The next hop of what leaves meanwhile; null: as always. */
  readonly destination: DestinationKey | null;
}

/** A tenant's word on one check. */
export interface TenantCheck {
  readonly absence?: 'hold' | 'deliver-unchanged' | 'defer' | undefined;
  readonly deadlineMs?: number | undefined;
}

export interface Tenant {
  readonly id: TenantId;
  readonly name: string;
  readonly language: 'en' | 'ja';
  readonly timezone: string;
  readonly contacts: readonly MailAddress[];
  readonly domains: readonly TenantDomain[];
  readonly users: readonly User[];
  readonly groups: readonly Group[];
  readonly relays: readonly Relay[];
  /** DLP rules in their order, as they were written; `policy/` has read them once and found them good. */
  readonly policies: readonly Readonly<Record<string, unknown>>[];
  /** Signatures in their order, as they were written; `signature/` has read them once. Absent of those who have none. */
  readonly signatures?: readonly Readonly<Record<string, unknown>>[];
  readonly notices: NoticeSettings;
  readonly limits: SendingLimits;
  readonly resend: boolean;
  /** Whether who was asked to approve a mail may do so by the link that they were sent, without signing in (design 6). */
  readonly approvalByLink: boolean;
  /** What its mail may ask of checks, by their names: what their absence does, and their time for one mail. Absent: as the installation says. */
  readonly checks?: Readonly<Record<string, TenantCheck>>;
  /** Whether nothing of its mail is kept for dry runs of rules; absent: it is. */
  readonly noFacts?: boolean;
  /** Octets that its secure downloads may take together; null: as much as an installation gives by default. */
  readonly downloadBytes: number | null;
  /** The last one, over or not; absent of nearly all. */
  readonly bypass?: Bypass;
  /** In which of several stores its mail is kept (design 4, Cells); null where there is one store. */
  readonly cell: string | null;
}

/**
 * Who sends in this transaction. `peer`: nobody we know (MX). `system`: we.
 * `name` is the user's address, the relay's name, or empty; ids stand in the journal, not addresses.
 */
export interface Identity {
  readonly kind: 'user' | 'relay' | 'peer' | 'system';
  readonly tenant: TenantId | null;
  readonly name: string;
}

/**
 * Whether somebody has shown who sends: then the reverse-path is theirs, may be believed, and may be sent a report. Of a forward (`system`) it may
 * be a stranger's, who is anybody (design 1, Before and after the 250).
 */
export function isProven({ kind }: Identity): boolean {
  return kind === 'user' || kind === 'relay';
}

/** Whether somebody of another tenant of this installation sent a mail of this one: proven, but no one of theirs. */
export function isNeighbour({ tenant: home }: Identity, tenant: TenantId): boolean {
  return home !== null && home !== tenant;
}

/** What a rule had copied (`addBcc`, `archiveCopy`) is a mail of ours under this name: no rule copies it again. */
export function copyIdentity(tenant: TenantId): Identity {
  return { kind: 'system', tenant, name: COPY };
}

/** Whether a mail is the copy that a rule asked for. Forwards are named by an address. */
export function isCopy({ kind, name }: Identity): boolean {
  return kind === 'system' && name === COPY;
}

const COPY = 'copy';

/** The other end of a connection, after PROXY or XCLIENT where those are trusted. */
export interface PeerAddress {
  readonly address: string;
  readonly port: number;
  /** From XCLIENT or a verified reverse look-up; null is unknown. */
  readonly name: string | null;
}
