import type { DestinationKey } from './destination.ts';
import type { HeldAct } from './held-act.ts';
import type { ArrivedMail, Body, Direction, MailInCustody, Notify, OriginalRecipient } from './mail.ts';
import type { MailAddress } from './mail-address.ts';
import type { RecipientFacts } from './mail-facts.ts';
import type { HeldReason, LiveState, RecipientNumber } from './recipient.ts';
import type { Sign, Verdict } from './verdict.ts';

/** One run of one process: `host/role/pid/start`, unique for ever. */
export type IncarnationId = string & { readonly __brand: 'IncarnationId' };

/** The role of an incarnation that claims mail to inspect it, and nothing else. */
export const INSPECTOR_ROLE = 'inspect';

/** What the journal and the claims say of a process (design 1, Claims). */
export interface Incarnation {
  readonly id: IncarnationId;
  readonly host: string;
  readonly role: string;
  readonly release: string;
  readonly pid: number;
  /** Wall-clock ms. */
  readonly startedAt: number;
}

/** Counts the claims of a recipient: an older claim's outcome other than `delivered` comes too late. */
export type ClaimToken = number;

/** One recipient in a claim. */
export interface ClaimedRecipient {
  readonly n: RecipientNumber;
  readonly token: ClaimToken;
  readonly address: MailAddress;
  readonly original: MailAddress | null;
  readonly orcpt: OriginalRecipient | null;
  readonly notify: Notify;
  readonly direction: Direction;
  readonly state: LiveState;
  /** Attempts that ended before this claim; of one that waits for inspection, workers that were lost over it. */
  readonly attempts: number;
  /** Wall-clock ms of the last attempt's end; null before the first. */
  readonly lastAttemptAt: number | null;
  readonly lastReply: PeerReply | null;
  /** A delay DSN has been sent for it. */
  readonly delayNotified: boolean;
  /** A former claim lapsed during an attempt, or its peer went away with the whole message. */
  readonly possiblyDuplicate: boolean;
  /** Wall-clock ms at which a held one goes on by itself; null where the end of its hold is its end, and where it is not held. */
  readonly releaseAt: number | null;
  /** Policy has had its say about it: no rule is asked again. */
  readonly judged: boolean;
  /** Policy's verdict while it waits by it, and while changes of the mail are still to be made; else null. */
  readonly verdict: Verdict | null;
}

/**
 * The exclusive right to work on some recipients of one message, all waiting for one destination. Alive as long as its
 * incarnation. `body` is null where the content has to be read with `Custody.body`.
 */
export interface Claim {
  readonly mail: MailInCustody;
  readonly destination: DestinationKey;
  readonly recipients: readonly ClaimedRecipient[];
  readonly body: Body | null;
  /** Of a claim for inspection: everybody whom this mail reaches, claimed or not, for counting rules look at the whole message. */
  readonly everybody?: readonly RecipientFacts[];
}

/** What a peer answered; `code` 0 is no answer at all (connection refused, time-out), told in `text`. */
export interface PeerReply {
  readonly code: number;
  readonly enhanced: string | null;
  readonly text: string;
  /** Host name or address of the peer, for Remote-MTA (RFC 3464 §2.3.5). */
  readonly host: string | null;
}

