/**
 * Local delivery: the last step of a mail whose recipients have mailboxes here. Delivery asks, `mailbox/` answers; between them may be
 * the local socket of this host.
 *
 * What must never happen: `stored` before the message is durable in the mailbox; a message that is there twice, however often it is asked for
 * (the account knows message and recipient, design 1); a forward or an answer that comes to be apart from the outcome that it was named with.
 */
import type {
  AccountKey,
  Body,
  Call,
  MailAddress,
  MailId,
  PeerReply,
  RecipientNumber,
  TenantId,
} from '#/model/index.ts';

export interface LocalDelivery {
  /**
   * Delivers to each of these recipients, one answer each, in any order. Rejects where none of it can be known, such as when the mailboxes
   * are away; it may then be asked for again.
   */
  deliver(mail: LocalMail, call: Call): Promise<readonly LocalAnswer[]>;
}

/** One message in custody, and those of its recipients that live here. */
export interface LocalMail {
  readonly id: MailId;
  /** Whose custody it is in: large content is read by this name. */
  readonly tenant: TenantId;
  /** The reverse-path; null is `<>`. */
  readonly sender: MailAddress | null;
  readonly hops: number;
  readonly receivedAt: number;
  readonly body: Body;
  readonly recipients: readonly LocalRecipient[];
}

export interface LocalRecipient {
  readonly n: RecipientNumber;
  readonly address: MailAddress;
  /** As the peer gave it, where that was something else: it may have a detail (`alice+lists@`). */
  readonly original: MailAddress | null;
}

/**
 * `later` is tried again until the mail expires; `refused` is told to the sender; `passed` is kept nowhere here, since its recipient's
 * rules send it on alone; `discarded` by such a rule.
 */
export interface LocalAnswer {
  readonly n: RecipientNumber;
  readonly kind: 'stored' | 'passed' | 'discarded' | 'later' | 'refused';
  readonly reply: PeerReply;
  /** What the recipient's rules make of the mail: in custody together with this answer, or neither (design 1, Doors). Asked again, the same. */
  readonly births?: readonly Birth[];
}

/** A mail that is to be: the octets of the one that was delivered go on to others, or its sender is answered. */
export type Birth =
  /** `kept`: a copy stays in the mailbox. */
  | { readonly kind: 'forward'; readonly by: AccountKey; readonly to: readonly MailAddress[]; readonly kept: boolean }
  /** `content` in wire form, without trace. The reverse-path is null (RFC 3834 §3.3). */
  | { readonly kind: 'answer'; readonly by: AccountKey; readonly to: MailAddress; readonly content: Uint8Array };
