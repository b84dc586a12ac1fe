/** Mails to contacts and operators about mail that waits for a person for too long (H8). Made by `notice/`. */
import type { ArrivedMail, MailAddress, MailId, TenantId } from '#/model/index.ts';

export interface WaitingMails {
  /** What one of them is told, under the id given. Null where the address leads to nobody, or the tenant is gone. */
  waiting(letter: WaitingTelling): ArrivedMail | null;
}

/** Mail that waits for one reason. */
export interface WaitingMail {
  readonly messages: number;
  /** Acceptance time of the oldest, wall-clock ms. */
  readonly oldestAt: number;
}

export interface WaitingTelling {
  readonly id: MailId;
  /** Wall-clock ms. */
  readonly at: number;
  /** Whose contact it is; null: an operator, who is told of all tenants together. */
  readonly tenant: TenantId | null;
  readonly to: MailAddress;
  /** For an approval that nobody gives. Null: none. */
  readonly approval: WaitingMail | null;
  /** Set aside, since it could not be inspected, changed or read. Null: none. */
  readonly setAside: WaitingMail | null;
  /** Recipients whose mail a fault of ours has held up of late, and who are not served yet; it was found and goes on by itself (H5). */
  readonly stuck: number;
  /** More waits than was counted. */
  readonly isMore: boolean;
}
