/** Bounds of what people are told, each with its reason. */
export const NOTICE_LIMITS = {
  /** Mails about single mails to one person in an hour, by one process: who gets more reads none of them. What is over comes in a digest. */
  singlesPerHour: 20,
  /** Digests to one person in an hour, by one process. What is over waits for the next hour. */
  digestsPerHour: 6,
  /** Mails to all people of one tenant in an hour, by one process: what rules set off counts against no sending limit. What is over waits. */
  tenantPerHour: 2_000,
  /** From a mail that found no room to the look that makes a digest of it and its like. */
  digestMs: 10 * 60_000,
  /** From a part of a mail with more recipients than are judged together to the look that tells of all of them. */
  tornMs: 3_000,
  /** From a digest that found no room to the next look. */
  laterMs: 60 * 60_000,
  /** People whose hour is remembered; beyond it the oldest is forgotten, and may get some mails more. */
  peopleMax: 10_000,
  /** People who are told of one mail: approvers and whom rules name. */
  readersMax: 200,
  /** Addresses written out in one place; the rest is a number. */
  addressesMax: 10,
  /** Mails written out in a digest; the rest is a number. */
  digestLinesMax: 50,
  /** Of a subject, in characters. */
  subjectCharsMax: 120,
  /** Of what a person wrote when they acted, or of a reason. */
  reasonCharsMax: 900,
  /** Final recipients of one notice, where a group stands for them. */
  groupMax: 100,
} as const;
