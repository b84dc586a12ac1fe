/**
 * What the keepers of mailboxes have in common: the rules of names, flags, ids, conversations and phrases, as pure functions. Where two
 * keepers could differ without breaking a promise, one of these decides.
 */
export * from './delivery-keys.ts';
export * from './flags.ts';
export * from './ids.ts';
export * from './limits.ts';
export * from './names.ts';
export * from './phrase.ts';
export * from './rules-text.ts';
export * from './threads.ts';
export * from './tree.ts';
export * from './usage.ts';
