/** A mail on its way from the session to custody. */
import type {
  ArrivedMail,
  Direction,
  MailAddress,
  MailId,
  Notify,
  OriginalRecipient,
  TenantId,
} from '#/model/index.ts';

/** A recipient as custody will get it, less what routing adds. */
export interface FinalRecipient {
  readonly address: MailAddress;
  readonly original: MailAddress | null;
  readonly orcpt: OriginalRecipient | null;
  readonly notify: Notify;
  readonly tenant: TenantId;
  readonly direction: Direction;
}

/** A mail whose header has been judged: all that custody needs but the body. */
export interface Prepared {
  readonly id: MailId;
  readonly receivedAt: number;
  readonly facts: ArrivedMail['facts'];
  readonly hops: number;
  readonly chunks: readonly Buffer[];
  /** One message each; one only where somebody known sends. */
  readonly groups: ReadonlyMap<TenantId, readonly FinalRecipient[]>;
}
