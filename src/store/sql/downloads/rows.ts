/** Rows of secure downloads <-> values. */
import type { MailAddress, MailId, PolicyVersion, ShareId, TenantId } from '#/model/index.ts';
import type { DueLink, LinkEvent, Share, ShareFile, ShareLink, ShareTerms } from '#/ports/index.ts';
import type { SqlRow } from '../batches.ts';

export interface ShareRow {
  readonly id: string;
  readonly tenant: string;
  readonly message: string;
  readonly owner: string | null;
  readonly subject: string;
  readonly language: string;
  readonly proof: string;
  readonly expire_ms: number;
  readonly downloads: number;
  readonly made_at: number;
}

export interface LinkRow {
  readonly share: string;
  readonly n: number;
  readonly address: string;
  readonly version: string;
  readonly state: string;
  readonly reason: string;
  readonly locked: number;
  readonly sent_at: number | null;
  readonly expires_at: number | null;
  readonly ended_at: number | null;
  readonly told: number;
}

interface FileRow {
  readonly share: string;
  readonly n: number;
  readonly name: string;
  readonly bytes: number;
}

interface UseRow {
  readonly share: string;
  readonly n: number;
  readonly file: number;
  readonly taken: number;
}

interface EventRow {
  readonly n: number | null;
  readonly at: number;
  readonly kind: string;
  readonly file: number | null;
  readonly by: string;
}

/** The rows of some statement, as the tables of this folder have them. */
export function as<Row>(rows: readonly SqlRow[] | undefined): readonly Row[] {
  return (rows ?? []) as unknown as readonly Row[];
}

export function termsOf(row: ShareRow): ShareTerms {
  return {
    id: row.id as ShareId,
    tenant: row.tenant as TenantId,
    message: row.message as MailId,
    owner: row.owner as MailAddress | null,
    subject: row.subject,
    language: row.language as ShareTerms['language'],
    proof: row.proof as ShareTerms['proof'],
    expireMs: row.expire_ms,
    downloads: row.downloads,
    madeAt: row.made_at,
  };
}

export function filesOf(rows: readonly SqlRow[] | undefined, share: string): readonly ShareFile[] {
  return as<FileRow>(rows)
    .filter((row) => row.share === share)
    .map(({ n, name, bytes }) => ({ n, name, bytes }));
}

export function linkOf(row: LinkRow, uses: readonly SqlRow[] | undefined): ShareLink {
  const own = as<UseRow>(uses).filter(({ share, n }) => share === row.share && n === row.n);
  return {
    n: row.n,
    address: row.address as MailAddress,
    state: row.state as ShareLink['state'],
    reason: row.reason as ShareLink['reason'],
    locked: row.locked === 1,
    sentAt: row.sent_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at,
    taken: new Map(own.map(({ file, taken }) => [file, taken])),
  };
}

/** Shares with all that belongs to them, in the order of their rows. */
export function sharesOf([shares, files, links, uses]: readonly (readonly SqlRow[])[]): readonly Share[] {
  return as<ShareRow>(shares).map((row) => ({
    ...termsOf(row),
    files: filesOf(files, row.id),
    links: as<LinkRow>(links)
      .filter(({ share }) => share === row.id)
      .map((link) => linkOf(link, uses)),
  }));
}

export function dueOf(row: LinkRow & Omit<ShareRow, 'id'>): DueLink {
  return {
    share: row.share as ShareId,
    n: row.n,
    tenant: row.tenant as TenantId,
    message: row.message as MailId,
    address: row.address as MailAddress,
    language: row.language as DueLink['language'],
    proof: row.proof as DueLink['proof'],
    expireMs: row.expire_ms,
    madeAt: row.made_at,
    version: row.version as PolicyVersion,
    state: row.state as DueLink['state'],
    expiresAt: row.expires_at,
    sentAt: row.sent_at,
    told: row.told === 1,
  };
}

export function eventOf({ n, at, kind, file, by }: EventRow): LinkEvent {
  return { n, at, kind: kind as LinkEvent['kind'], file, by };
}

export type { EventRow };
