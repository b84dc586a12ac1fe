/**
 * The shapes of the Statuspage API, version 2, which monitoring and chat programs read. Ids are ours, and stay: a component's is its name in its region.
 */
import {
  type ComponentView,
  type Incident,
  type IncidentUpdate,
  inLanguage,
  isComponent,
  isOver,
  type StatusView,
  worstOf,
} from '#/model/index.ts';
import { nameOf } from './changes.ts';
import { indicatorOf } from './whole.ts';
import { WORDS } from './words.ts';

type Json = Readonly<Record<string, unknown>>;

/** What is below `/status/api/v2/`, by name without `.json`. */
export const API_NAMES = [
  'summary',
  'status',
  'components',
  'incidents',
  'incidents/unresolved',
  'scheduled-maintenances',
  'scheduled-maintenances/upcoming',
  'scheduled-maintenances/active',
] as const;

export type ApiName = (typeof API_NAMES)[number];

/** One of them. */
export function statuspageOf(name: ApiName, view: StatusView): Json {
  const page = pageOf(view);
  const components = componentsOf(view);
  const trouble = view.incidents.filter(({ kind }) => kind === 'incident');
  const planned = view.incidents.filter(({ kind }) => kind === 'maintenance');
  const unresolved = trouble.filter((one) => !isOver(one)).map((one) => incidentOf(one, view));
  const inPhase = (...phases: readonly string[]): readonly Json[] =>
    planned.filter(({ phase }) => phases.includes(phase)).map((one) => workOf(one, view));
  switch (name) {
    case 'summary':
      return {
        page,
        components,
        incidents: unresolved,
        scheduled_maintenances: planned.filter((one) => !isOver(one)).map((one) => workOf(one, view)),
        status: statusOf(view),
      };
    case 'status':
      return { page, status: statusOf(view) };
    case 'components':
      return { page, components };
    case 'incidents':
      return { page, incidents: trouble.map((one) => incidentOf(one, view)) };
    case 'incidents/unresolved':
      return { page, incidents: unresolved };
    case 'scheduled-maintenances':
      return { page, scheduled_maintenances: planned.map((one) => workOf(one, view)) };
    case 'scheduled-maintenances/upcoming':
      return { page, scheduled_maintenances: inPhase('scheduled') };
    case 'scheduled-maintenances/active':
      return { page, scheduled_maintenances: inPhase('in_progress', 'verifying') };
  }
}

const PAGE_ID = 'status';

function pageOf({ name, url, at }: StatusView): Json {
  return { id: PAGE_ID, name, url: `${url}/status`, time_zone: 'Etc/UTC', updated_at: timeOf(at) };
}

function statusOf({ components }: StatusView): Json {
  const indicator = indicatorOf(components);
  return { indicator, description: DESCRIPTIONS[indicator] };
}

/** As that API words it, which programs compare. */
const DESCRIPTIONS = {
  none: 'All Systems Operational',
  minor: 'Partially Degraded Service',
  major: 'Partial System Outage',
  critical: 'Major System Outage',
  maintenance: 'Service Under Maintenance',
} as const;

/** The region as a group, then its components. */
function componentsOf({ region, components, at }: StatusView): readonly Json[] {
  const begin = Math.min(at, ...components.map(begunAt));
  const group = {
    ...{ id: region, name: region, status: worstOf(components.map(({ state }) => state)), position: 1 },
    ...{ created_at: timeOf(begin), updated_at: timeOf(Math.max(begin, ...components.map(({ since }) => since))) },
    ...{ description: null, showcase: false, start_date: dayOf(begin), group_id: null, group: true },
    ...{ page_id: PAGE_ID, only_show_if_degraded: false, components: components.map(({ id }) => id) },
  };
  return [group, ...components.map((one, i) => componentOf(one, region, i + 1))];
}

function componentOf(one: ComponentView, region: string, position: number): Json {
  const { id, kind, state, since } = one;
  return {
    ...{ id, name: WORDS.en.kind[kind], status: state, position, description: WORDS.en.about[kind] },
    ...{ created_at: timeOf(begunAt(one)), updated_at: timeOf(since), showcase: true, start_date: dayOf(begunAt(one)) },
    ...{ group_id: region, group: false, page_id: PAGE_ID, only_show_if_degraded: false },
  };
}

function incidentOf(incident: Incident, view: StatusView): Json {
  const { id, title, phase, impact, createdAt, updatedAt, monitoringAt, resolvedAt, startedAt, updates } = incident;
  return {
    ...{
      id,
      name: inLanguage(title, 'en'),
      status: phase,
      impact,
      page_id: PAGE_ID,
      shortlink: `${view.url}/status#${id}`,
    },
    ...{ created_at: timeOf(createdAt), updated_at: timeOf(updatedAt), started_at: timeOf(startedAt) },
    monitoring_at: monitoringAt === null ? null : timeOf(monitoringAt),
    resolved_at: resolvedAt === null ? null : timeOf(resolvedAt),
    incident_updates: updates.map((one) => updateOf(one, id)).reverse(),
    components: componentsOf(view).filter((one) =>
      incident.affected.some((named) => isComponent(String(one.id), named)),
    ),
  };
}

function updateOf({ n, phase, text, at, writtenAt, components }: IncidentUpdate, incident: string): Json {
  return {
    ...{ id: `${incident}.${n}`, incident_id: incident, status: phase, body: inLanguage(text, 'en') },
    ...{ created_at: timeOf(writtenAt), updated_at: timeOf(writtenAt), display_at: timeOf(at) },
    affected_components: components.map(({ id, state }) => ({
      code: id,
      name: nameOf(id, WORDS.en),
      new_status: state,
    })),
  };
}

function workOf(incident: Incident, view: StatusView): Json {
  const { scheduledFor, scheduledUntil } = incident;
  return {
    ...incidentOf(incident, view),
    impact: 'maintenance',
    scheduled_for: scheduledFor === null ? null : timeOf(scheduledFor),
    scheduled_until: scheduledUntil === null ? null : timeOf(scheduledUntil),
  };
}

/** Since when it has been watched. */
function begunAt({ days, since }: ComponentView): number {
  const [first] = days;
  return first === undefined ? since : Math.min(since, Date.parse(`${first.day}T00:00:00Z`));
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}

function dayOf(at: number): string {
  return timeOf(at).slice(0, 10);
}
