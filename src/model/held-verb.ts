/** What people do with what waits by a verdict (design 5, `held`). Who may, `held/rights.ts` says. */
export const HELD_VERBS = ['release', 'stop', 'delete', 'approve', 'reject'] as const;

export type HeldVerb = (typeof HELD_VERBS)[number];
