/**
 * Custody of mail: from the 250 to the end of the last recipient.
 *
 * A recipient is `queued` or `deferred` (waits for its due time), `held` or `approval` (waits for a person until a deadline), or
 * ended: `delivered`, `bounced`, `discarded`, `expired`. Waiting ones may be claimed, by one incarnation at a time.
 * ```
 *   accept ─▶ queued ──claim──▶ (claimed) ──settle──▶ delivered | bounced | expired | discarded
 *                ▲                  │  │
 *                │                  │  └──▶ deferred ──due──▶ claim …
 *                └──── lapsed ◀─────┘        held ──release──▶ queued
 *                                        approval ──last vote──▶ queued
 * ```
 * What policy may concern waits for `INSPECT_DESTINATION` first. Its claims end `passed` (queued again, for its next hop), `suspended` or
 * in `approval` (held *before its next hop*, so that a release never leads through inspection again), refused or discarded. What is held
 * before that stands before inspection, and goes on there: the destination of the row is all that says which of the two it is.
 *
 * What must never happen: a promise that resolves before its bytes are durable; a change of state without its journal event and its
 * line in the books in the same transaction; a recipient that ended and moves again; two living claims on one recipient; a
 * row that nothing will move.
 *
 * Carries H3 (the state is the queue), H4 (per recipient), H5 (books, orphans), M3 (acceptance does not depend on the backlog).
 * Keepers: `store/memory` (the model), `store/sqlite`; one suite for all: `store/contract/custody.ts`. Every method may be called again
 * after a fault. A method that is late rejects with `call.late`; what it asked for may still come to be.
 */
import type {
  ArrivedMail,
  Body,
  Books,
  Call,
  Claim,
  DestinationKey,
  HeldAct,
  HeldReason,
  Incarnation,
  IncarnationId,
  MailId,
  Orphan,
  RecipientNumber,
  RecipientState,
  Settled,
  Settlement,
  TenantId,
} from '#/model/index.ts';

export interface Custody {
  /**
   * Takes mails into custody; durable when it resolves, only then may the gate answer 250 (H3). The mails of one call are committed
   * together or not at all; other calls may share the flush and never share the fate. An id that is already there is left as
   * it is, so that an unknown commit may be repeated. With `claimFor`, queued recipients start claimed by that incarnation
   * with token 1, and the caller goes on with them in memory: the usual mail is never read back.
   */
  accept(mails: readonly ArrivedMail[], claimFor: IncarnationId | null, call: Call): Promise<void>;

  /** Claims waiting recipients for `worker`, one claim a message and destination; durable when it resolves. Most urgent first within the request. */
  claim(request: ClaimRequest, worker: IncarnationId, call: Call): Promise<readonly Claim[]>;

  /** Records outcomes with their journal events and the mails born of them; durable when it resolves. One answer per outcome, in order. */
  settle(settlement: Settlement, worker: IncarnationId, call: Call): Promise<readonly Settled[]>;

  /** The content as accepted, checked for presence, length and hash; faults `body.missing`, `body.damaged`. */
  body(message: MailId, call: Call): Promise<Body>;

  /** What waits, by destination and tenant: the scheduler's and the status page's view. Cost grows with destinations, not with mails. */
  depth(call: Call): Promise<readonly Depth[]>;

  /** Writes down a new incarnation before its first claim. */
  enlist(incarnation: Incarnation, call: Call): Promise<void>;

  /** Counts its heartbeat up (every 2 s); false when it has been declared dead meanwhile: the process must stop its work and end. */
  beat(worker: IncarnationId, call: Call): Promise<boolean>;

  /** Heartbeats of all incarnations not yet retired, for watchers. */
  beats(call: Call): Promise<readonly Heartbeat[]>;

  /**
   * Declares an incarnation dead or gone: its claims lapse and their recipients are due at once; those whose attempt may have been
   * under way (`clean` is false) are marked possibly duplicate. Returns how many recipients were freed.
   */
  retire(worker: IncarnationId, clean: boolean, call: Call): Promise<number>;

  /** An act of a person on what `filter` names, live recipients only; journaled with the person. Returns what was hit, at most `limit` recipients; call again until `more` is false. */
  act(act: QueueAct, filter: QueueFilter, by: string, limit: number, call: Call): Promise<ActResult>;

  /** Looks for rows that nothing will move, mends what can be mended, names the rest (H5). Cheap: reads fault indexes, not the queue. */
  sweep(call: Call): Promise<readonly Orphan[]>;

  /** Checks presence, length and hash of the content of up to `limit` messages behind `after`; `next` is null at the end. */
  scrub(
    after: MailId | null,
    limit: number,
    call: Call,
  ): Promise<{ readonly orphans: readonly Orphan[]; readonly next: MailId | null }>;

  /** The live books: totals and the deltas appended by each commit, folded. */
  books(call: Call): Promise<readonly Books[]>;

