/**
 * What may happen to one recipient in custody, as values: each function takes how far it has come and says where that leads, and which
 * line the journal gets. Keepers fetch and store; they decide nothing. A claim is the keeper's: whatever happens here frees it.
 *
 * What must never happen: an ended recipient that moves; a change of state without its event.
 */
import type {
  ArrivedMail,
  ArrivedRecipient,
  JournalKind,
  Outcome,
  PeerReply,
  RecipientState,
  Settlement,
  Stage,
  Told,
  Verdict,
} from '#/model/index.ts';
import { INSPECT_DESTINATION, INSPECTOR_ROLE, isBeforeInspection, isLive, waitsByVerdict } from '#/model/index.ts';
import type { QueueAct } from '#/ports/index.ts';
import { actedOnHeld, isHeldAct, rejected } from './held-acts.ts';
import {
  type Change,
  type EventFacts,
  end,
  event,
  held,
  isLateMark,
  isSign,
  type Progress,
  redelivered,
  released,
  told,
  waiting,
  waitsAnew,
  withChanges,
  withLateMark,
  withSign,
} from './moves.ts';
import type { CustodySettings } from './settings.ts';

/** A recipient at the door: its first state, and the events that tell of it. `detail` of the first is the origin, which the recount reads. */
export function arrive(
  mail: Pick<ArrivedMail, 'receivedAt' | 'origin' | 'purpose'>,
  recipient: ArrivedRecipient,
  settings: CustodySettings,
): { readonly progress: Progress; readonly events: readonly EventFacts[] } {
  const fresh: Progress = {
    state: 'queued',
    reason: '',
    destination: recipient.destination,
    due: mail.receivedAt,
    attentionAt: null,
    queueSince: mail.receivedAt,
    attempts: 0,
    lastAttemptAt: null,
    lastReply: null,
    delayNotified: false,
    possiblyDuplicate: false,
    endedAt: null,
    judged: false,
    verdict: null,
  };
  const stage = mail.purpose === 'notice' ? 'notify' : 'accept';
  const accepted = event(fresh, 'accepted', stage, { detail: mail.origin });
  if (recipient.held === null) return { progress: waiting(fresh, settings), events: [accepted] };
  const progress = held(fresh, recipient.held, mail.receivedAt + settings.heldMs);
  return { progress, events: [accepted, event(progress, 'held', 'hold', { detail: recipient.held })] };
}

/** What an outcome leads to, for a recipient that has not ended. `now` is the end of the attempt. */
export function settled(
  from: Progress,
  outcome: Outcome,
  settlement: Pick<Settlement, 'elapsedMs' | 'peer'>,
  now: number,
  settings: CustodySettings,
): Change {
  switch (outcome.kind) {
    case 'delivered':
      return attempted(end(from, 'delivered', '', now), from, outcome.reply, settlement, now);
    case 'bounced':
      if (outcome.by !== undefined) return rejected(from, { ...outcome, by: outcome.by }, now);
      return judged(
        from,
        outcome.verdict,
        attempted(end(from, 'bounced', '', now), from, outcome.reply, settlement, now),
      );
    case 'expired':
      return attempted(end(from, 'expired', '', now), from, outcome.reply, settlement, now);
    case 'deferred': {
      const { due, delayNotified, mayHaveArrived = false } = outcome;
      const next = { ...from, state: 'deferred', reason: '', due } as const;
      const progress = waiting(
        {
          ...next,
          delayNotified: from.delayNotified || delayNotified,
          possiblyDuplicate: from.possiblyDuplicate || mayHaveArrived,
        },
        settings,
      );
      return attempted(progress, from, outcome.reply, settlement, now);
    }
    case 'discarded': {
      const progress = end(from, 'discarded', outcome.reason, now);
      const stage = outcome.verdict === undefined ? 'deliver' : 'inspect';
      return judged(from, outcome.verdict, told(progress, 'discarded', stage, { detail: outcome.reason }));
    }
    case 'held': {
      const progress = held(from, outcome.reason, now + settings.heldMs);
      return told(progress, 'held', 'hold', { detail: outcome.detail || outcome.reason });
    }
    case 'passed':
      return passedOn(from, marked(from, outcome), now, settings);
    case 'suspended':
    case 'approval': {
      const progress = waitingByVerdict(from, marked(from, outcome), now, settings);
      const kind = progress.state as 'held' | 'approval';
      const events = [event(progress, kind, 'hold', { detail: outcome.verdict.reason.en })];
      return judged(from, outcome.verdict, { progress, events: [...events, ...heard(progress, outcome.told)] });
    }
    case 'signed':
      return signed(from, outcome, now);
    case 'returned':
      return returned(from, outcome, now, settings);
    case 'untouched':
      return { progress: from, events: [] };
    case 'acted':
      return actedOnHeld(from, outcome.act, outcome.by, now, settings) ?? { progress: from, events: [] };
    case 'moved': {
      const { destination } = outcome;
      if (isBeforeInspection(from.destination) && isBeforeInspection(destination))
        return told({ ...from, destination }, 'moved', 'inspect', { detail: SLOW });
      // Before inspection `attempts` counts other things: what was tried before a rule concerned it has lost no worker.
      const anew = destination === INSPECT_DESTINATION ? ({ state: 'queued', due: now, attempts: 0 } as const) : {};
      return told({ ...from, destination, ...anew }, 'moved', 'route', { detail: `from ${from.destination}` });
    }
  }
}

