/**
 * What is to become of one mail for one recipient. Rules decide it (`decide.ts`), a Sieve script may decide it one day, and `delivery.ts` carries it
 * out: this is all that they have to agree on.
 */
import type { Flag, MailAddress, MailboxName } from '#/model/index.ts';

export interface Plan {
  /** Where it is kept; null: nowhere. `into` null is where it would be without rules. A mailbox that is not there is made. */
  readonly keep: { readonly into: MailboxName | null; readonly flags: readonly Flag[] } | null;
  /** To whom it goes on, as a new mail (design 1, Doors). */
  readonly forwards: readonly MailAddress[];
  /** What its sender is told, unless they were told lately. */
  readonly answer: PlannedAnswer | null;
  /** Why it was kept although it should have gone on; `shared`: not to a group as well, where it goes to others all the same. */
  readonly wayEnded: 'been here' | 'too far' | 'shared' | null;
  /** Names of the rules that decided, in order: for the journal, and for who asks why. */
  readonly by: readonly string[];
}

export interface PlannedAnswer {
  readonly to: MailAddress;
  readonly subject: string | null;
  readonly text: string;
  readonly days: number;
}
