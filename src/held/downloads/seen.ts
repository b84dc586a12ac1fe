/** What a link shows now: a pure look at what the store knows of it. */
import type { MailAddress, RecipientNumber, ShareId, TenantId } from '#/model/index.ts';
import type { FoundLink, LinkProof } from '#/ports/index.ts';

export interface SeenFile {
  readonly n: number;
  readonly name: string;
  readonly bytes: number;
  /** Downloads that are left. */
  readonly left: number;
}

/** `gone`: there is no such link, or none any more; a stranger can't tell which of the two. */
export type Seen =
  | { readonly kind: 'gone' }
  | { readonly kind: 'expired'; readonly tenant: TenantId }
  | { readonly kind: 'locked'; readonly tenant: TenantId }
  | {
      readonly kind: 'open';
      readonly share: ShareId;
      readonly n: RecipientNumber;
      readonly tenant: TenantId;
      readonly owner: MailAddress | null;
      readonly address: MailAddress;
      readonly language: 'en' | 'ja';
      readonly proof: LinkProof;
      /** Null for a moment: its mail has just arrived. */
      readonly expiresAt: number | null;
      readonly files: readonly SeenFile[];
    };

export type OpenLink = Seen & { readonly kind: 'open' };

export function seenOf(found: FoundLink | null, now: number): Seen {
  if (found === null) return { kind: 'gone' };
  const { share, link } = found;
  const { tenant, owner, language, proof, downloads } = share;
  const isOver = link.expiresAt !== null && link.expiresAt <= now;
  if (link.reason === 'expired' || (link.state !== 'ended' && isOver)) return { kind: 'expired', tenant };
  if (link.state === 'ended') return { kind: 'gone' };
  if (link.locked) return { kind: 'locked', tenant };
  return {
    kind: 'open',
    ...{ share: share.id, n: link.n, tenant, owner, address: link.address, language, proof },
    expiresAt: link.expiresAt,
    files: share.files.map(({ n, name, bytes }) => ({ n, name, bytes, left: downloads - (link.taken.get(n) ?? 0) })),
  };
}
