/** Bounds of incidents, each with its reason. */
const MINUTE_MS = 60_000;

export const INCIDENT_LIMITS = {
  /** Of a title, in characters: it stands in the subject of a mail, in a feed and in a list. */
  titleCharsMax: 200,
  /** Of an update or advice: what people read while they wait. */
  textCharsMax: 5_000,
  /** Of a cause, measures, or a postmortem. */
  storyCharsMax: 50_000,
  /** Entries of one incident: a week with an update every ten minutes is 1,000. Beyond it another one is opened. */
  entriesMax: 2_000,
  /** Components that one incident names. */
  componentsMax: 100,
  /** Tenants that one incident is told to, where it is not told to all. */
  tenantsMax: 10_000,
  /** Octets of one file: a provider's report as PDF. */
  fileBytesMax: 10 * 1024 * 1024,
  /** Files of one incident. */
  filesMax: 20,
  /** Octets of one part of a file that is on its way: as base64 it fits into one request of the API. */
  partBytesMax: 64 * 1024,
  /** Until the next update where nobody says when (products.md 2G). */
  promiseMs: 30 * MINUTE_MS,
  /** Two symptoms of one layer that begin within this are one cause. */
  joinMs: 10 * MINUTE_MS,
  /** Incidents of one day: numbers have two figures, more where they are needed; a rule gone mad stops here. */
  perDayMax: 500,
  /** Open ones that a rule looks through. */
  openMax: 200,
  /** How often one who was overtaken thinks again. */
  triesMax: 8,
  /** Furthest back and ahead that a time may lie. */
  backMs: 400 * 24 * 60 * MINUTE_MS,
  aheadMs: 400 * 24 * 60 * MINUTE_MS,
  /** In one answer. */
  listMax: 200,
} as const;
