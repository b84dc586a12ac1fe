/**
 * Makes action links, and says what one that came back is for. Holds no list of them: what a link is for is written in it.
 *
 * A link is live while its mail waits by the verdict that it was made for, its person is a user of the tenant who may act, and its time has
 * not come; all of this but the last is asked of `rights.ts` when it is used. What must never happen: a link to a host that somebody else
 * named; an approval by link in a tenant that does not allow it.
 */
import type { HeldVerb, MailAddress, Tenant, User } from '#/model/index.ts';
import type { ActionLink, ActionLinks, Clock, DirectorySource, LinkedPart } from '#/ports/index.ts';
import { markOf } from '../verdict-mark.ts';
import { formatToken, type LinkClaim, readToken } from './token.ts';

export interface LinkParts {
  /** Base of our pages as people reach them, without a slash at its end; null where they can't. */
  readonly base: string | null;
  /** 32 octets, for this purpose alone; asked for when the first link is made or read. */
  readonly key: () => Uint8Array;
  readonly directory: DirectorySource;
  readonly clock: Pick<Clock, 'now'>;
}

/** What a link that came back is good for, as far as it can be said without the mail. */
export type OpenedLink =
  | { readonly kind: 'live'; readonly claim: LinkClaim; readonly tenant: Tenant }
  | { readonly kind: 'expired' }
  /** Its tenant has approval by link switched off since: its person signs in. */
  | { readonly kind: 'asks sign-in'; readonly claim: LinkClaim }
  /** Not ours, or of somebody who is no user any more. */
  | { readonly kind: 'unknown' };

export class LinkDesk implements ActionLinks {
  readonly #parts: LinkParts;

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  linkTo({ mail, tenant, verdict }: LinkedPart, person: MailAddress, verbs: readonly HeldVerb[], until: number) {
    const { base, key } = this.#parts;
    const found = this.#userOf(person);
    if (base === null || found?.tenant.id !== tenant) return null;
    if (!mayByLink(verbs, found.tenant)) return { url: `${base}/held/${mail}`, asksSignIn: true } satisfies ActionLink;
    const claim = { mail, verdict: markOf(verdict), person: found.user.address, verbs, until };
    const token = formatToken(claim, key());
    return { url: `${base}/l/${token}`, asksSignIn: false } satisfies ActionLink;
  }

  /** Reads the last part of a link's path. */
  open(token: string): OpenedLink {
    const claim = readToken(token, this.#parts.key());
    if (claim === null) return { kind: 'unknown' };
    if (claim.until <= this.#parts.clock.now()) return { kind: 'expired' };
    const found = this.#userOf(claim.person);
    // An address that became another one's alias is another one's.
    if (found === null || found.user.address !== claim.person) return { kind: 'unknown' };
    const { tenant } = found;
    return mayByLink(claim.verbs, tenant) ? { kind: 'live', claim, tenant } : { kind: 'asks sign-in', claim };
  }

  #userOf(person: MailAddress): { readonly user: User; readonly tenant: Tenant } | null {
    const found = this.#parts.directory.current().user(person);
    return found === undefined || found.user.disabled ? null : found;
  }
}

// What people do to mail of their own is theirs: the link came into their own mailbox.
function mayByLink(verbs: readonly HeldVerb[], { approvalByLink }: Tenant): boolean {
  return approvalByLink || !verbs.some((verb) => verb === 'approve' || verb === 'reject');
}
