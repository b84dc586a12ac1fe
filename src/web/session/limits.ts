/** Bounds of being signed in, each with its reason. */

/** From the sign-in to the last moment of its session: a working day, after which one signs in anew. */
export const SESSION_MS: number = 12 * 3_600_000;

/** Without a look at any page: a lunch and a meeting. A copy of a cookie is of no use for longer, wherever it was taken. */
export const IDLE_MS: number = 2 * 3_600_000;

/** How old a cookie is before it is written anew; a fraction of the idle time. */
export const RENEW_MS: number = 5 * 60_000;

/** For asking the store whether a session was ended, and for writing down that it was: one row by its key. */
export const ENDED_MS = 5_000;

/** For comparing a password, which waits for its turn in a queue. */
export const SIGN_IN_MS = 10_000;

/** Seconds after which somebody who failed too often may try again. */
export const LATER_SECONDS = 60;
