/** Bounds of the service, each with its reason. */

/** Octets of contents that deliveries hold in memory at once; a single larger one is still let through, alone. */
export const contentBytesInMemoryMax = 128 * 1024 * 1024;

/** Of a quota, when its owner is warned: early enough to tidy up, late enough to be believed. */
export const warnAtShare = 0.9;

/** Octets of one message that are on their way to several accounts at once: each has its own copy. */
export const copiesBytesMax = 16 * 1024 * 1024;

/** Accounts that one message goes to at once. */
export const atOnceMax = 32;

/** ms before the end of a call in which no further account is begun: the answers have to get back. */
export const lastCallMs = 2_000;

/** Accounts that are known to be full: some hundred octets each, here and at the door. Of more, mail waits in the queue. */
export const fullAccountsMax = 10_000;

/** Octets that are little room: a header and a line of text. */
export const littleRoomBytes = 1_024;

/** ms from one look at full accounts to the next: as long as senders may hear of a full mailbox after its owner made room. */
export const lookAgainMs = 2_000;

/** Full accounts that a look asks about, in turn: a usage is one read, and people come first. */
export const looksAtOnceMax = 50;

/** ms for one usage. */
export const lookMs = 10_000;

/** Characters of the names of rules that the journal is told. */
export const rulesToldMax = 300;

/** ms from one round that forgets delivery keys to the next: a key is some 30 octets, so nothing presses. */
export const forgetRoundMs = 6 * 3_600_000;

/** ms that a delivery key is kept after its recipient has ended: a backup copies custody first and accounts after it. */
export const keptAfterEndMs = 24 * 3_600_000;

/** Delivery keys that one question to custody is about: it shows each message's whole way. */
export const keysAtOnceMax = 50;

/** ms between two questions: people come first. */
export const keysPauseMs = 100;

/** ms for one question. */
export const keysCallMs = 30_000;

/** Calls of one tenant at the store at once: what four threads have to do next, several times over. */
export const callsPerTenantMax = 64;

/** Those of one tenant that wait for their turn; more are told to try again. */
export const callsWaitingPerTenantMax = 2_000;

/** Writes of one account that fail in a row before the next ones are refused: a moment's trouble is none. */
export const failuresToOpen = 3;

/** Writes that fail in a row, whoever's, before all are refused; and of how many accounts, for one that is damaged says nothing of others. */
export const failuresForAll = 10;
export const accountsDownForAll = 3;

/** ms for which writes are refused before one looks again; twice as long each time, up to the second. */
export const writeRestMs = 1_000;
export const writeRestMsMax = 30_000;

/** Accounts whose last write failed that are remembered. */
export const failingAccountsMax = 10_000;
