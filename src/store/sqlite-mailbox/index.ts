/**
 * The embedded mailboxes: one SQLite database an account below `<data>/mailboxes`, opened by one process, its statements in a pool of
 * threads; an account belongs to one thread.
 *
 * States: opened (the lock is taken) → serving → closed; or failed, after which nothing is answered and nothing is retried. An account
 * is opened with its first request and closed when nobody uses it.
 * What must never happen: a statement on the event loop; a promise that resolves before the flush; one request that fails another, or an
 * account that fails another's; a search that leaves out what is not indexed yet; a number given again after a restore.
 *
 * Carries O1, O3 to O7 under `ports/mailboxes.ts`; the suite is `store/contract/mailboxes.ts`.
 */
export { forgetMarks } from './forget-marks.ts';
export type { SqliteMailboxes, SqliteMailboxesParts, SqliteMailboxesSettings } from './mailboxes.ts';
export { openSqliteMailboxes } from './mailboxes.ts';
