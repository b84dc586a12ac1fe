/**
 * Files on their way out of a mail and into secure downloads, between inspection, which cuts them out, and those who keep them; and the links to
 * them, between those who make the mail that a recipient gets and those who know the keys.
 *
 * What must never happen: a share that a verdict names and that is not durable.
 */
import type {
  Call,
  Change,
  MadeShare,
  MailAddress,
  MailInCustody,
  PolicyVersion,
  RecipientNumber,
} from '#/model/index.ts';
import type { LinkKey } from './downloads.ts';

export interface ShareMaker {
  /**
   * Durable when it resolves; for the same change of the same mail it is the same share. `full`: the tenant has no room for more.
   * `revoked`: a person has ended what was made for others of the mail. Faults of stores: then it may be asked again.
   */
  make(order: ShareOrder, call: Call): Promise<MadeShare | 'full' | 'revoked'>;
}

export interface ShareOrder {
  readonly mail: MailInCustody;
  readonly change: Extract<Change, { kind: 'secureLinks' }>;
  readonly language: 'en' | 'ja';
  /** In the order of the change's parts. */
  readonly files: readonly CutFile[];
  /** Who is to get a link. */
  readonly recipients: readonly ShareRecipient[];
}

export interface ShareRecipient {
  readonly n: RecipientNumber;
  readonly address: MailAddress;
  /** Of the rules that say so. */
  readonly version: PolicyVersion;
}

/** One attachment as it was before it was encoded for its way. */
export interface CutFile {
  /** As the mail says it, decoded; null where it has none. */
  readonly name: string | null;
  readonly octets: Buffer;
}

/** What stands behind the last stroke of a link: the same at each attempt, and written down nowhere. */
export interface LinkTokens {
  token(link: LinkKey): string;
}
