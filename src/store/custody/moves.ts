/** The moves that all of custody's changes are made of: how far a recipient has come, what the journal gets, and the single steps. */
import type {
  Change as ContentChange,
  DestinationKey,
  EndedState,
  HeldReason,
  JournalKind,
  MarkLate,
  PeerReply,
  PolicyVersion,
  RecipientState,
  Sign,
  Stage,
  Verdict,
} from '#/model/index.ts';
import { INSPECT_DESTINATION, isBeforeInspection, isUnprepared } from '#/model/index.ts';
import { withoutAddresses } from './detail.ts';
import type { CustodySettings } from './settings.ts';

/** The part of a recipient that changes. Times are wall-clock ms. */
export interface Progress {
  readonly state: RecipientState;
  /** Why it is held, or why it ended where no reply says so; else empty. */
  readonly reason: string;
  readonly destination: DestinationKey;
  /** When it is due. Of a held one: when it goes on by itself; null where `attentionAt` ends it. */
  readonly due: number | null;
  readonly attentionAt: number | null;
  /** Begin of its time in the queue: acceptance, or the release from a hold, so that time with a person ages nothing. */
  readonly queueSince: number;
  /** Of one that waits for inspection: workers that were lost over it. */
  readonly attempts: number;
  readonly lastAttemptAt: number | null;
  readonly lastReply: PeerReply | null;
  readonly delayNotified: boolean;
  readonly possiblyDuplicate: boolean;
  readonly endedAt: number | null;
  /** Policy has had its say about it: whoever takes it on asks no rule again. What no rule concerned when it came has not. */
  readonly judged: boolean;
  /** Policy's verdict while it waits by it, and while changes of the mail are still to be made. */
  readonly verdict: Verdict | null;
}

/** What the journal gets beside who, where and when. */
export interface EventFacts {
  readonly kind: JournalKind;
  readonly stage: Stage;
  readonly destination: DestinationKey;
  readonly attempt: number;
  readonly attribution: string | null;
  readonly rule: string | null;
  readonly ruleVersion: PolicyVersion | null;
  readonly detail: string;
  /** ms from the begin of its time in the queue to the begin of its first attempt; null in all other events (M2). */
  readonly waitedMs: number | null;
}

/** Where something leads. */
export interface Change {
  readonly progress: Progress;
  /** In the order in which they came; the last one is that of the state that it is in now. */
  readonly events: readonly EventFacts[];
}

/** A delay notice first, then expiry; both count from the begin of the time in the queue. */
export function waiting(progress: Progress, settings: CustodySettings): Progress {
  const afterMs = progress.delayNotified ? settings.expireMs : Math.min(settings.delayNoticeMs, settings.expireMs);
  return { ...progress, attentionAt: progress.queueSince + afterMs };
}

/** Waits for a person, until it is given up. Before inspection it waits before all of it, whichever lane it was in. */
export function held(from: Progress, reason: HeldReason, until: number): Progress {
  const destination = isBeforeInspection(from.destination) ? INSPECT_DESTINATION : from.destination;
  return { ...from, destination, state: 'held', reason, due: null, attentionAt: until };
}

/** Waits for a person with its whole time before it. Of what people are told it is looked at within a day: then they are reminded in their time. */
export function waitsAnew(from: Progress, until: number, now: number): Progress {
  const { verdict } = from;
  if (verdict?.wait === undefined) return { ...from, attentionAt: until };
  const wait = { since: now, until, toldAt: now, owed: [] };
  return { ...from, attentionAt: Math.min(until, now + LOOK_MS), verdict: { ...verdict, wait } };
}

const LOOK_MS = 24 * 3_600_000;

/**
 * Goes on where it stopped: to inspection, or to its next hop. What inspection could not prepare the changes of goes to it once more: there is
 * room by now, or it is held again and says why; before its next hop nothing could be made of it.
 */
export function released(before: Progress, now: number, settings: CustodySettings): Progress {
  const from = isUnprepared(before.verdict?.changes ?? []) ? uninspected(before) : before;
  // Before inspection a person's release is a new beginning; behind it, what is still to be done to the mail stays with it.
  const attempts = isBeforeInspection(from.destination) ? 0 : from.attempts;
  const fresh = { ...from, state: 'queued', reason: '', due: now, queueSince: now, delayNotified: false } as const;
  return waiting({ ...fresh, attempts, verdict: withChanges(from.verdict) }, settings);
}

function uninspected(from: Progress): Progress {
  return { ...from, destination: INSPECT_DESTINATION, judged: false, verdict: null };
}

/** What of a verdict is still to be done; nobody waits by it any more, and nobody is told of it. */
export function withChanges(verdict: Verdict | null): Verdict | null {
  if (verdict === null || verdict.changes.length === 0) return null;
  const { wait: _over, ...rest } = verdict;
  return rest;
}

/** Goes on at once, wherever it stopped, and says that it is late when it leaves (H7). One that says so already says it once. */
export function redelivered(from: Progress, note: string | null, now: number, settings: CustodySettings): Progress {
  const progress = released(from, now, settings);
  return { ...progress, verdict: withLateMark(progress.verdict, [{ kind: 'markLate', note }]) };
}

/** A verdict that asks for these marks too, in front of what it asks for already. */
export function withLateMark(verdict: Verdict | null, marks: readonly MarkLate[]): Verdict | null {
  const { changes } = verdict ?? NO_RULE;
  if (marks.length === 0 || changes.some(isLateMark)) return verdict;
  return { ...(verdict ?? NO_RULE), changes: [...marks, ...changes] };
}

export function isLateMark(change: ContentChange): change is MarkLate {
  return change.kind === 'markLate';
}

/** A verdict that says what signatures it leaves with, too; one that says so already stays. */
export function withSign(verdict: Verdict | null, sign: Sign): Verdict {
  const { changes } = verdict ?? NO_RULE;
  return changes.some(isSign) ? (verdict ?? NO_RULE) : { ...(verdict ?? NO_RULE), changes: [...changes, sign] };
}

export function isSign(change: ContentChange): change is Sign {
  return change.kind === 'sign';
}

const NO_RULE: Verdict = {
  ...{ kind: 'pass', rule: null, version: '' as PolicyVersion, reason: { en: '', ja: '' }, changes: [], notify: [] },
};

/** Has ended, for good. */
export function end(from: Progress, state: EndedState, reason: string, now: number): Progress {
  return { ...from, state, reason, due: null, attentionAt: null, endedAt: now, verdict: null };
}

/** Where it leads, with the one event that tells of it. */
export function told(progress: Progress, kind: JournalKind, stage: Stage, more: EventMore): Change {
  return { progress, events: [event(progress, kind, stage, more)] };
}

type EventMore = Partial<Pick<EventFacts, 'attribution' | 'detail' | 'waitedMs' | 'rule' | 'ruleVersion'>>;

/** An event at this point of its way. */
export function event(progress: Progress, kind: JournalKind, stage: Stage, more: EventMore): EventFacts {
  const { attribution = null, detail = '', waitedMs = null, rule = null, ruleVersion = null } = more;
  const { destination, attempts: attempt } = progress;
  const what = { kind, stage, destination, attempt, attribution, rule, ruleVersion };
  return { ...what, detail: withoutAddresses(detail), waitedMs };
}