  /**
   * Counts again what `books` claims, by code that shares nothing with it: `accepted` from journal events and closed days, the rest from
   * recipient rows and closed days, in one view of the store.
   */
  recount(call: Call): Promise<readonly Recount[]>;

  /**
   * Closes finished days: copies ended recipients and journal events older than `before` out of the hot tables, commits closing
   * totals per tenant, then deletes what was copied. In steps of at most `limit` rows; `more` says whether to come again.
   * Days older than `dropBefore` are dropped whole, totals stay.
   */
  rollOver(
    before: number,
    dropBefore: number,
    limit: number,
    call: Call,
  ): Promise<{ readonly moved: number; readonly more: boolean }>;

  /** Small facts that periodic work keeps across restarts (last janitor run, confirmed clock). */
  remember(name: string, value: string, call: Call): Promise<void>;
  recall(name: string, call: Call): Promise<string | null>;

  /** Bytes that the outcomes of everything now queued may need, for the disk reserve. */
  reserveBytes(): number;

  [Symbol.asyncDispose](): Promise<void>;
}

export type ClaimRequest =
  /** Due at `now`, waiting for `destination`; at most `limit` recipients, of these tenants only where given, never attempted ones only where `fresh`. Where `ignoreDue`, rows wait on their destination, which has just opened. */
  | {
      readonly kind: 'due';
      readonly destination: DestinationKey;
      readonly tenant: TenantId | null;
      readonly fresh: boolean;
      /** Those alone that were attempted before; of inspection, those over which a worker was lost. */
      readonly retried?: boolean;
      readonly ignoreDue: boolean;
      readonly now: number;
      readonly limit: number;
    }
  /** Waiting recipients, queued or deferred, whose attention time has passed (delay notice, expiry), whatever their destination. */
  | { readonly kind: 'attention'; readonly now: number; readonly limit: number }
  /** Live recipients that a filter names, held ones too: an operator's bounce claims, then settles with the DSN in one transaction. */
  | { readonly kind: 'named'; readonly filter: QueueFilter; readonly limit: number }
  /** Held recipients whose deadline has passed. */
  | { readonly kind: 'held'; readonly now: number; readonly limit: number };

/** What waits for one destination of one tenant. Times are wall-clock ms. */
export interface Depth {
  readonly destination: DestinationKey;
  readonly tenant: TenantId;
  /** Waiting and unclaimed. Counted up to 10,000 exactly, beyond from the books of the queue. */
  readonly waiting: number;
  /** Acceptance time of the oldest. */
  readonly oldestAt: number;
  /** Earliest due time. */
  readonly nextDue: number;
}

export interface Heartbeat {
  readonly incarnation: Incarnation;
  readonly beat: number;
  readonly claims: number;
}

/** Acts of operators on live recipients (design 5, `queue`); a bounce is a claim and a settlement. Not on `approval` or policy holds: `held` is for those. */
export type QueueAct =
  /** Until a wall-clock ms at which it goes on where it stopped, or has waited for a person long enough and expires. */
  | { readonly kind: 'hold'; readonly until: number; readonly atEnd: 'release' | 'expire' }
  | { readonly kind: 'release' }
  | { readonly kind: 'retry' }
  | { readonly kind: 'reroute'; readonly destination: DestinationKey }
  | { readonly kind: 'drop'; readonly reason: string }
  /**
   * A redelivery campaign's (H7): what waits is due now, with its whole time before it, and says that it is late when it leaves; also what nothing
   * would have moved, and what is held as `set-aside` or by an operator. What is due already, waits by policy or is held for another reason stays as it is.
   */
  | { readonly kind: 'redeliver'; readonly note: string | null }
  /**
   * This store is a copy of an earlier time, and what it says waits may long have been served: waiting recipients are held as
   * `restored`, all live ones marked possibly duplicate, and no hold ends by itself (design 1, After a restore). Repeating it changes nothing.
   */
  | { readonly kind: 'restored' }
  | HeldAct;

export interface ActResult {
  readonly recipients: number;
  readonly messages: readonly MailId[];
  readonly more: boolean;
}

/** Which live recipients an act or a list means; all given conditions must hold. */
export interface QueueFilter {
  readonly ids?: readonly MailId[];
  readonly recipient?: RecipientNumber;
  readonly tenant?: TenantId;
  /** Address or `*@domain` of the sender, of the recipient. */
  readonly from?: string;
  readonly to?: string;
  readonly subject?: string;
  readonly state?: RecipientState;
  readonly reason?: HeldReason;
  readonly destination?: DestinationKey;
  /** Acceptance time, wall-clock ms. */
  readonly since?: number;
  readonly until?: number;
}

/** One tenant's books from an independent count, and whether the two sides agree. */
export interface Recount {
  readonly books: Books;
  readonly live: Books;
  readonly balanced: boolean;
}
