/**
 * The event log and the meters of a process (ports/log.ts, ports/meter.ts).
 *
 * What must never happen: a caller that waits for a reader of the log, a log that grows without bound, a process that ends because
 * nobody reads. What can't be written is dropped, counted, and told as `log.dropped` once somebody reads again (B6).
 */
export * from './bounded-writer.ts';
export * from './event-log.ts';
export * from './events.ts';
export * from './exposition.ts';
export * from './meter.ts';
