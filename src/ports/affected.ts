/** Whom a fault may have touched (H6): the question, and its two answers. Asked of `Journal`. */
import type { MailAddress, MailId, RecipientNumber, RecipientState, TenantId } from '#/model/index.ts';

/** Which journal events count; all given conditions must hold of one event. Its recipient is affected. */
export interface AffectedQuery {
  /** Wall-clock ms of the event; `to` is the first ms that is outside. */
  readonly from: number;
  readonly to: number;
  /** The part of ours that wrote it (`gate`, `inspect`, `deliver`, `janitor`, `cli`), or its stage (`accept`, `inspect`, `hold` …). */
  readonly component?: string;
  /** An incarnation (`host/role/pid/start`), or all that begin so up to a slash (`host`, `host/role`, `host/role/pid`). */
  readonly worker?: string;
  /** The rule of policy that it names. */
  readonly policy?: string;
  /** The next hop that the recipient stood before; where an operator chose it, too. */
  readonly destination?: string;
  readonly tenant?: TenantId;
}

/** One tenant's figures. `unserved` have not been delivered: they wait, or have ended otherwise. */
export interface AffectedCount {
  readonly tenant: TenantId;
  readonly messages: number;
  readonly recipients: number;
  readonly unserved: number;
}

/** Names a recipient in lists that are given in pages. */
export interface RecipientPlace {
  readonly message: MailId;
  readonly n: RecipientNumber;
}

/** An affected recipient as it stands now. */
export interface AffectedRecipient extends RecipientPlace {
  readonly tenant: TenantId;
  readonly from: MailAddress | null;
  readonly subject: string;
  /** Wall-clock ms. */
  readonly receivedAt: number;
  readonly address: MailAddress;
  readonly state: RecipientState;
  readonly reason: string;
}

/** A page, in order of message and recipient; `next` is null at the end. */
export interface AffectedPage {
  readonly items: readonly AffectedRecipient[];
  readonly next: RecipientPlace | null;
}
