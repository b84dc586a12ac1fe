/**
 * The host controller: it starts the roles of this host, restarts one that died, ends one that is alive but stuck, replaces one that is
 * to begin anew, drains them at the end, and tells whether each has proved itself by a real exchange. It is on no path of work: a
 * steward that is stopped for ten minutes changes no accept, delivery or sign-in.
 *
 * A child is `starting`, `running`, `waiting` (died; comes back after a pause that grows), `draining` or `ended`.
 * What must never happen: a restart loop without a pause; two processes of one role at once, but for the moment in which one follows the
 * other; a child that outlives a clean stop; a question to a child without a deadline; a child that is killed because the machine is
 * loaded, or because the steward itself was asleep.
 *
 * Carries B4 (supervision), B7 and H10 (stuck roles), M6's ground (ready means proven), B6 (it never reads a child's log).
 */
export * from './admin.ts';
export * from './child.ts';
export type { LifeSlot } from './life.ts';
export * from './pool.ts';
export { excuses, type ProcessLook } from './process-look.ts';
export type { Pulse } from './pulse.ts';
export * from './readiness.ts';
export * from './restart.ts';
export * from './watch.ts';
