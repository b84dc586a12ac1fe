/** What is told of the recipients of a mail: those to whom the same happens for the same reason stand together. Pure. */
import type { ClaimedRecipient, MailAddress, Outcome, RecipientNumber, Verdict, Wording } from '#/model/index.ts';

const MINUTE_MS = 60_000;

/** What happens to the mail for some recipients. Times are wall-clock ms. */
export type Fate =
  | { readonly kind: 'held'; readonly until: number; readonly atEnd: 'send' | 'expire' }
  | { readonly kind: 'approval'; readonly until: number; readonly by: readonly MailAddress[]; readonly least: number }
  | { readonly kind: 'passed' }
  | { readonly kind: 'bounced'; readonly text: string }
  | { readonly kind: 'discarded' };

/** One recipient, what happens to the mail for them, and why. */
export interface Told {
  readonly n: RecipientNumber;
  readonly recipient: Pick<ClaimedRecipient, 'address' | 'original'>;
  readonly fate: Fate;
  readonly verdict: Verdict;
  /** Alike for all who stand in one section: made once, read for each who is told. */
  readonly section: string;
}

export interface Section {
  readonly addresses: readonly string[];
  readonly fate: Fate;
  readonly rule: string | null;
  readonly reason: Wording;
}

/** What the outcome of an inspection says; null where nothing was decided. `heldMs` is `retention.held`. */
export function toldOf(recipient: ClaimedRecipient, outcome: Outcome, now: number, heldMs: number): Told | null {
  if (!('verdict' in outcome) || outcome.verdict === undefined) return null;
  const { verdict } = outcome;
  const fate = fateOf(outcome, verdict, now + heldMs);
  return fate === null ? null : toldAs(recipient, fate, verdict);
}

/** What is to be said of one that still waits; null where custody does not say until when. */
export function toldOfWaiting(recipient: ClaimedRecipient): Told | null {
  const { verdict, releaseAt, state } = recipient;
  const until = releaseAt ?? verdict?.wait?.until;
  if (verdict === null || until === undefined) return null;
  const fate: Fate =
    state === 'approval' && verdict.kind === 'approve'
      ? { kind: 'approval', until, by: verdict.by, least: verdict.least }
      : { kind: 'held', until, atEnd: releaseAt === null ? 'expire' : 'send' };
  return toldAs(recipient, fate, verdict);
}

function toldAs(recipient: ClaimedRecipient, fate: Fate, verdict: Verdict): Told {
  // To the minute, as it is shown: a mail that was inspected in parts has an end for each of them.
  const until = 'until' in fate ? Math.floor(fate.until / MINUTE_MS) : null;
  const section = JSON.stringify([{ ...fate, until }, verdict.rule, verdict.reason]);
  return { n: recipient.n, recipient, fate, verdict, section };
}

/** In the order of the recipients. */
export function sectionsOf(told: readonly Told[]): readonly Section[] {
  const groups = Map.groupBy(told, ({ section }) => section);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { fate, verdict } = first;
    const addresses = group.map(({ recipient }) => shown(recipient));
    return [{ addresses, fate, rule: verdict.rule, reason: verdict.reason }];
  });
}

function fateOf(outcome: Outcome, verdict: Verdict, endsAt: number): Fate | null {
  switch (outcome.kind) {
    case 'suspended':
      return { kind: 'held', until: outcome.until ?? endsAt, atEnd: outcome.atEnd };
    case 'approval':
      if (verdict.kind !== 'approve') return null;
      return { kind: 'approval', until: outcome.until ?? endsAt, by: verdict.by, least: verdict.least };
    case 'passed':
      return { kind: 'passed' };
    case 'bounced':
      return { kind: 'bounced', text: outcome.reply.text };
    case 'discarded':
      return { kind: 'discarded' };
    default:
      return null;
  }
}

/** Who really gets it, and as whom the sender wrote them. */
function shown({ address, original }: Told['recipient']): string {
  return original === null || original === address ? address : `${address} (${original})`;
}
