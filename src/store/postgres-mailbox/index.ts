/**
 * The mailboxes of a cluster in a PostgreSQL database (15 or newer) that any number of hosts write at once (design 4). Nothing but rows, their
 * locks and unique keys stands between the hosts: who changes an account locks its row first, and who reads one asks in one statement.
 *
 * States: opened (the tables are of this release) → serving ⇄ away (calls fault `store.unavailable`, connections are tried again) → closed.
 * What must never happen: what `ports/mailboxes.ts` says; an answer before its commit, or of a commit that a standby had to have and has not; a
 * commit that is cancelled; a call that is done twice because its answer was lost; a call that fails its neighbours in a group.
 *
 * Carries O1, O3 to O7; the suite is `store/contract/mailboxes.ts`.
 */
export type { PostgresMailboxes } from './mailboxes.ts';
export type { PostgresMailboxesParts, PostgresMailboxesSettings } from './open.ts';
export { openPostgresMailboxes } from './open.ts';
export { renewPostgresMailboxes } from './restored.ts';
