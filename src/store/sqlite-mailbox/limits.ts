/** Bounds of the embedded mailboxes, each with its reason. */

/** Requests that wait for one thread: beyond, `store.busy` is a better answer than a wait that ends late (B3). */
export const WAITING_REQUESTS_MAX = 5_000;
/** Octets of content that wait for one thread: a mail of the largest size beside a normal load. */
export const WAITING_BYTES_MAX = 128 * 1024 * 1024;
/** Requests of one group. More would keep the first of them waiting for the last. */
export const GROUP_REQUESTS_MAX = 128;
/** Octets of one group: copied into one buffer, and one transaction holds them in its log. */
export const GROUP_BYTES_MAX = 8 * 1024 * 1024;
/** Groups on their way to a thread: one in work and one that waits, so that a thread never waits for the event loop. */
export const GROUPS_AHEAD = 2;

/** Accounts that a thread keeps open: four files each, so that four threads stay well below the 4,096 files that a process usually may have. */
export const OPEN_ACCOUNTS_MAX = 100;
/** An account that nobody used for so long is closed; its log is moved into it then. */
export const OPEN_IDLE_MS = 60_000;
/** After so long without a request an account gives back the memory of its pages and moves its log. */
export const QUIET_MS = 1_000;
/** Accounts that the thread for searches keeps open: who searches once searches again. */
export const SEARCHED_ACCOUNTS_MAX = 16;
/** Octets of UIDs that a thread keeps at hand for views: 4 million messages. */
export const VIEW_BYTES_MAX = 16 * 1024 * 1024;

/** Octets of content in one row. Larger ones would be read whole where a part is asked for. */
export const PIECE_BYTES_MAX = 256 * 1024;
/** Messages whose terms go into the index in one transaction: together they cost half of what they cost one by one, and a step stays below 10 ms. */
export const INDEXED_AT_ONCE = 96;
/** How long terms wait at most, well below the 5 s that people notice. They are found meanwhile too. */
export const UNINDEXED_MS = 2_000;

/** What happened to a mailbox is told one by one for so many operations; who was away longer gets the whole difference (RFC 7162 §3.2.5.2). */
export const HAPPENINGS_KEPT = 5_000;

/** Pages of the index that one step writes anew beside a purge; about 5 ms. */
export const THINNED_PAGES = 32;
/** Marks of purged messages in the index below which they cost nobody anything. */
export const THINNING_MARKS_MIN = 1_000;
/** Marks for each message that stays, at the end of a purge: above, the index is written anew once more. */
export const THINNING_SHARE_LAST = 0.1;

/** Pages that one step of a purge gives back to the disk; about 2 ms. */
export const RECLAIM_PAGES = 256;
