/**
 * Keys of stored content. The installation key (32 bytes in `secrets.key`) wraps one random key a day; a day's key seals the content
 * that was accepted on that day. Destroying a day's wrapped key destroys the day (design 1, Redelivery).
 *
 * What must never happen: a key file that is overwritten; a new key made beside content that an old one has locked; content given out
 * whose seal was not checked.
 *
 * Knows node:crypto and node:fs alone, so that threads may load it.
 */
export * from './day.ts';
export * from './installation-key.ts';
export * from './key-ring.ts';
export * from './seal.ts';
export * from './wrapped-keys.ts';
