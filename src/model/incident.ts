/**
 * What people are told of trouble and of planned work (C3): the states of components, and an incident as the list of its dated entries.
 * An entry says what it sets; what it does not name stays as it was. Nothing of an incident is kept beside its entries.
 */
import type { TenantId } from './tenant.ts';
import type { Wording } from './verdict.ts';

/** A part of the service as its status is told; a name that `status/` knows, such as `delivery`. */
export type ComponentId = string;

/** From best to worst; maintenance stands apart (contract). */
export const COMPONENT_STATES = [
  'operational',
  'degraded_performance',
  'partial_outage',
  'major_outage',
  'under_maintenance',
] as const;
export type ComponentState = (typeof COMPONENT_STATES)[number];

/** In their order; trouble may come back, and an incident may go back to an earlier one (contract). */
export const INCIDENT_PHASES = ['investigating', 'identified', 'monitoring', 'resolved', 'postmortem'] as const;
export const MAINTENANCE_PHASES = ['scheduled', 'in_progress', 'verifying', 'completed'] as const;
export type IncidentPhase = (typeof INCIDENT_PHASES)[number] | (typeof MAINTENANCE_PHASES)[number];

export const IMPACTS = ['none', 'minor', 'major', 'critical'] as const;
export type Impact = (typeof IMPACTS)[number];

/** Whose trouble it is (C2). A shared layer is ours too: what several components stand on. */
export const ATTRIBUTIONS = ['ours', 'upstream', 'shared_layer'] as const;
export type Attribution = (typeof ATTRIBUTIONS)[number];

export type IncidentKind = 'incident' | 'maintenance';

/** The day (UTC) on which it was opened and its number on that day: `20261130-01`. */
export type IncidentId = string & { readonly __brand: 'IncidentId' };

/** What an entry sets. Times are wall-clock ms; an empty text of a wording is one that nobody wrote. */
export interface IncidentFacts {
  readonly title?: Wording;
  readonly phase?: IncidentPhase;
  /** What people are told with this entry. */
  readonly text?: Wording;
  /** Each component that is affected, all of them, in the state that is told of it. */
  readonly components?: Readonly<Record<ComponentId, ComponentState>>;
  /** Null: by the states of the components, as where nobody says otherwise. */
  readonly impact?: Impact | null;
  readonly attribution?: Attribution | null;
  /** What users can do, such as nothing. */
  readonly advice?: Wording | null;
  /** When more is told at the latest; an entry with a text that names none keeps the promise, and ends it. */
  readonly nextUpdateAt?: number | null;
  /** What is still felt after the end, such as late mail. */
  readonly tail?: Wording | null;
  /** When users began to feel it, and when they ceased to; apart from when we noticed (C2). */
  readonly startedAt?: number | null;
  readonly endedAt?: number | null;
  readonly detectedAt?: number;
  /** Of a maintenance. */
  readonly scheduledFor?: number;
  readonly scheduledUntil?: number;
  /** Of a postmortem and its reports. */
  readonly cause?: Wording | null;
  readonly measures?: Wording | null;
  /** A maintenance that does not begin and end by itself. */
  readonly byHand?: boolean;
  /** Whose contacts are mailed; null: those of all tenants. */
  readonly tenants?: readonly TenantId[] | null;
}

/**
 * `opened` by a person, `drafted` by a rule, `joined` by a second symptom of the same cause; `published`: people may see it from now on;
 * `dropped`: a draft that was none.
 */
export type IncidentEntryKind =
  | 'opened'
  | 'drafted'
  | 'joined'
  | 'published'
  | 'updated'
  | 'attached'
  | 'reported'
  | 'dropped';

export interface IncidentEntry extends IncidentFacts {
  readonly kind: IncidentEntryKind;
  /** When it was written down. */
  readonly at: number;
  /** The time that it is about, where it was written later. */
  readonly about?: number;
  /** An address, `cli:USER`, or `rule`. */
  readonly by: string;
  /** What a rule saw: of `drafted` and `joined`. */
  readonly symptom?: ComponentChange;
  /** Of `attached`. */
  readonly file?: IncidentFile;
  /** Of `reported`. */
  readonly report?: IncidentReport;
}

