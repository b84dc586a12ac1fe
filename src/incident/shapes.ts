/** Incidents as operations answer them: times in RFC 3339, and what the time makes of them. */
import { z } from 'zod';
import {
  ATTRIBUTIONS,
  COMPONENT_STATES,
  IMPACTS,
  INCIDENT_PHASES,
  type Incident,
  isOverdue,
  MAINTENANCE_PHASES,
  REPORT_VERSIONS,
} from '#/model/index.ts';
import type { IncidentRecord } from '#/ports/index.ts';

const at = z.string();
const wording = z.object({ en: z.string(), ja: z.string() });
const phase = z.enum([...INCIDENT_PHASES, ...MAINTENANCE_PHASES]);
const components = z.array(z.object({ id: z.string(), state: z.enum(COMPONENT_STATES) }));
const file = z.object({ id: z.string(), name: z.string(), type: z.string(), bytes: z.int(), from: z.string() });

export const incidentShape = z.object({
  id: z.string(),
  kind: z.enum(['incident', 'maintenance']),
  /** How many entries it has: who writes says how many they had seen. */
  entries: z.int(),
  /** `draft`: seen by operators alone. */
  visibility: z.enum(['draft', 'published', 'dropped']),
  title: wording,
  phase,
  impact: z.enum(IMPACTS),
  components,
  affected: z.array(z.string()),
  attribution: z.enum(ATTRIBUTIONS).nullable(),
  advice: wording.nullable(),
  nextUpdateAt: at.nullable(),
  /** An update was promised, and has not come. */
  overdue: z.boolean(),
  tail: wording.nullable(),
  /** When users began to feel it; apart from when it was noticed. */
  startedAt: at,
  detectedAt: at,
  endedAt: at.nullable(),
  createdAt: at,
  publishedAt: at.nullable(),
  updatedAt: at,
  monitoringAt: at.nullable(),
  resolvedAt: at.nullable(),
  postmortemAt: at.nullable(),
  scheduledFor: at.nullable(),
  scheduledUntil: at.nullable(),
  byHand: z.boolean(),
  /** Whose contacts are mailed; null: those of all tenants. */
  tenants: z.array(z.string()).nullable(),
  cause: wording.nullable(),
  measures: wording.nullable(),
  updates: z.array(z.object({ n: z.int(), phase, text: wording, at, writtenAt: at, components })),
  files: z.array(file),
  reports: z.array(
    z.object({
      number: z.int(),
      version: z.enum(REPORT_VERSIONS),
      language: z.enum(['en', 'ja']),
      tenant: z.string().nullable(),
      file,
    }),
  ),
});

export const recordShape = incidentShape.extend({
  /** What rules saw. */
  symptoms: z.array(
    z.object({
      component: z.string(),
      from: z.enum(COMPONENT_STATES),
      to: z.enum(COMPONENT_STATES),
      since: at,
      layer: z.string(),
      measured: z.record(z.string(), z.union([z.number(), z.string()])),
      reason: wording,
    }),
  ),
  /** Every entry, oldest first: when it was written, by whom, and what it sets. */
  log: z.array(
    z.object({ n: z.int(), at, about: at.nullable(), by: z.string(), kind: z.string(), sets: z.array(z.string()) }),
  ),
});

/** As of `now`, wall-clock ms. */
export function viewOf(incident: Incident, now: number): z.input<typeof incidentShape> {
  const { isDraft, isDropped, updates, files, reports, layers: _layers, symptoms: _symptoms, ...same } = incident;
  return {
    ...same,
    visibility: isDropped ? 'dropped' : isDraft ? 'draft' : 'published',
    components: [...incident.components],
    affected: [...incident.affected],
    tenants: incident.tenants === null ? null : [...incident.tenants],
    overdue: isOverdue(incident, now),
    startedAt: time(incident.startedAt),
    detectedAt: time(incident.detectedAt),
    createdAt: time(incident.createdAt),
    updatedAt: time(incident.updatedAt),
    nextUpdateAt: timeOrNull(incident.nextUpdateAt),
    endedAt: timeOrNull(incident.endedAt),
    publishedAt: timeOrNull(incident.publishedAt),
    monitoringAt: timeOrNull(incident.monitoringAt),
    resolvedAt: timeOrNull(incident.resolvedAt),
    postmortemAt: timeOrNull(incident.postmortemAt),
    scheduledFor: timeOrNull(incident.scheduledFor),
    scheduledUntil: timeOrNull(incident.scheduledUntil),
    updates: updates.map((update) => ({
      ...{ n: update.n, phase: update.phase, text: update.text, components: [...update.components] },
      at: time(update.at),
      writtenAt: time(update.writtenAt),
    })),
    files: [...files],
    reports: [...reports],
  };
}

/** With its entries. */
export function recordView(incident: Incident, record: IncidentRecord, now: number): z.input<typeof recordShape> {
  return {
    ...viewOf(incident, now),
    symptoms: incident.symptoms.map(({ since, ...symptom }) => ({ ...symptom, since: time(since) })),
    log: record.entries.map(({ at: written, about, by, kind, ...sets }, i) => ({
      ...{ n: i + 1, at: time(written), about: timeOrNull(about ?? null), by, kind },
      sets: Object.keys(sets),
    })),
  };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : time(ms);
}
