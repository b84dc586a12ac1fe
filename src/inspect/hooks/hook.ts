/** What a server beside ours is asked, and what it may say. */
import type { Socket } from 'node:net';
import type { Call, MailFacts, MailId, Wording } from '#/model/index.ts';

/** A mail before a server beside ours. */
export interface HookMail {
  /** The queue ID, by which both sides name it in their logs. */
  readonly id: MailId;
  readonly facts: MailFacts;
  /** The content as accepted, whole. */
  readonly content: Uint8Array;
}

/** What it says of a mail that it has looked at. */
export interface HookOpinion {
  /** What it found; reasons are clauses that stand behind "because". */
  readonly found: readonly Wording[];
  /** Where it gives one; null where it knows none. */
  readonly score: number | null;
  /** Something in it could not be looked into: it counts as found, never as clean (design 2). */
  readonly unread: boolean;
  /** What it wanted to be changed, and is not: for the log. */
  readonly unmade?: readonly string[];
}

export const NOTHING: HookOpinion = { found: [], score: null, unread: false };
export const UNREAD: HookOpinion = { found: [], score: null, unread: true };

/** A connection to the server's address, by the dialer. Rejects with words that are fit for a trace. */
export type Connect = (call: Call) => Promise<Socket>;

/** One kind of server. Both methods reject for whatever is not an answer. */
export interface HookClient {
  /** Its opinion of one mail. */
  ask(mail: HookMail, call: Call): Promise<HookOpinion>;
  /** Whether it answers at all, asked without any mail. */
  ping(call: Call): Promise<void>;
}