/** What an attempt, or a decision without one, did to one recipient. Times are wall-clock ms. */
export type Outcome =
  | { readonly kind: 'delivered'; readonly reply: PeerReply }
  /** The peer said not now, or did not answer; counted as an attempt. */
  | {
      readonly kind: 'deferred';
      readonly reply: PeerReply;
      readonly due: number;
      readonly delayNotified: boolean;
      /** The peer had the whole message when it went away: it may have taken it, and the next attempt may be the second. */
      readonly mayHaveArrived?: boolean;
    }
  | {
      readonly kind: 'bounced';
      readonly reply: PeerReply;
      readonly verdict?: Verdict;
      /** The person who refused it while it waited for approval, for the journal. */
      readonly by?: string;
    }
  | { readonly kind: 'expired'; readonly reply: PeerReply | null }
  | { readonly kind: 'discarded'; readonly reason: string; readonly verdict?: Verdict }
  | { readonly kind: 'held'; readonly reason: HeldReason; readonly detail: string }
  /** Inspected: goes on to its next hop, `destination`, at once. */
  | {
      readonly kind: 'passed';
      readonly destination: DestinationKey;
      readonly verdict: Verdict;
      /** Not inspected: by this person's word, for the journal (M8). */
      readonly by?: string;
    }
  /** Held by policy. It stands before `destination` from now on: whoever lets it go lets it go there, and not through inspection again. */
  | {
      readonly kind: 'suspended';
      readonly destination: DestinationKey;
      /** Null is `retention.held` from now. */
      readonly until: number | null;
      readonly atEnd: 'send' | 'expire';
      readonly verdict: Verdict;
      readonly told?: Told & Look;
    }
  /** Waits for the people that the verdict names, and expires at `until`; null as above. It stands before `destination`. */
  | {
      readonly kind: 'approval';
      readonly destination: DestinationKey;
      readonly until: number | null;
      readonly verdict: Verdict;
      readonly told?: Told & Look;
    }
  /**
   * Given back unattempted: due again at `due`; a delay notice may have been sent for it. A held one goes on where it stopped if its
   * `releaseAt` has come, and otherwise stays held, to be looked at again at `due`.
   */
  | { readonly kind: 'returned'; readonly due: number; readonly delayNotified: boolean; readonly told?: Told }
  /** Given back as it was claimed: a look that changed nothing. */
  | { readonly kind: 'untouched' }
  /** A person's act on what waits by a verdict, of which the mails born with it tell. What it does not apply to stays as it is. */
  | { readonly kind: 'acted'; readonly act: HeldAct; readonly by: string }
  /** Which signatures it leaves with was decided, before the first attempt; it is due at once. */
  | { readonly kind: 'signed'; readonly sign: Sign; readonly detail: string }
  /** Waits for another destination from now on. */
  | { readonly kind: 'moved'; readonly destination: DestinationKey };

/** Whom the mails born with an outcome tell that a mail waits for people. */
export interface Told {
  /** For the journal, which keeps no address; empty where nobody was told. */
  readonly who: string;
  /** Who is still to be told. */
  readonly owed: readonly MailAddress[];
}

/** When a mail is to be looked at before its end, wall-clock ms. */
export interface Look {
  readonly lookAt: number;
}

/**
 * A mail that comes to be with outcomes: a report of any of them, or, with `bornOf`, what comes of that one recipient. A list names one for each of
 * its own recipients, in their order: each of them is in it exactly when that outcome settled.
 */
export interface BornMail extends ArrivedMail {
  readonly bornOf?: RecipientNumber | readonly RecipientNumber[];
  /** Born once of its parent under this name, whichever settlement of whichever recipients brings it, and however often. */
  readonly once?: string;
}

/** The outcomes of one claim. Committed as one: outcomes, journal, books and the messages born of them. */
export interface Settlement {
  readonly claim: Claim;
  readonly outcomes: readonly { readonly n: RecipientNumber; readonly outcome: Outcome }[];
  /** Mails that these outcomes cause: inserted in the same transaction, by the same door. */
  readonly born: readonly BornMail[];
  /** From the begin of the attempt to its end; 0 where nothing was attempted. */
  readonly elapsedMs: number;
  /** The peer that was tried, `host[address]:port`, for the journal. */
  readonly peer: string | null;
  /** Whose work it was, for the journal; `deliver` where it is absent. */
  readonly component?: 'inspect' | 'cli';
}

/** `settled`: as asked. `already`: ended before. `lapsed`: the claim was lost; only a `delivered` is recorded then. One answer per outcome, in order; mail is born only when at least one outcome settled and every failure or delay that it may tell of did: else those are given back as `lapsed`, and their next attempt makes its own. A mail `bornOf` one recipient is born exactly when that outcome settled, whatever became of the others. */
export type Settled = 'settled' | 'already' | 'lapsed';
