/**
 * Reverse-paths of mail that is forwarded out of the house: its peers must find that we may send it (SPF), and a bounce must find its way
 * back to the first sender.
 *
 * What must never happen: an address that we did not write is taken for one of ours; one that is too old is.
 */
import type { Domain, MailAddress } from '#/model/index.ts';

export interface ReturnPaths {
  /** The reverse-path under which mail of this sender leaves by way of a domain of ours; null where it fits no path. */
  rewrite(sender: MailAddress, via: Domain): MailAddress | null;

  /** Whom a bounce to this address is for; `forged` where it has the form of such an address and we did not write it lately; null where it has not. */
  original(address: MailAddress): MailAddress | 'forged' | null;
}