/** Goes on at once, with what it is to leave with. What was written down once stays. */
function signed(from: Progress, { sign, detail }: Outcome & { kind: 'signed' }, now: number): Change {
  if (from.state === 'held' || from.state === 'approval') return { progress: from, events: [] };
  const progress = { ...from, due: now, verdict: withSign(from.verdict, sign) };
  const rule = sign.signatures[0]?.rule ?? null;
  return told(progress, 'signed', 'sign', { rule, detail });
}

/** A campaign's mark, and signatures that it was tried with, stay with the mail, whatever policy says of it meanwhile (H7, C1). */
function marked<One extends Outcome & { readonly verdict: Verdict }>(from: Progress, outcome: One): One {
  const marks = from.verdict?.changes.filter(isLateMark) ?? [];
  const sign = from.verdict?.changes.find(isSign);
  const late = marks.length === 0 ? outcome : { ...outcome, verdict: withLateMark(outcome.verdict, marks) };
  return sign === undefined ? late : { ...late, verdict: withSign(late.verdict, sign) };
}

/** What becomes of a claim that nobody heard of. What waits for people waits on as it was: its end has not come because an answer was late. */
export function givenBack(state: RecipientState, now: number): Outcome {
  if (state === 'held' || state === 'approval') return { kind: 'untouched' };
  return { kind: 'returned', due: now, delayNotified: false };
}

const SLOW = 'it takes long to inspect, and goes on in the slow lane, where no other mail waits behind it';
/** Whose claims lapse, and how it ended. */
export interface LostWorker {
  /** Null where nothing is known of it but that it is gone. */
  readonly role: string | null;
  readonly clean: boolean;
}

/** A claim whose worker is gone. Unless it went cleanly, the peer of a waiting recipient may have the mail already. */
export function lapsed(from: Progress, worker: LostWorker, now: number, settings: CustodySettings): Change {
  if (from.state === 'held' || from.state === 'approval') return { progress: from, events: [] };
  if (worker.clean) return { progress: { ...from, due: now }, events: [] };
  if (isBeforeInspection(from.destination)) {
    // Who only looked at its time, or was to give it up, was not lost over what is in it.
    const mayHaveInspected = worker.role === null || worker.role === INSPECTOR_ROLE;
    return mayHaveInspected ? lostInInspection(from, now, settings) : { progress: { ...from, due: now }, events: [] };
  }
  const progress = { ...from, due: now, possiblyDuplicate: true };
  const detail = 'the worker was lost; if it was delivering, this mail may arrive twice';
  return told(progress, 'repaired', 'route', { attribution: 'us', detail });
}

/**
 * Inspection sends nothing, so nothing can be there twice; but it may be this mail that the worker was lost over. Who was lost over once
 * is inspected alone (`ClaimRequest`, `retried`), so that the second loss says which mail it was: that one is set aside, before inspection.
 */
function lostInInspection(from: Progress, now: number, settings: CustodySettings): Change {
  const lost = { ...from, destination: INSPECT_DESTINATION, due: now, attempts: from.attempts + 1 };
  if (lost.attempts < LOST_MAX) {
    const detail = 'the worker that inspected it was lost; it is inspected again, alone';
    return told(lost, 'repaired', 'inspect', { attribution: 'us', detail });
  }
  const progress = held(lost, 'set-aside', now + settings.heldMs);
  const detail = 'set-aside: two workers were lost over it, the second one while it inspected nothing else';
  return told(progress, 'held', 'hold', { attribution: 'us', detail });
}

