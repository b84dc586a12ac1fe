/** Generations of people as a page for a terminal. */
import { type Cell, formatTable, harmless } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { type Calendar, formatCount, formatMoment, formatSpan } from '../when.ts';

export interface GenerationShown {
  readonly id: string;
  readonly source: string;
  readonly at: string;
  readonly by: string;
  readonly people: number;
  readonly groups: number;
  readonly attributes: Readonly<Record<string, number>>;
  readonly refused: readonly string[];
  readonly remarks: readonly string[];
}

export interface StandingShown {
  readonly tenant: string;
  readonly serves: GenerationShown;
  readonly since: string | null;
  readonly by: string | null;
  readonly reason: string | null;
  readonly before: string | null;
  readonly confirmedAt: string | null;
  readonly ageSeconds: number;
  readonly trouble: string | null;
}

export interface DifferenceShown {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly addedList: readonly string[];
  readonly removedList: readonly string[];
  readonly changedList: readonly { readonly address: string; readonly what: readonly string[] }[];
}

const REMARKS_SHOWN = 20;

/** What serves a tenant, how old it is, how complete. */
export function formatStanding(shown: StandingShown, calendar: Calendar): string {
  const { tenant, serves, since, by, reason, before, confirmedAt, ageSeconds, trouble } = shown;
  const age = formatSpan(ageSeconds * 1_000, calendar.language);
  const confirmed = confirmedAt === null ? '' : ` (last whole set ${momentOf(confirmedAt, calendar)})`;
  return harmlessLines([
    `${tenant}: ${formatCount(serves.people)} people and ${formatCount(serves.groups)} groups from ${serves.source}, generation ${serves.id}.`,
    `Age: ${age}${confirmed}.`,
    ...(since === null
      ? []
      : [`Serves since ${momentOf(since, calendar)}, by ${by ?? '?'}${reason === null ? '' : `: ${reason}`}.`]),
    ...(before === null ? [] : [`One step back: ${before} (holdfast directory return ${tenant}).`]),
    ...(trouble === null ? [] : [`The last try: ${trouble}`]),
    ...completeness(serves),
  ]);
}

/** Generations, newest first. */
export function formatGenerations(
  serves: string | null,
  all: readonly GenerationShown[],
  calendar: Calendar,
  terminal: Terminal,
): string {
  const columns = [
    { title: 'Generation', least: 16 },
    { title: 'When' },
    { title: 'Source' },
    { title: 'By', least: 12 },
    { title: 'People', align: 'right' as const },
    { title: 'Groups', align: 'right' as const },
    { title: '', least: 20 },
  ];
  const rows = all.map((one): Cell[] => [
    one.id,
    momentOf(one.at, calendar),
    one.source,
    one.by,
    formatCount(one.people),
    formatCount(one.groups),
    one.id === serves ? 'serves' : { text: one.refused.join(' '), tone: 'warn' },
  ]);
  return formatTable(columns, rows, terminal);
}

/** What a set left out, and why it was refused. */
export function formatRemarks({ refused, remarks }: GenerationShown): string {
  const more = remarks.length - REMARKS_SHOWN;
  return harmlessLines([
    ...refused.map((why) => `Refused: ${why}`),
    ...remarks.slice(0, REMARKS_SHOWN),
    ...(more > 0 ? [`… and ${more} more; --json has them.`] : []),
  ]);
}

/** Who came, went, changed. */
export function formatDifference(found: DifferenceShown): string {
  const counts = `${formatCount(found.added)} came, ${formatCount(found.removed)} went, ${formatCount(found.changed)} changed.`;
  return harmlessLines([
    ...found.removedList.map((address) => `- ${address}`),
    ...found.addedList.map((address) => `+ ${address}`),
    ...found.changedList.map(({ address, what }) => `~ ${address}: ${what.join(', ')}`),
    counts,
  ]);
}

function completeness({ people, attributes }: GenerationShown): readonly string[] {
  return Object.entries(attributes).map(([name, count]) => {
    const share = people === 0 ? 0 : Math.floor((count / people) * 100);
    return `  ${name}: ${formatCount(count)} (${share} %)`;
  });
}

function momentOf(at: string, calendar: Calendar): string {
  return formatMoment(Date.parse(at), calendar);
}

function harmlessLines(lines: readonly string[]): string {
  return lines.map(harmless).join('\n');
}
