import type { AccountUsage } from '#/ports/index.ts';

/** Of an account that nobody has used yet. */
export const NO_USAGE: AccountUsage = {
  messages: 0,
  bytes: 0,
  recoverableMessages: 0,
  recoverableBytes: 0,
  held: false,
};
