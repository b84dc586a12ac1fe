/** Bounds of what an owner may say about mail that comes, and of what it may set off; each with its reason. */

/** Rules of one person: more are a program, which is Sieve's work. */
export const rulesMax = 200;

/** Words of one condition. */
export const wordsMax = 100;

/** Characters of a word, a name or a subject. */
export const wordMax = 500;

/** Characters of an automatic answer: some pages. */
export const answerTextMax = 16_384;

/** Addresses that one mail is forwarded to; more are a group. With `chainMax`, and one group on any way, it bounds what one mail can become. */
export const forwardsMax = 5;

/** Accounts that a mail has been forwarded by; then it is kept where it is. */
export const chainMax = 5;

/** Received fields; as at the gate, where a mail that came from outside would end. */
export const hopsMax = 50;

/** Characters of a field's values that are looked at, all of one name together: what a condition can cost has a bound. */
export const valueMax = 16_384;

/**
 * Characters that one decision searches, each word's text counted: some ms, and tens where words and texts are made to cost, as people of other
 * accounts wait meanwhile. Rules of 100 words see 40,000 characters of each field, which is all of nearly every mail; as many words as may be written, 250.
 */
export const stepsMax = 4 * 1024 * 1024;

/** RFC 5230 §4.1: days between two answers to one person; 7 where nothing is said. */
export const answerDays = { least: 1, usual: 7, most: 90 } as const;

/** Characters of Japanese in a line of text are wide; a line of base64 has none of that trouble. */
export const base64LineMax = 76;

/** Message-IDs in References of an answer: the oldest and the newest tell the conversation. */
export const referencesMax = 20;

/** Accounts whose rules are remembered; most have none, and one costs some octets. */
export const accountsMax = 50_000;

/** Characters of rules that are remembered, as they are written and as they are compared. */
export const rememberedMax = 32 * 1024 * 1024;

/** ms for which they are believed: another host of a cluster may have changed them. A change made here counts at once. */
export const believedMs = 5_000;
