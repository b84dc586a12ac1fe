/** A mail that waited, as the journal tells of it: what was done to it, by whom, and how its recipients stand now. */
import { z } from 'zod';
import type { JournalEvent, RecipientState } from '#/model/index.ts';
import { RECIPIENT_STATES } from '#/model/index.ts';
import type { Trace } from '#/ports/index.ts';

export const PAST_DEEDS = [
  'held',
  'asked',
  'stopped',
  'released',
  'approved',
  'deleted',
  'rejected',
  'went by itself',
  'expired',
] as const;
export type PastDeed = (typeof PAST_DEEDS)[number];

export const pastMail = z.object({
  id: z.string(),
  tenant: z.string(),
  from: z.string().nullable(),
  subject: z.string(),
  receivedAt: z.string(),
  recipients: z.array(
    z.object({
      address: z.string(),
      state: z.enum(Object.keys(RECIPIENT_STATES) as [RecipientState, ...RecipientState[]]),
    }),
  ),
  /** Oldest first; what was done to several recipients at once is one. */
  deeds: z.array(
    z.object({
      at: z.string(),
      what: z.enum(PAST_DEEDS),
      /** Who did it; null where time or a rule did. */
      by: z.string().nullable(),
      /** The rule by which it waits, and what a person said. */
      rule: z.string().nullable(),
      detail: z.string(),
      recipients: z.int(),
    }),
  ),
});
export type PastMail = z.output<typeof pastMail>;

/** Whether a verdict had any recipient wait. */
export function hasWaited({ events }: Trace): boolean {
  return events.some((event) => BEGINS.has(deedOf(event) ?? 'released'));
}

const BEGINS: ReadonlySet<PastDeed> = new Set(['held', 'asked']);

/** `only`: those recipients alone about whom this person decided. */
export function viewPast(mail: Trace, only: string | null): PastMail {
  const waited = new Set(
    mail.events.filter((event) => BEGINS.has(deedOf(event) ?? 'released')).map(({ recipient }) => recipient),
  );
  const theirs = new Set(mail.events.filter((event) => isBy(event, only)).map(({ recipient }) => recipient));
  const shown = (n: number): boolean => waited.has(n) && (only === null || theirs.has(n));
  const { id, tenant, from, subject, receivedAt } = mail;
  return {
    ...{ id, tenant, from, subject, receivedAt: new Date(receivedAt).toISOString() },
    recipients: mail.recipients.filter(({ n }) => shown(n)).map(({ address, state }) => ({ address, state })),
    deeds: deedsOf(mail.events.filter(({ recipient }) => shown(recipient))),
  };
}

function isBy({ attribution }: JournalEvent, person: string | null): boolean {
  return attribution !== null && person !== null && (attribution === person || attribution.startsWith(`${person} `));
}

function deedsOf(events: readonly JournalEvent[]): PastMail['deeds'] {
  const told = events.flatMap((event) => {
    const what = deedOf(event);
    return what === null ? [] : [{ event, what }];
  });
  const groups = Map.groupBy(told, ({ event: { attribution, detail, rule }, what }) =>
    JSON.stringify([what, attribution, detail, rule]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { at, attribution, detail, rule } = first.event;
    const by = attribution === 'us' ? null : attribution;
    return [{ at: new Date(at).toISOString(), what: first.what, by, rule, detail, recipients: group.length }];
  });
}

/** What an event says of a wait; null where it is of something else. */
function deedOf({ kind, stage, attribution, detail }: JournalEvent): PastDeed | null {
  if (kind === 'expired') return 'expired';
  if (stage !== 'hold') return null;
  const isPerson = attribution !== null && attribution !== 'us';
  switch (kind) {
    case 'held':
      if (isPerson) return detail.startsWith('stopped by sender') ? 'stopped' : null;
      return OTHER_HOLDS.has(detail) ? null : 'held';
    case 'approval':
      return isPerson ? 'approved' : 'asked';
    case 'released':
      if (!isPerson) return 'went by itself';
      // With its last vote, which is told by itself.
      return detail === 'approved' ? null : 'released';
    case 'discarded':
      return isPerson ? 'deleted' : null;
    case 'bounced':
      return isPerson ? 'rejected' : null;
    default:
      return null;
  }
}

/** Held for reasons that no rule has. */
const OTHER_HOLDS: ReadonlySet<string> = new Set(['operator', 'outbound off', 'no local delivery', 'restored']);
