/** What extraction finds out about a mail, and what checks say of it. Facts are values: a check never sees bytes, sockets or time. */

/** One part of a mail, as extraction saw it. */
export interface PartFacts {
  /** Place in the mail: `2.1` is the first part of the second. */
  readonly path: string;
  /** The name that it asks to be saved under, decoded; null where it has none. Anyone wrote it: nothing about it is certain. */
  readonly name: string | null;
  /** As its header says, in lower case: `application/pdf`. A claim, not a fact about the content. */
  readonly declaredType: string;
}

/** One thing that a check found. */
export interface Finding {
  /** The check's name, as rules and traces have it. */
  readonly check: string;
  /** Path of the part. */
  readonly part: string;
  /** A sentence for the sender and the approver: what it is, and why that matters. No control characters. */
  readonly reason: string;
}
