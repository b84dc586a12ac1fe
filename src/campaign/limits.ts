const HOUR_MS = 3_600_000;

/** When what happens where nobody says else (products.md 2G): tenants choose for a day, which ends 12 h before the run; an hour before it the list is frozen. */
export const PLAN_DEFAULTS = {
  choiceMs: 24 * HOUR_MS,
  closedMs: 12 * HOUR_MS,
  frozenMs: HOUR_MS,
} as const;
/** Longest of these times: a campaign that begins in a season is a mistake. */
export const PLAN_MS_MAX: number = 90 * 24 * HOUR_MS;

/** Recipients let go a second, where nobody says: 180,000 an hour, beside which new mail is not felt. */
export const PER_SECOND_DEFAULT = 50;
/** The most: what one step of the run takes from the store. */
export const PER_SECOND_MAX = 1_000;

/** Recipients in one scope: its lines are some 100 octets each. */
export const SCOPE_MAX = 2_000_000;
/** Recipients read and written in one step while a scope is written down. */
export const SCOPE_STEP = 2_000;
/** Characters of a title, and of a note in the mail (a header field of one line or a few). */
export const TITLE_CHARS_MAX = 200;
export const NOTE_CHARS_MAX = 200;
/** Messages in one choice: more is a choice for all. */
export const CHOSEN_MAX = 1_000;
/** Campaigns, and lines of one, in a page. */
export const LISTED_MAX = 1_000;
export const LINES_MAX = 5_000;
/** Events shown of one. */
export const EVENTS_SHOWN = 200;

/** Between two looks at what time moves on, and between two steps of a run: the pace counts by it. */
export const STEP_MS = 1_000;
/** Between two looks where there is no campaign to move on. */
export const IDLE_MS = 5_000;
/** Where the store is away. */
export const AWAY_MS = 10_000;
/** Deadline of one call to a store. */
export const CALL_MS = 30_000;
/** How long the turn on a campaign is one process's without a sign of it. */
export const TURN_MS = 60_000;
/** Recipients whose mail is looked at in one question. */
export const LOOK_AT = 100;
/** How long a run waits for mail that it let go to come to its end, before it is completed without. */
export const SETTLE_MS: number = 24 * HOUR_MS;
/** Between two looks at what was let go. */
export const LOOK_AGAIN_MS = 5_000;
/** How long lines of a scope that nobody finished are kept: drafting takes minutes. */
export const UNFINISHED_MS: number = 24 * HOUR_MS;
export const FORGET_STEP = 5_000;
/** Campaigns that are looked at for news: more were never under way at once. */
export const NEWEST = 50;
/** How old what is told may be. */
export const NEWS_MS: number = 24 * HOUR_MS;