/** Workers that may be lost over one mail before it is set aside. */
const LOST_MAX = 2;

/** What a person's act leads to; null where it does not apply. Never on mail that waits for an approver or is held by policy. */
export function acted(
  from: Progress,
  act: QueueAct,
  by: string,
  now: number,
  settings: CustodySettings,
): Change | null {
  if (!isLive(from.state)) return null;
  if (act.kind === 'restored') return restored(from, by, now, settings);
  if (isHeldAct(act)) return actedOnHeld(from, act, by, now, settings);
  if (waitsByVerdict(from)) return null;
  const isHeld = from.state === 'held';
  const tell = (progress: Progress, kind: JournalKind, stage: Stage, detail: string): Change =>
    told(progress, kind, stage, { attribution: by, detail });
  switch (act.kind) {
    case 'hold':
      return isHeld ? null : tell(heldByOperator(from, act), 'held', 'hold', 'operator');
    case 'release':
      return isHeld ? tell(released(from, now, settings), 'released', 'hold', '') : null;
    case 'retry':
      return isHeld || (from.due ?? 0) <= now ? null : tell({ ...from, due: now }, 'released', 'route', 'due at once');
    case 'reroute': {
      // What was not inspected is not led around inspection (design 1, Release goes back to where it stopped).
      if (from.destination === act.destination || isBeforeInspection(from.destination)) return null;
      const moved = { ...from, destination: act.destination, due: isHeld ? from.due : now };
      return tell(moved, 'moved', 'route', `from ${from.destination}`);
    }
    case 'redeliver': {
      const isOurs = from.reason === 'set-aside' || from.reason === 'operator';
      const isMoving = from.due !== null && from.due <= now;
      if (isHeld ? !isOurs : isMoving) return null;
      return tell(redelivered(from, act.note, now, settings), 'released', isHeld ? 'hold' : 'route', 'redelivered');
    }
    case 'drop':
      return tell(end(from, 'discarded', act.reason, now), 'discarded', isHeld ? 'hold' : 'deliver', act.reason);
  }
}

/**
 * A copy of an earlier time says that it is live: it may have been served since. What waited, or would have gone on by itself, is held
 * until a person releases it; what waits for a person anyway goes on waiting, with its whole time before it. Null where nothing changes.
 */
function restored(from: Progress, by: string, now: number, settings: CustodySettings): Change | null {
  const isHeld = from.state === 'held' || from.state === 'approval';
  if (isHeld && from.due === null && from.possiblyDuplicate) return null;
  const until = now + settings.heldMs;
  const isDecided = isHeld && (from.due === null || from.state === 'approval' || from.reason === 'policy');
  const next = isDecided ? waitsAnew({ ...from, due: null }, until, now) : held(from, 'restored', until);
  const progress = { ...next, possiblyDuplicate: true };
  const detail = 'restored from a backup; it may have been served after the backup was taken';
  const kind = isDecided ? 'repaired' : 'held';
  return told(progress, kind, 'hold', { attribution: by, detail });
}

/** A waiting row without a due time is due now; a held one without a deadline gets a whole one (H5). */
export function mended(from: Progress, now: number, settings: CustodySettings): Change {
  const isHeld = from.state === 'held' || from.state === 'approval';
  const progress = isHeld
    ? { ...from, attentionAt: now + settings.heldMs }
    : waiting({ ...from, due: from.due ?? now }, settings);
  const detail = isHeld ? 'was held without a deadline' : 'had no due time';
  return told(progress, 'repaired', 'route', { attribution: 'us', detail });
}

/** A reply as trace shows it: `550 5.1.1 No such user`; the text alone where there was no answer. */
export function replyText(reply: PeerReply | null): string {
  if (reply === null) return '';
  return [reply.code === 0 ? null : reply.code, reply.enhanced, reply.text].filter((part) => part !== null).join(' ');
}

function heldByOperator(from: Progress, { until, atEnd }: QueueAct & { kind: 'hold' }): Progress {
  return { ...held(from, 'operator', until), due: atEnd === 'release' ? until : null };
}

function passedOn(
  from: Progress,
  outcome: Outcome & { kind: 'passed' },
  now: number,
  settings: CustodySettings,
): Change {
  const progress = passed(from, outcome, now, settings);
  const { by: attribution, verdict } = outcome;
  if (attribution === undefined) return judged(from, verdict, { progress, events: [] });
  const { rule, version: ruleVersion, reason } = verdict;
  return {
    progress,
    events: [event(from, 'verdict', 'inspect', { attribution, rule, ruleVersion, detail: reason.en })],
  };
}

