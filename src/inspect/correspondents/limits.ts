/** Bounds of who has written to whom, each with its reason. */

/** ms in which pairs are gathered before they are written: one commit for many, and the next mail to a person is seldom sooner. */
export const GATHER_MS = 1_000;
/** Pairs of one commit: some ms of the thread. */
export const BATCH_PAIRS = 500;
/** Pairs that wait to be written; beyond it new ones are left out and counted. Some MiB. */
export const WAITING_MAX = 20_000;
/** Pairs of today that are known to be written: mail to the same people costs nothing. Some MiB. */
export const RECENT_MAX = 50_000;
/** ms for one commit; at its end a process waits for no more. */
export const LEARN_MS = 5_000;
/** ms before it is tried again where the store is away. */
export const AWAY_MS = 10_000;

/** ms for one look: a mail waits for it, and other mail with it. */
export const ASK_MS = 3_000;
/** Mails of one look. */
export const ASKED_MAX = 64;

/** Pairs of one tenant: a company of ten thousand that each write to a hundred people. Some 200 MiB. */
export const PAIRS_MAX = 1_000_000;
/** Pairs that one step forgets, of each tenant. */
export const FORGET_PAIRS = 1_000;
/** ms for one step. */
export const FORGET_MS = 60_000;
/** Between two rounds. */
export const ROUND_MS = 6 * 3_600_000;
/** Pause between two steps of one round, so that people don't feel it. */
export const REST_MS = 200;
