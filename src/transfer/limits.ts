/** Bounds of what moves mailboxes, each with its reason. */

/** Messages that are asked about, and listed, at once: one question to the account. */
export const batchMessages = 500;
/** Deliveries under way at once: they share flushes, and people's commands come between. */
export const deliveriesAtOnceMax = 16;
/** Octets of them; a larger message goes alone. */
export const deliveryBytesMax: number = 8 * 1024 * 1024;
/** One delivery: that of a large message to a slow disk. */
export const deliveryMs = 60_000;
/** Any other question to an account. */
export const questionMs = 60_000;
/** How long the mailboxes, or the other server, may be away without a single message going over: an upgrade, a restart of a host. */
export const awayMs = 600_000;
/** Between two tries: at first; at most, of our own mailboxes and of another server. */
export const tryAgainMs = 200;
export const mailboxesTryAgainMsMax = 2_000;
export const tryAgainMsMax = 15_000;
/** Messages of a report that are named one by one; the rest is counted. */
export const namedMax = 100;
/** Octets read of an mbox file at once. */
export const pieceBytes: number = 1024 * 1024;
/** Octets of the small files that Dovecot keeps: a list of a million UIDs takes some 100 MB. */
export const listBytesMax: number = 512 * 1024 * 1024;
/** Folders in folders that are looked into. */
export const depthMax = 32;
/** The other server's silence in the middle of an answer. */
export const silenceMs = 60_000;
/** Octets of a line of another server: a list of the UIDs of a million messages takes 8 MB. */
export const lineBytesMax: number = 32 * 1024 * 1024;
/** Names of messages by which a folder that shows all others is told from them. */
export const knownIdsMax = 4_000_000;
/** Octets in one question for content: below the frame of the local socket. */
export const contentBytes: number = 4 * 1024 * 1024;
/** Messages and octets that an export reads ahead. */
export const aheadMessages = 32;
export const aheadBytes: number = 8 * 1024 * 1024;
/** Rows in one question. */
export const rowsAtOnce = 200;
