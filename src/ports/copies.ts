/**
 * Copies that rules ask for (`archiveCopy`, `addBcc`): mails of ours with the copied one as parent, each address once a mail, whichever recipients'
 * verdicts ask for it (design 1, Doors).
 */
import type { BornMail, Call, Claim, Settlement } from '#/model/index.ts';

export interface CopyMaker {
  /** Copies of the mail as accepted, for the settlement of these verdicts. Rejects where its content can't be had now: then nothing is to be settled. */
  archived(claim: Claim, outcomes: Settlement['outcomes'], call: Call): Promise<readonly BornMail[]>;
}

/** Where no rule has anything copied. */
export const NO_COPIES: CopyMaker = { archived: async () => [] };
