/**
 * Mails to people about mail that policy has decided on: that it waits for them, that it still does, what somebody else did to it. Made by
 * `notice/` and born with the outcomes that they tell of (design 1), so that nobody is told twice, and nobody is forgotten.
 *
 * What must never happen: a notice to a stranger, whose address may be invented; a body, or a text of the mail beside its subject, in one.
 */
import type { ArrivedMail, Claim, MailAddress, Outcome, RecipientNumber } from '#/model/index.ts';

export interface PeopleNotices {
  /**
   * Of what inspection has decided. The outcomes are those to settle with: of mail that waits they say who was told, and when to look at it next.
   * Answers at once: it reads the directory, never the mail.
   */
  judged(claim: Claim, outcomes: Decided): Telling;

  /**
   * Of mail that waits, whose time to be looked at has come before its end; claims of different messages. One person who is to hear of several
   * gets one mail: a digest is born with the first telling, and the others are settled behind that.
   */
  waiting(claims: readonly Claim[]): {
    readonly tellings: readonly Telling[];
    readonly digests: readonly ArrivedMail[];
  };

  /** Of what somebody else, or time, did to these recipients: to who sent the mail. None where that is who did it. */
  done(claim: Claim, recipients: readonly RecipientNumber[], what: DoneToMail): readonly ArrivedMail[];
}

export type Decided = readonly { readonly n: RecipientNumber; readonly outcome: Outcome }[];

/** What to settle a claim with. */
export interface Telling {
  readonly claim: Claim;
  readonly outcomes: Decided;
  readonly born: readonly ArrivedMail[];
}

export interface DoneToMail {
  readonly deed: 'release' | 'stop' | 'delete' | 'approve' | 'expire';
  /** Whose doing it was; null is the operator, or time. */
  readonly by: MailAddress | null;
  /** Empty where they said nothing. */
  readonly comment: string;
}

/** Tells nobody. */
export const TELLS_NOBODY: PeopleNotices = {
  judged: (claim, outcomes) => ({ claim, outcomes, born: [] }),
  waiting: (claims) => ({
    tellings: claims.map((claim) => ({ claim, outcomes: claim.recipients.map(stillWaits), born: [] })),
    digests: [],
  }),
  done: () => [],
};

function stillWaits({ n, verdict, releaseAt }: Claim['recipients'][number]): Decided[number] {
  const due = releaseAt ?? verdict?.wait?.until ?? 0;
  return { n, outcome: { kind: 'returned', due, delayNotified: false } };
}
