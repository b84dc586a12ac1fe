/** Links in mail by which people see what waits for them and decide about it (design 6, Links in mail). */
import type { HeldVerb, MailAddress, MailId, TenantId, Verdict } from '#/model/index.ts';

export interface ActionLinks {
  /**
   * The page on which this person sees what waits of a mail by one verdict, and does one of `verbs` to it; until wall-clock ms `until`.
   * Nothing is written down: whether they may is asked anew when the link is used, so that it dies with the wait, with the verdict, and
   * with the person's part in it. Null where people can't reach our pages, or nobody of the mail's tenant has this address.
   */
  linkTo(part: LinkedPart, person: MailAddress, verbs: readonly HeldVerb[], until: number): ActionLink | null;
}

/** Those recipients of a mail that wait by this verdict: what one link is for. */
export interface LinkedPart {
  readonly mail: MailId;
  readonly tenant: TenantId;
  readonly verdict: Verdict;
}

export interface ActionLink {
  readonly url: string;
  /** The page asks who they are: approvals by link alone are off in this tenant. Text that goes with the link says so. */
  readonly asksSignIn: boolean;
}
