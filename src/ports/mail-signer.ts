/**
 * Signatures that stand in front of mail when it leaves the house: the last thing that is done to it.
 *
 * What must never happen: mail signed for a domain whose sender was not proven; other octets at another attempt; mail that leaves unsigned because a
 * store was away for a moment.
 */
import type { MailInCustody } from '#/model/index.ts';

export interface MailSigner {
  /** Whether `sign` has to be asked: false is certain, and costs nothing. */
  mayConcern(mail: MailInCustody): boolean;

  /**
   * The fields to stand in front of this content; null where nobody signs it. Content is read once. Rejects where keys can't be had now
   * (faults `store.unavailable`, `key.missing`), or reading does.
   */
  sign(mail: MailInCustody, content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Buffer | null>;
}
