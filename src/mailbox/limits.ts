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