function passed(
  from: Progress,
  { destination, verdict }: Outcome & { kind: 'passed' },
  now: number,
  settings: CustodySettings,
): Progress {
  const next = { ...from, state: 'queued', reason: '', destination, due: now, attempts: 0, judged: true } as const;
  return waiting({ ...next, verdict: withChanges(verdict) }, settings);
}

function waitingByVerdict(
  from: Progress,
  outcome: Outcome & { kind: 'suspended' | 'approval' },
  now: number,
  settings: CustodySettings,
): Progress {
  const { destination } = outcome;
  const until = outcome.until ?? now + settings.heldMs;
  const next = {
    ...held(from, 'policy', until),
    destination,
    attempts: 0,
    judged: true,
    ...waitOf(outcome, until, now),
  };
  if (outcome.kind === 'approval') return { ...next, state: 'approval' };
  return { ...next, due: outcome.atEnd === 'send' ? until : null };
}

// Where people are told, its end stands in the verdict: `attentionAt` is the next look at it.
function waitOf(
  { verdict, told }: Outcome & { kind: 'suspended' | 'approval' },
  until: number,
  now: number,
): Pick<Progress, 'verdict' | 'attentionAt'> {
  if (told === undefined) return { verdict, attentionAt: until };
  const wait = { since: now, until, toldAt: told.who === '' ? null : now, owed: told.owed };
  return { verdict: { ...verdict, wait }, attentionAt: Math.min(until, told.lookAt) };
}

// That people were told stands in the trace of the mail that they were told of.
function heard(progress: Progress, told: Told | undefined): readonly EventFacts[] {
  if (told === undefined || told.who === '') return [];
  const rule = { rule: progress.verdict?.rule ?? null, ruleVersion: progress.verdict?.version ?? null };
  return [event(progress, progress.state as 'held' | 'approval', 'notify', { detail: told.who, ...rule })];
}

function returned(
  from: Progress,
  { due, delayNotified, told: telling }: Outcome & { kind: 'returned' },
  now: number,
  settings: CustodySettings,
): Change {
  if (from.state !== 'held' && from.state !== 'approval') {
    const progress = waiting({ ...from, due, delayNotified: from.delayNotified || delayNotified }, settings);
    return { progress, events: [] };
  }
  if (from.due === null || from.due > now) {
    const progress = { ...from, attentionAt: due, verdict: reminded(from.verdict, telling, now) };
    return { progress, events: heard(progress, telling) };
  }
  return told(released(from, now, settings), 'released', 'hold', { detail: 'it was held until now' });
}

function reminded(verdict: Verdict | null, told: Told | undefined, now: number): Verdict | null {
  if (told === undefined || verdict?.wait === undefined) return verdict;
  const { wait } = verdict;
  return { ...verdict, wait: { ...wait, toldAt: told.who === '' ? wait.toldAt : now, owed: told.owed } };
}

// Delivered and deferred come of an attempt; a bounce or an expiry may be a decision, which names no peer.
function attempted(
  to: Progress,
  from: Progress,
  reply: PeerReply | null,
  settlement: Pick<Settlement, 'elapsedMs' | 'peer'>,
  now: number,
): Change {
  const tried = to.state === 'delivered' || to.state === 'deferred' || settlement.peer !== null;
  const progress = {
    ...to,
    attempts: from.attempts + (tried ? 1 : 0),
    lastAttemptAt: tried ? now : from.lastAttemptAt,
    lastReply: reply ?? from.lastReply,
  };
  const waitedMs = tried && from.attempts === 0 ? Math.max(0, now - settlement.elapsedMs - from.queueSince) : null;
  const kind = to.state === 'delivered' || to.state === 'deferred' || to.state === 'bounced' ? to.state : 'expired';
  return told(progress, kind, 'deliver', { detail: replyText(reply), waitedMs });
}

// That it was inspected, and what was decided by which rule, stand before what came of it (H1).
function judged(from: Progress, verdict: Verdict | undefined, { progress, events }: Change): Change {
  if (verdict === undefined) return { progress, events };
  const { kind, rule, version, reason } = verdict;
  const detail = reason.en === '' ? kind : reason.en;
  const seen = event(from, 'inspected', 'inspect', {});
  return {
    progress,
    events: [seen, event(from, 'verdict', 'inspect', { rule, ruleVersion: version, detail }), ...events],
  };
}