/** That a component went from one state to another, as its rules saw it. */
export interface ComponentChange {
  readonly component: ComponentId;
  readonly from: ComponentState;
  readonly to: ComponentState;
  /** Wall-clock ms: when the symptom began, as far as measures tell. */
  readonly since: number;
  /** What was measured, such as `{ p95Ms: 30000 }`. */
  readonly measured: Readonly<Record<string, number | string>>;
  readonly reason: Wording;
  /** What it stands on, such as `store` or `upstream:mx.partner.test`; symptoms of one layer are one cause. */
  readonly layer: string;
}

export interface IncidentFile {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  /** Who wrote it, such as a provider (C4); empty: we. */
  readonly from: string;
}

/** 速報, 中間報告, 最終報告 (H11). */
export const REPORT_VERSIONS = ['first', 'interim', 'final'] as const;
export type ReportVersion = (typeof REPORT_VERSIONS)[number];

/** One report as it was given out; its text is a file. */
export interface IncidentReport {
  /** Counts the reports of an incident, from 1. */
  readonly number: number;
  readonly version: ReportVersion;
  readonly language: 'en' | 'ja';
  /** Null: for everybody, without anyone's figures. */
  readonly tenant: TenantId | null;
  readonly file: IncidentFile;
}

/** An incident or a maintenance as its entries make it. Whether a promise is overdue depends on the time, and is asked by `isOverdue`. */
export interface Incident {
  readonly id: IncidentId;
  readonly kind: IncidentKind;
  /** How many entries it has: who writes the next one says what they had seen. */
  readonly entries: number;
  /** Not published: seen by operators alone. */
  readonly isDraft: boolean;
  readonly isDropped: boolean;
  readonly title: Wording;
  readonly phase: IncidentPhase;
  readonly impact: Impact;
  /** Worst first is not promised: in the order in which they were named. */
  readonly components: readonly { readonly id: ComponentId; readonly state: ComponentState }[];
  /** All that were named at any time. */
  readonly affected: readonly ComponentId[];
  readonly attribution: Attribution | null;
  readonly advice: Wording | null;
  readonly nextUpdateAt: number | null;
  readonly tail: Wording | null;
  readonly startedAt: number;
  readonly detectedAt: number;
  readonly endedAt: number | null;
  readonly createdAt: number;
  readonly publishedAt: number | null;
  readonly updatedAt: number;
  readonly monitoringAt: number | null;
  readonly resolvedAt: number | null;
  readonly postmortemAt: number | null;
  readonly scheduledFor: number | null;
  readonly scheduledUntil: number | null;
  readonly byHand: boolean;
  readonly tenants: readonly TenantId[] | null;
  readonly cause: Wording | null;
  readonly measures: Wording | null;
  readonly layers: readonly string[];
  readonly symptoms: readonly ComponentChange[];
  /** What was told, oldest first. */
  readonly updates: readonly IncidentUpdate[];
  readonly files: readonly IncidentFile[];
  readonly reports: readonly IncidentReport[];
}

export interface IncidentUpdate {
  /** Its place among the entries, from 1. */
  readonly n: number;
  readonly phase: IncidentPhase;
  readonly text: Wording;
  readonly at: number;
  /** When it was written down; later than `at` where it was back-filled. */
  readonly writtenAt: number;
  readonly components: Incident['components'];
}

/** The text in a language, or in the other one where nobody wrote it in this. */
export function inLanguage({ en, ja }: Wording, language: 'en' | 'ja'): string {
  return language === 'ja' ? ja || en : en || ja;
}

/** Whether it is over: nothing of it is expected any more but its postmortem. */
export function isOver({ phase, isDropped }: Pick<Incident, 'phase' | 'isDropped'>): boolean {
  return isDropped || phase === 'resolved' || phase === 'postmortem' || phase === 'completed';
}

/** Whether a promised update is late (C3). */
export function isOverdue(incident: Pick<Incident, 'phase' | 'isDropped' | 'nextUpdateAt'>, now: number): boolean {
  return incident.nextUpdateAt !== null && now > incident.nextUpdateAt && !isOver(incident);
}
