/** IDs in one call: more is a filter's work. */
export const ID_COUNT_MAX = 1_000;
/** Messages named in an answer; its counts are whole. */
export const NAMED_MAX = 1_000;
/** Acts on recipients of one mail that are under way together: they share flushes, and leave room for others. */
export const TOGETHER = 16;
/** Recipients of one mail that are acted on in one settlement: one mail tells of all of them. */
export const TOGETHER_CLAIMED_MAX = 1_000;
/** For each of custody's steps; what was claimed must end, whatever time the caller has left. */
export const CUSTODY_MS = 10_000;
/** Before a second try at mail that was in somebody else's hands: longer than a claim and its settlement take as a rule. */
export const AGAIN_MS = 200;
/** An answer is given while there is still so much time to send it. */
export const SPARE_MS = 500;
/** What a person may say to an act, in characters: it stands in the journal and, of a rejection, in a report. */
export const REASON_CHARS_MAX = 200;
/** Messages that are looked at for one page of a tray before it is given as it is: a person's few among a company's many. */
export const LOOKED_AT_MAX = 5_000;
/** Names of attachments are read from mail of at most so many octets: reading takes a turn of the event loop. */
export const STRUCTURE_BYTES_MAX = 4 * 2 ** 20;
/** Characters of an address field that are shown, encoded: some hundred addresses. */
export const FIELD_CHARS_MAX = 8_000;

/** How long it is told what became of held mail: people look for last week's, and the trace has the rest. */
export const HISTORY_MS: number = 30 * 86_400_000;
/** Mails of one answer about the past: each is read with its whole trace. */
export const HISTORY_SHOWN_MAX = 200;
/** Mails of one address of a person that are looked at for those that waited: more than a busy sender's month. */
export const OWN_LOOKED_AT_MAX = 1_000;
/** Attachments named. */
export const ATTACHMENTS_MAX = 100;
