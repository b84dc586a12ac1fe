/** The bounds of signing in, each with its reason. */

/** OWASP's second choice of argon2id; some 50 ms here, and 19 MiB a guess for whoever stole the hashes. */
export const ARGON2ID = { memoryKiB: 19_456, passes: 2, parallelism: 1, nonceBytes: 16, tagBytes: 32 } as const;

/** Hashes at a time: libuv has four threads, and files and DNS need the others (a flood of 32 stopped them for 0.9 s). */
export const HASHES_AT_A_TIME = 2;

/** Hashes that wait: about 3 s of work. Beyond that a sign-in hears "later" at once instead of after its deadline (O7). */
export const HASHES_WAITING_MAX = 128;

/**
 * Wrong passwords from one address (IPv6: one /64): a family of scanners behind one router may be wrong at once, a guesser gets ten
 * tries a minute. Right ones are free.
 */
export const FAILURES_PER_ADDRESS = { burst: 30, perMinute: 10 } as const;

/** Wrong passwords on one name from everywhere: a person mistypes; a botnet with one try an address stops here. */
export const FAILURES_PER_NAME = { burst: 10, perMinute: 3 } as const;

/** Addresses and names that are remembered for counting; the longest unseen are forgotten first. */
export const COUNTED_MAX = 50_000;

/** How long a proven password is taken without a hash: POP3 clients come every few minutes (design 6). */
export const PROVEN_MS: number = 10 * 60_000;
export const PROVEN_MAX = 10_000;

/** Who signed in well from an address is not kept out by others' guesses at the name. */
export const ACQUAINTED_MAX = 20_000;

/** A longer one is no password, and hashing it would be work for nothing. */
export const PASSWORD_CHARACTERS_MAX = 1024;
export const USERNAME_CHARACTERS_MAX = 320;

/** RFC 7677 §4 asks for 4,096 at least; secrets of 128 bits need no more. */
export const SCRAM_ITERATIONS = 4096;

/** Sliding window of the contract's `per10m`, in steps of a minute. */
export const WINDOW_MINUTES = 10;

/** How often counters go to the registry: what a crash may forget. */
export const USAGE_SAVE_MS = 5_000;
export const USAGE_SAVE_DEADLINE_MS = 5_000;

/** Credentials of `holdfast try` that are open at a time. */
export const GRANTS_MAX = 100;

/** How long a renewed hash may take on its way to the registry. */
export const RENEWAL_DEADLINE_MS = 10_000;
