/** Bounds that all keepers of mailboxes share, each with its reason. */

/** Keywords that a mailbox takes, for ever: with the five system flags they fit the 53 bits that a number holds exactly. */
export const keywordsMax = 48;
/** Characters of a keyword. Clients write up to about 30; what is longer is no word. */
export const keywordLengthMax = 100;
/** Levels of a name: one CREATE makes all that is missing above, and must not make hundreds. */
export const levelsMax = 32;
/** Mailboxes of an account, and its subscriptions: both are read whole for every LIST. */
export const mailboxesMax = 10_000;
/** UIDs in one `rows`: a page of answers, held in memory. */
export const rowsUidsMax = 1_000;
/** Octets of a header section up to which it comes with its row: what Exchange and large lists write fits, and a page of them stays small. */
export const headInRowBytesMax = 64 * 1024;
/** Rows in one answer of `changes`: some milliseconds of a store thread and of who reads them. */
export const changedRowsMax = 2_000;
/** Keys of deliveries in one question: as many look-ups as a page of answers has rows. */
export const deliveredKeysMax = 1_000;
/** References by which a conversation is looked for, beside the oldest: the newest ones lie nearest. */
export const referencesMax = 20;
/** RFC 1939 §7: a unique-id has 1 to 70 characters. */
export const uidlLengthMax = 70;
/** Entries that a step of purge counts as left: enough for people to see, few enough to count at each step. */
export const purgeLeftMax = 10_000;
/** Automatic answers that an account remembers: who writes more people than that in a month is no person. */
export const answersMax = 10_000;
