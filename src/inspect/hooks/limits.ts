/** Bounds of asking servers beside ours, each with its reason. */
export interface HookLimits {
  /** Octets of a mail that are kept for them: what gates take by default. What is longer counts as unread. */
  readonly mailBytesMax: number;
  /** Characters of the texts of a mail that a program by HTTP is told. What is longer counts as unread. */
  readonly textCharsMax: number;
  /** Octets of an answer: a line of clamd's, or some hundred symbols of rspamd's. */
  readonly answerBytesMax: number;
  /** For the question whether it is there at all: it costs a server nothing. */
  readonly pingMs: number;
  /** Asks in a row without an answer, not even to a ping, before nobody waits for it any more. */
  readonly failuresToOpen: number;
  /** From then to the first look whether it is back; each further one takes twice as long. */
  readonly restMs: number;
  readonly restMsMax: number;
  /** An answer that takes longer is slow; less than what a mail has in the fast lane, so that the reason is known when it leaves it. */
  readonly slowMs: number;
  /** Answers by which it is known how fast a server is, and for how long they say anything: a server that is slow and that nobody asks is tried again. */
  readonly paceAnswers: number;
  readonly paceMs: number;
  /** Second asks that are saved up at most, and how many each first one earns: a server in trouble gets a tenth more, not twice as much. */
  readonly retriesMax: number;
  readonly retriesPerAsk: number;
}

export const HOOK_LIMITS: HookLimits = {
  mailBytesMax: 52_428_800,
  textCharsMax: 4_194_304,
  answerBytesMax: 262_144,
  pingMs: 3_000,
  failuresToOpen: 3,
  restMs: 1_000,
  restMsMax: 60_000,
  slowMs: 500,
  paceAnswers: 8,
  paceMs: 30_000,
  retriesMax: 5,
  retriesPerAsk: 0.1,
};
