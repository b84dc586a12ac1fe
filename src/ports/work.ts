/**
 * Work for those who deliver: which claims may be attempted now, where, and by how many at once. The queue decides, the deliverer
 * (outbound/) attempts.
 *
 * A slot is the right to one connection's worth of work at one destination:
 * ```
 *   ready(slot) ─▶ next() ─▶ attempt ─▶ finish() ─▶ next() … ─▶ null ─▶ release()
 *                               │
 *                               └─ alive() once the session stands · trouble() when it can't
 * ```
 * What must never happen: a slot that is not released; a claim that was taken and is neither finished nor, by `release`, given back.
 * So `release` belongs into `finally`: it gives back as unattempted whatever the slot took and did not finish.
 *
 * Carries M5 (fair between tenants and destinations, fresh mail passes a backlog), H3, H4.
 */
import type { ArrivedMail, Claim, DestinationKey, Outcome, PeerReply, Settlement } from '#/model/index.ts';

export interface Work {
  /**
   * Calls `start` whenever a destination has a claim that may be attempted now and a free slot. `start` is called on the turn in
   * which the work came, may take at once, and must not throw. One deliverer at a time; returns a function that stops the offers.
   */
  onReady(start: (slot: Slot) => void): () => void;

  /** Whether an attempt may go on: false once our stored heartbeat is 8 s old. Asked before MAIL and before the final dot (design 1, Claims). */
  mayAttempt(): boolean;

  /** Wall-clock ms at which a recipient is due again after its `attempts`-th attempt (from 1) has ended now: retry table and jitter. */
  retryAt(attempts: number): number;
}

export interface Slot {
  readonly destination: DestinationKey;
  /** The destination is closed and this slot looks whether it is back: it gets one claim, and short time-outs (≤ 10 s to the greeting) are better than patient ones. */
  readonly probe: boolean;

  /**
   * The next claim for this connection, or null: nothing more now, or this connection is one too many. May be called again before
   * the former claim is finished, to send its envelope behind the former body. After null, release; the connection may be kept
   * idle for the next slot.
   */
  next(): Claim | null;

  /**
   * Records what became of a claim of this slot, durably, in the background: settlements that the store could not take are repeated
   * until it can. Call it once per claim, with an outcome for each of its recipients.
   */
  finish(settlement: Settlement): void;

  /** The peer answered and the session stands (EHLO, TLS, AUTH done): opens a closed destination at once. */
  alive(): void;

  /**
   * `down`: no host of the destination could be used (refused, time-out, 421 greeting, EHLO refused): it is closed as a whole,
   * unless others of its sessions stand. `busy`: the peer wants less (421 within a session, "too many connections", 4xx on
   * MAIL): fewer connections at once. Claims already attempted are still to be finished, the others come back by `release`.
   */
  trouble(kind: Trouble, reply: PeerReply): void;

  /** Gives the slot back. Harmless when repeated. */
  release(): void;
}

export type Trouble = 'down' | 'busy';

/** Mails that are born with an outcome. Provided by outbound/, used wherever a recipient ends or waits long. */
export interface NoticeMaker {
  /**
   * The DSN that these outcomes ask for by NOTIFY, or null: null reverse-path, not wanted, not a mail that may be reported. `failure`
   * is for bounced and expired ones, `delay` for ones that wait longer than `retry.delayNotice`. Reads the header section of
   * the original where it can, and leaves it out where it can't; bounded in time, and never rejects.
   */
  notice(
    claim: Claim,
    outcomes: readonly { readonly n: number; readonly outcome: Outcome }[],
    kind: 'delay' | 'failure',
  ): Promise<ArrivedMail | null>;
}
