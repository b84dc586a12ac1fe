/**
 * The log of custody, and the content of mail in it.
 *
 * A group of requests is durable when it stands in the log; the tables are brought up to the log in transactions that need no flush of
 * their own, and by `replay` after a crash. So one flush of octets in a row covers a group, flushes overlap, and a mail that comes and
 * ends between two commits of the tables is written into them once (H3, M3; bench: slow flush, large mail).
 *
 * What must never happen: see `log.ts`; tables that may reach the disk before the log does what they say; a segment that goes while a
 * live mail has its content there, or while the tables do not hold durably what it says; a part of the log that is carried out twice.
 */
export * from './block.ts';
export * from './block-reader.ts';
export * from './keeper.ts';
export * from './log.ts';
export * from './place.ts';
export * from './replay.ts';
export * from './segments.ts';
