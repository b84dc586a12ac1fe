/**
 * The bounds of the IMAP language, each with its reason. All are octets unless the name says otherwise.
 * What a tenant or an operator may choose (message size, quota) is no business of this file.
 */

/** All of a command, its literals too, while nobody has signed in: LOGIN and ID need some hundreds. */
export const strangerCommandBytesMax = 8192;

/** A command of who has signed in. RFC 2683 §3.2.1.5 and RFC 7162 §4 ask for at least 8,192; long SEARCH keys and lists come to some 10,000. */
export const commandBytesMax = 65_536;

/** Of commands that name messages: clients write 100,000 single UIDs, parted by commas, in one line. Each of their literals stays within `commandBytesMax`. */
export const setCommandBytesMax: number = 1024 * 1024;

/** A line of a SASL exchange, AUTHENTICATE itself included: tokens of OAuth run to some thousands; as RFC 4954 §4. */
export const saslLineBytesMax = 12_288;

/** Literals in one command beside the messages of APPEND: each that synchronizes costs an answer of ours. */
export const literalsMax = 100;

/** Messages of one APPEND (RFC 3502): their heads are kept until it ends. */
export const appendMailsMax = 1000;

/** One piece of a message is handed on in one go: large enough to be cheap, small enough to leave the loop to others. */
export const chunkBytesMax = 65_536;

/**
 * A refused command is read on to its end, so that the client hears the reason and goes on; but not for ever. A stranger has no
 * business to send more; who has signed in may have sent a message along with a refused APPEND.
 */
export const strangerDrainBytesMax = 65_536;
export const drainBytesMax: number = 64 * 1024 * 1024;

/** Commands in a row that could not be read, until we hang up: a person's client stops long before. */
export const strangerRefusalsMax = 10;
export const refusalsMax = 50;

/** RFC 9051 §9 gives none; clients use up to 20. It comes back in our answer. */
export const tagBytesMax = 64;

/** Ranges in one set: each costs some 70 octets of memory; no mailbox that we carry has more single messages to name. */
export const setRangesMax = 100_000;

/** Parentheses in parentheses, NOT after NOT: people's searches have two or three, those of rules some more. */
export const depthMax = 32;

/** Search keys in one command, at all depths: each costs a look at every message. */
export const searchKeysMax = 1000;

/** Members of a list that is none of the above: patterns, fetch items, header names, capabilities. */
export const listItemsMax = 1000;

/** Flags that one command names; a mailbox has room for fewer keywords. */
export const flagsMax = 128;

/** A keyword's length: clients write words of some 30. */
export const keywordBytesMax = 255;

/** RFC 2971 §3.3: at most 30 pairs. Their lengths, which it bounds too, are within those of commands. */
export const idFieldsMax = 30;

/** Levels of a body part's number: mails in mails in mails; what has more is never read so deep. */
export const partLevelsMax = 100;

/** RFC 9051 §5.1 gives none: longer names fit no client's window. */
export const mailboxNameBytesMax = 1000;

/** A quoted string of ours; longer text goes as a literal, as clients' line readers are bounded (RFC 2683 §3.2.1.5). */
export const quotedBytesMax = 1000;

/** Wildcards in one pattern of LIST: each costs a walk along every name. */
export const patternWildcardsMax = 50;

/** Patterns of one LIST: each is held against every name. */
export const patternsMax = 50;
