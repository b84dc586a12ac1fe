/**
 * The host controller: it starts the roles of this host, restarts one that died, drains them at the end, and tells whether each has
 * proved itself by a real exchange. It is on no path of work: a steward that is stopped for ten minutes changes no accept, delivery or sign-in.
 *
 * A child is `starting`, `running`, `waiting` (died; comes back after a pause that grows), `draining` or `ended`.
 * What must never happen: two children of one role at once; a restart loop without a pause; a child that outlives a clean stop;
 * a question to a child without a deadline.
 *
 * Carries B4 (supervision), M6's ground (ready means proven), B6 (it never reads a child's log).
 */
export * from './admin.ts';
export * from './child.ts';
export * from './readiness.ts';
export * from './restart.ts';
