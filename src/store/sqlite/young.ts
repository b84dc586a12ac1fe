/**
 * Mails that came since the last commit and are in no table yet. The log holds them, so nothing is lost with them; a mail that also
 * ends before the commit is written into the tables once, as it ended, instead of moving through their indexes.
 */
import type { ArrivedRecipient, MailId, RecipientNumber } from '#/model/index.ts';
import type { Progress } from '../custody/index.ts';
import type { WireMail } from './protocol.ts';

export interface YoungMail {
  readonly mail: WireMail;
  /** Where its content stands in the log; null once it is not needed any more. */
  logAt: number | null;
  readonly sha256: string;
  readonly lot: number;
  readonly recipients: Map<RecipientNumber, YoungRecipient>;
}

export interface YoungRecipient {
  readonly facts: ArrivedRecipient;
  claimBy: number | null;
  readonly token: number;
  progress: Progress;
}

export type YoungMails = Map<MailId, YoungMail>;
