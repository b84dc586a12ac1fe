/** Bounds of subscriptions, each with its reason. */
import type { AskLimits } from '#/ports/index.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export const SUBSCRIBER_LIMITS = {
  ask: {
    // Whoever names somebody else's address sends them one mail a day, and no more.
    againMs: DAY_MS,
    // To anybody together: a page that robots found must not make a mail bomb of us.
    perWindow: 60,
    windowMs: 10 * MINUTE_MS,
    // One mail an incident for each of them: minutes of sending, and no more.
    total: 20_000,
  } satisfies AskLimits,
  /** Until a question that nobody answered is forgotten. */
  forgetMs: 7 * DAY_MS,
  /** Failures of a webhook in a row, at which it ends: some days of incidents. */
  failuresMax: 50,
  /** Of a webhook's address. */
  urlCharsMax: 500,
  /** Components that one of them chooses. */
  componentsMax: 50,
  /** For one request to a webhook. */
  hookMs: 10_000,
} as const;
