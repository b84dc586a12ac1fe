/**
 * What people's acts on held mail and on approvals lead to. Whether a person may is decided before, by `held/`; here it is decided whether
 * the act still applies, on the row as it stands in the transaction.
 *
 * What must never happen: one person counted twice; mail that goes on before its last vote; a hold that is made longer again and again.
 */
import type { HeldAct, Outcome, Verdict } from '#/model/index.ts';
import { changesContent, isUnmade } from '#/model/index.ts';
import type { QueueAct } from '#/ports/index.ts';
import { type Change, type EventFacts, end, event, held, type Progress, released, told, waitsAnew } from './moves.ts';
import type { CustodySettings } from './settings.ts';

type Approval = Extract<Verdict, { kind: 'approve' }>;

const HELD_ACTS: Readonly<Record<HeldAct['kind'], true>> = { letGo: true, stop: true, delete: true, approve: true };

/** Whether an act is one on what policy holds. */
export function isHeldAct(act: QueueAct): act is HeldAct {
  return Object.hasOwn(HELD_ACTS, act.kind);
}

/** Where it leads; null where it does not apply. `from` is live. */
export function actedOnHeld(
  from: Progress,
  act: HeldAct,
  by: string,
  now: number,
  settings: CustodySettings,
): Change | null {
  const isHeld = from.state === 'held' && (from.reason === 'policy' || from.reason === 'stopped by sender');
  switch (act.kind) {
    case 'letGo':
      if (act.asItIs === true) return letGoAsItIs(from, isHeld, act.comment, by, now, settings);
      if (!isHeld) return null;
      return tell(from, released(from, now, settings), 'released', by, act.comment);
    case 'stop': {
      // One without a time of its own stands already: stopping it would only make it longer.
      if (!isHeld || from.due === null) return null;
      const until = now + settings.heldMs;
      const stopped = waitsAnew(held(from, 'stopped by sender', until), until, now);
      return tell(from, stopped, 'held', by, joined('stopped by sender', act.comment));
    }
    case 'delete':
      if (!isHeld && from.state !== 'approval') return null;
      return tell(from, end(from, 'discarded', act.reason, now), 'discarded', by, act.reason);
    case 'approve':
      return voted(from, act, by, now, settings);
  }
}

function letGoAsItIs(
  from: Progress,
  isHeld: boolean,
  comment: string,
  by: string,
  now: number,
  settings: CustodySettings,
): Change | null {
  const { verdict } = from;
  if (verdict === null || !(isHeld || isUnmade(from))) return null;
  const changes = verdict.changes.filter((change) => !changesContent([change]));
  if (changes.length === verdict.changes.length) return null;
  const progress = released({ ...from, verdict: { ...verdict, changes } }, now, settings);
  return tell(from, progress, 'released', by, joined('as it is, without the changes that its rule asks for', comment));
}

function voted(
  from: Progress,
  { person, forAll, comment }: HeldAct & { kind: 'approve' },
  by: string,
  now: number,
  settings: CustodySettings,
): Change | null {
  const { verdict } = from;
  if (from.state !== 'approval' || verdict?.kind !== 'approve') return null;
  if (verdict.agreed?.includes(person) === true) return null;
  const agreed = [...(verdict.agreed ?? []), person];
  const counted: Progress = { ...from, verdict: { ...verdict, agreed } };
  const vote = event(
    counted,
    'approval',
    'hold',
    facts(from, by, joined(tally(verdict, agreed.length, forAll), comment)),
  );
  if (!forAll && agreed.length < verdict.least) return { progress: counted, events: [vote] };
  const progress = released(counted, now, settings);
  return { progress, events: [vote, event(progress, 'released', 'hold', facts(from, by, 'approved'))] };
}

function tally({ least }: Approval, agreed: number, forAll: boolean): string {
  return forAll ? 'approved for all who were asked' : `approved by ${agreed} of ${least}`;
}

/** Refused by a person who was asked: ends, with the report that is born of the settlement. */
export function rejected(from: Progress, outcome: Outcome & { kind: 'bounced' } & { by: string }, now: number): Change {
  const progress = { ...end(from, 'bounced', '', now), lastReply: outcome.reply };
  const { code, enhanced, text } = outcome.reply;
  return tell(from, progress, 'bounced', outcome.by, [code, enhanced, text].filter(Boolean).join(' '));
}

function tell(from: Progress, progress: Progress, kind: EventFacts['kind'], by: string, detail: string): Change {
  return told(progress, kind, 'hold', facts(from, by, detail));
}

// By which rule it waited is told with whatever ends the wait.
function facts({ verdict }: Progress, by: string, detail: string) {
  return { attribution: by, detail, rule: verdict?.rule ?? null, ruleVersion: verdict?.version ?? null };
}

function joined(said: string, comment: string): string {
  return comment === '' ? said : `${said}: ${comment}`;
}
