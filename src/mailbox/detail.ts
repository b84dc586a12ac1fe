/** Addresses with a detail (RFC 5233 §1): `alice+lists@acme.test` is alice's, and `lists` may be one of her mailboxes. */
import { detailOf, type MailAddress, type MailboxName } from '#/model/index.ts';

/** Levels and characters that no mailbox of ours has are not looked for. */
const NAME = /^[^\p{Cc}/]{1,100}$/u;

/** The mailbox that a detail names, by the address as it was given; null where it names none. */
export function mailboxOfDetail(original: MailAddress | null): MailboxName | null {
  const detail = original === null ? null : detailOf(original);
  return detail !== null && NAME.test(detail) ? (detail.normalize('NFC') as MailboxName) : null;
}
