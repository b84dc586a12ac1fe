/** Incidents and planned work as operators read them: a row each, and a page of one with its time line. */
import { type Cell, formatTable, harmless, wrap } from '../table.ts';
import type { Terminal, Tone } from '../terminal.ts';
import { type Calendar, formatMoment, formatSize, formatSpan } from '../when.ts';

export interface Said {
  readonly en: string;
  readonly ja: string;
}

/** As the operations answer them (`incident/shapes.ts`); what this page reads of it. */
export interface IncidentLine {
  readonly id: string;
  readonly kind: 'incident' | 'maintenance';
  readonly entries: number;
  readonly visibility: 'draft' | 'published' | 'dropped';
  readonly title: Said;
  readonly phase: string;
  readonly impact: string;
  readonly components: readonly { readonly id: string; readonly state: string }[];
  readonly affected: readonly string[];
  readonly attribution: string | null;
  readonly advice: Said | null;
  readonly nextUpdateAt: string | null;
  readonly overdue: boolean;
  readonly tail: Said | null;
  readonly startedAt: string;
  readonly detectedAt: string;
  readonly endedAt: string | null;
  readonly updatedAt: string;
  readonly resolvedAt: string | null;
  readonly scheduledFor: string | null;
  readonly scheduledUntil: string | null;
  readonly cause: Said | null;
  readonly measures: Said | null;
  readonly updates: readonly {
    readonly phase: string;
    readonly text: Said;
    readonly at: string;
    readonly writtenAt: string;
  }[];
  readonly files: readonly {
    readonly id: string;
    readonly name: string;
    readonly bytes: number;
    readonly from: string;
  }[];
}

export interface IncidentPage extends IncidentLine {
  readonly symptoms: readonly {
    readonly component: string;
    readonly from: string;
    readonly to: string;
    readonly since: string;
    readonly layer: string;
    readonly measured: Readonly<Record<string, number | string>>;
  }[];
  readonly log: readonly {
    readonly n: number;
    readonly at: string;
    readonly by: string;
    readonly kind: string;
    readonly sets: readonly string[];
  }[];
}

const LABEL = 12;

export function formatIncidents(lines: readonly IncidentLine[], calendar: Calendar, terminal: Terminal): string {
  const columns = [
    { title: 'id' },
    { title: 'phase' },
    { title: 'impact' },
    { title: 'since' },
    { title: 'next update' },
    { title: 'what', least: 24 },
  ] as const;
  const rows = lines.map((line): Cell[] => [
    line.id,
    phaseOf(line),
    line.impact,
    moment(line.scheduledFor ?? line.startedAt, calendar),
    promiseOf(line, calendar),
    harmless(said(line.title, calendar)),
  ]);
  return formatTable(columns, rows, terminal);
}

export function formatIncident(page: IncidentPage, calendar: Calendar, terminal: Terminal): string {
  const width = Math.max(40, terminal.columns - LABEL);
  const fact = (label: string, text: string | null): readonly string[] =>
    text === null || text === ''
      ? []
      : text
          .split('\n')
          .map((line, i) => `${(i === 0 ? label : '').padEnd(LABEL)}${wrap(harmless(line), width, ' '.repeat(LABEL))}`);
  const words = (value: Said | null): string | null => (value === null ? null : said(value, calendar));
  const phase = phaseOf(page);
  const promise = promiseOf(page, calendar);
  return [
    `${page.id}  ${harmless(said(page.title, calendar))}`,
    ...fact('phase', typeof phase === 'string' ? phase : phase.text),
    ...fact('impact', page.impact),
    ...fact('components', page.components.map(({ id, state }) => `${id} ${plain(state)}`).join(', ')),
    ...fact('felt', span(page.startedAt, page.endedAt ?? page.resolvedAt, calendar)),
    ...fact('noticed', noticed(page, calendar)),
    ...fact('planned', page.scheduledFor === null ? null : span(page.scheduledFor, page.scheduledUntil, calendar)),
    ...fact('whose', page.attribution === null ? null : plain(page.attribution)),
    ...fact('next update', typeof promise === 'string' ? promise : promise.text),
    ...fact('advice', words(page.advice)),
    ...fact('tail', words(page.tail)),
    ...fact('cause', words(page.cause)),
    ...fact('measures', words(page.measures)),
    ...page.files.flatMap(({ id, name, bytes, from }, i) =>
      fact(i === 0 ? 'files' : '', `${name} (${formatSize(bytes)})${from === '' ? '' : `, by ${from}`}  ${id}`),
    ),
    ...page.symptoms.flatMap((one, i) => fact(i === 0 ? 'rules saw' : '', symptom(one, calendar))),
    '',
    ...page.updates.flatMap((one) => [
      `${moment(one.at, calendar)}  ${plain(one.phase)}${late(one, calendar)}`,
      ...said(one.text, calendar)
        .split('\n')
        .map((line) => `    ${wrap(harmless(line), terminal.columns - 4, '    ')}`),
    ]),
    ...(page.updates.length === 0 ? ['Nothing was told yet.'] : []),
    '',
    `${page.entries} entries; the last one by ${harmless(page.log.at(-1)?.by ?? '')}.`,
  ].join('\n');
}

function phaseOf({ visibility, phase, overdue }: IncidentLine): Cell {
  if (visibility !== 'published') return { text: `${visibility}: ${plain(phase)}`, tone: 'warn' };
  const tone: Tone =
    phase === 'resolved' || phase === 'postmortem' || phase === 'completed' ? 'ok' : overdue ? 'bad' : 'warn';
  return { text: plain(phase), tone };
}

function promiseOf({ nextUpdateAt, overdue }: IncidentLine, calendar: Calendar): Cell {
  if (nextUpdateAt === null) return '';
  const at = moment(nextUpdateAt, calendar);
  if (!overdue) return `by ${at}`;
  return { text: `overdue since ${at}`, tone: 'bad' };
}

function noticed({ startedAt, detectedAt }: IncidentLine, calendar: Calendar): string {
  const ms = Date.parse(detectedAt) - Date.parse(startedAt);
  return `${moment(detectedAt, calendar)}${ms > 0 ? `, ${formatSpan(ms, calendar.language)} after it began` : ''}`;
}

function span(from: string, until: string | null, calendar: Calendar): string {
  if (until === null) return `since ${moment(from, calendar)}`;
  const ms = Date.parse(until) - Date.parse(from);
  return `${moment(from, calendar)} to ${moment(until, calendar)} (${formatSpan(ms, calendar.language)})`;
}

function symptom(
  { component, from, to, since, layer, measured }: IncidentPage['symptoms'][number],
  calendar: Calendar,
): string {
  const figures = Object.entries(measured).map(([name, value]) => `${name} ${value}`);
  return [`${component}: ${plain(from)} → ${plain(to)} at ${moment(since, calendar)} (${layer})`, ...figures].join(
    ', ',
  );
}

const LATE_MS = 60_000;

function late({ at, writtenAt }: IncidentPage['updates'][number], calendar: Calendar): string {
  const isLate = Date.parse(writtenAt) - Date.parse(at) > LATE_MS;
  return isLate ? ` (written ${moment(writtenAt, calendar)})` : '';
}

function said(value: Said, { language }: Calendar): string {
  return language === 'ja' ? value.ja || value.en : value.en || value.ja;
}

function plain(word: string): string {
  return word.replaceAll('_', ' ');
}

function moment(at: string, calendar: Calendar): string {
  return formatMoment(Date.parse(at), calendar);
}
