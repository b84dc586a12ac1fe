/**
 * An incident report (H11) as Markdown, made of what was recorded. Pure.
 *
 * What must never happen: figures of another tenant; a text of a person that becomes markup; a gap that looks like a finding. What is not known is
 * said to be not known.
 */
import {
  type ComponentId,
  componentName,
  type Incident,
  inLanguage,
  type ReportVersion,
  type Wording,
} from '#/model/index.ts';
import { cell, plain, table } from './markdown.ts';
import { REPORT_WORDS, type ReportWords } from './words.ts';

/** What `affected.count` says of a window, for one tenant or for all. */
export interface AffectedFigures {
  readonly messages: number;
  readonly recipients: number;
  readonly unserved: number;
}

/** Something that was changed, from the change log. */
export interface DatedChange {
  /** Wall-clock ms. */
  readonly at: number;
  readonly what: string;
}

export interface ReportSketch {
  readonly incident: Incident;
  readonly version: ReportVersion;
  /** Its place among the reports of the incident; null of one that is not given out. */
  readonly number: number | null;
  readonly language: 'en' | 'ja';
  /** Whose report; null: everybody's. */
  readonly tenant: { readonly name: string } | null;
  /** Null where they are not counted. */
  readonly figures: AffectedFigures | null;
  /** None in a report that leaves the house, unless its writer wants them. */
  readonly changes: readonly DatedChange[];
  readonly issuer: string;
  /** IANA name. */
  readonly timezone: string;
  /** Wall-clock ms. */
  readonly now: number;
}

/** The whole document. */
export function formatReport(sketch: ReportSketch): string {
  const { incident, version, language, tenant, issuer, now } = sketch;
  const words = REPORT_WORDS[language];
  const { heading } = words;
  return `${[
    `# ${words.title[version]}`,
    plain(inLanguage(incident.title, language)),
    table(
      [words.number, words.issued, words.by],
      [[numberOf(sketch), time(now, sketch), tenant === null ? issuer : `${issuer} → ${tenant.name}`]],
    ),
    `## ${heading.incident}`,
    facts(sketch, words),
    `## ${heading.area}`,
    area(sketch, words),
    `## ${heading.cause}`,
    said(incident.cause, language) ?? words.investigating,
    ...provided(incident, words),
    `## ${heading.timeline}`,
    timeline(sketch, words),
    ...changes(sketch, words),
    `## ${heading.measures}`,
    said(incident.measures, language) ?? words.toFollow,
    words.closing,
  ].join('\n\n')}\n`;
}

/** `20261130-01-2`: the second report of an incident. */
export function numberOf({ incident, number }: Pick<ReportSketch, 'incident' | 'number'>): string {
  return number === null ? incident.id : `${incident.id}-${number}`;
}

/** In which mail was affected: from the first symptom to the end, or to now. */
export function windowOf(incident: Incident, now: number): { readonly from: number; readonly to: number } {
  const end = incident.endedAt ?? incident.resolvedAt ?? now;
  return { from: incident.startedAt, to: Math.max(end, incident.startedAt) };
}

function facts(sketch: ReportSketch, words: ReportWords): string {
  const { incident, language } = sketch;
  const { fact } = words;
  const end = incident.endedAt ?? incident.resolvedAt;
  const rows: readonly (readonly [string, string | null])[] = [
    [fact.what, inLanguage(incident.updates[0]?.text ?? incident.title, language)],
    [fact.began, time(incident.startedAt, sketch)],
    [fact.noticed, time(incident.detectedAt, sketch)],
    [fact.ended, end === null ? words.still : time(end, sketch)],
    [fact.impact, words.impact[incident.impact]],
    [fact.whose, incident.attribution === null ? null : words.attribution[incident.attribution]],
    [fact.advice, incident.advice === null ? null : inLanguage(incident.advice, language)],
    [fact.tail, incident.tail === null ? null : inLanguage(incident.tail, language)],
  ];
  const given = rows.flatMap(([label, value]) => (value === null || value === '' ? [] : [[label, value] as const]));
  return given.map(([label, value]) => `- **${label}**: ${cell(value)}`).join('\n');
}

function area({ incident, figures, tenant, language }: ReportSketch, words: ReportWords): string {
  const components = `- **${words.fact.components}**: ${cell(namesOf(incident.affected, language))}`;
  const whose = tenant === null ? words.everybody : words.own;
  if (figures === null) return `${components}\n- **${whose}**: ${words.notCounted}`;
  const counts = table(
    [whose, ''],
    (['messages', 'recipients', 'unserved'] as const).map((one) => [words.figures[one], counted(figures[one])]),
  );
  return `${components}\n\n${counts}`;
}

function namesOf(ids: readonly ComponentId[], language: 'en' | 'ja'): string {
  const names = new Set(ids.map((id) => componentName(id, language)));
  return [...names].join(language === 'ja' ? '、' : ', ');
}

function provided({ files }: Incident, words: ReportWords): readonly string[] {
  return files
    .filter(({ from }) => from !== '')
    .map(({ from, name }) => `${words.provider}: ${cell(`${from}, ${name}`)}`);
}

interface Row {
  readonly at: number;
  readonly text: string;
}

function timeline(sketch: ReportSketch, words: ReportWords): string {
  const { incident, language } = sketch;
  const end = incident.endedAt ?? incident.resolvedAt;
  const rows: readonly Row[] = [
    { at: incident.startedAt, text: words.began },
    { at: incident.detectedAt, text: words.noticedEvent },
    ...(end === null ? [] : [{ at: end, text: words.endedEvent }]),
    ...incident.symptoms.map((one) => ({
      at: one.since,
      text: `${componentName(one.component, language)}: ${words.state[one.from]} → ${words.state[one.to]}. ${inLanguage(one.reason, language)}`,
    })),
    ...incident.updates.map(({ at, writtenAt, phase, text }) => ({
      at,
      text: `${words.phase[phase]}: ${inLanguage(text, language)}${writtenAt - at > MINUTE_MS ? ` (${words.written(time(writtenAt, sketch))})` : ''}`,
    })),
  ];
  return inTable(rows, sketch, words);
}

function changes(sketch: ReportSketch, words: ReportWords): readonly string[] {
  if (sketch.changes.length === 0) return [];
  const rows = sketch.changes.map(({ at, what }) => ({ at, text: what }));
  return [`### ${words.heading.changes}`, inTable(rows, sketch, words)];
}

const MINUTE_MS = 60_000;

function inTable(rows: readonly Row[], sketch: ReportSketch, words: ReportWords): string {
  const sorted = rows.toSorted((one, other) => one.at - other.at);
  return table(
    [words.time, words.event],
    sorted.map(({ at, text }) => [time(at, sketch), text]),
  );
}

function said(wording: Wording | null, language: 'en' | 'ja'): string | null {
  const text = wording === null ? '' : inLanguage(wording, language);
  return text === '' ? null : plain(text);
}

function counted(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `2026-11-30 21:07 (Asia/Tokyo)`: a document is read long after, and elsewhere. */
function time(at: number, { timezone }: Pick<ReportSketch, 'timezone'>): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: timezone, year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  }).formatToParts(at);
  const one = (type: Intl.DateTimeFormatPartTypes): string => parts.find((part) => part.type === type)?.value ?? '';
  return `${one('year')}-${one('month')}-${one('day')} ${one('hour')}:${one('minute')} (${timezone})`;
}
