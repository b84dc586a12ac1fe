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
  /** Of a webhook's address. */
  urlCharsMax: 500,
  /** Components that one of them chooses. */
  componentsMax: 50,
  hooks: {
    /** Requests at once, to all hosts together: their answers are a line each. */
    atOnce: 10,
    /** To one host: whoever has many subscriptions there is no load for it. */
    hostAtOnce: 2,
    /** Letters that wait here; all of them have their turn within a lease, even if each host hangs. */
    waitingMax: 100,
    /** For one request. */
    hookMs: 10_000,
    /** For one question to our own store. */
    storeMs: 30_000,
    /** How long a host is left alone that could not be reached, or was silent. */
    hostPauseMs: MINUTE_MS,
    /** A webhook that could not be reached for so long has missed it; the page has it. */
    lateMs: 6 * 60 * MINUTE_MS,
    /** Failures in a row at which one ends: a letter fails about fifteen times before it is late, so a day of incidents. */
    failuresMax: 50,
  },
} as const;
