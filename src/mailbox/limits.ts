/** Bounds of the service, each with its reason. */

/** Octets of contents that deliveries hold in memory at once; a single larger one is still let through, alone. */
export const contentBytesInMemoryMax = 128 * 1024 * 1024;

/** Of a quota, when its owner is warned: early enough to tidy up, late enough to be believed. */
export const warnAtShare = 0.9;
