/**
 * What all keepers of custody share: the moves of a recipient as pure functions, the meaning of a filter, the lines of the books. The
 * contract of `ports/custody.ts` is kept by the rooms beside this one; nothing here stores.
 */
export * from './affected.ts';
export * from './detail.ts';
export * from './filter.ts';
export * from './look-up-keys.ts';
export type { Change, EventFacts, Progress } from './moves.ts';
export * from './progress.ts';
export * from './reports.ts';
export * from './settings.ts';
export * from './shapes.ts';
export * from './tally.ts';
