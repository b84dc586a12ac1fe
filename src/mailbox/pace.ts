/**
 * How fast the background may go: a pure rule over what people feel. Steps grow while nobody waits and shrink when people do; while people are
 * slower than usual it stands still.
 */

export interface PaceFacts {
  /** Of people's commands lately; null: nobody is there. */
  readonly p95Ms: number | null;
  /** The same while nothing went on in the background: what people are used to. */
  readonly usualMs: number | null;
  /** Commands at the store at this moment. */
  readonly underWay: number;
  /** How long the last step took. */
  readonly stepMs: number;
}

export interface Pace {
  /** Messages in the next step; 0: none now. */
  readonly messages: number;
  /** Before the next look. */
  readonly pauseMs: number;
}

const MESSAGES_MIN = 20;
const MESSAGES_MAX = 500;
/** A step holds an account, and its thread, for about so long: who reads mail there asks several times, and meets more than one. */
const STEP_MS = 8;
/** Share of the time that steps may take while people work: one part in five. */
const REST_FACTOR = 4;
const REST_MIN_MS = 5;
/** People slower than this multiple of their usual, and by more than noise, are people who feel something. */
const FELT_FACTOR = 1.3;
const FELT_MS = 2;
const UNDER_PRESSURE_MS = 1_000;
/** So many at once is pressure, whatever it is that they do. */
const CROWD = 64;

/** The next step after one of `messages`. */
export function nextPace(messages: number, { p95Ms, usualMs, underWay, stepMs }: PaceFacts): Pace {
  const felt = p95Ms !== null && usualMs !== null && p95Ms > Math.max(usualMs * FELT_FACTOR, usualMs + FELT_MS);
  if (felt || underWay >= CROWD) return { messages: 0, pauseMs: UNDER_PRESSURE_MS };
  const wanted = stepMs > STEP_MS ? messages / 2 : messages * 1.5;
  const next = Math.round(Math.min(MESSAGES_MAX, Math.max(MESSAGES_MIN, wanted)));
  const alone = p95Ms === null && underWay === 0;
  return { messages: next, pauseMs: alone ? REST_MIN_MS : Math.max(REST_MIN_MS, stepMs * REST_FACTOR) };
}
