/** An incident as its entries make it. Pure: the same entries are the same incident, anywhere and at any time. */
import {
  COMPONENT_STATES,
  type ComponentChange,
  type ComponentId,
  type ComponentState,
  type Impact,
  type Incident,
  type IncidentEntry,
  type IncidentPhase,
  type IncidentUpdate,
  type Wording,
} from '#/model/index.ts';
import type { IncidentRecord } from '#/ports/index.ts';

type States = ReadonlyMap<ComponentId, ComponentState>;

const IMPACT_OF: Readonly<Record<ComponentState, Impact>> = {
  operational: 'none',
  under_maintenance: 'none',
  degraded_performance: 'minor',
  partial_outage: 'major',
  major_outage: 'critical',
};

/** How bad a state is; maintenance is no trouble. */
export function severity(state: ComponentState): number {
  return state === 'under_maintenance' ? 0 : COMPONENT_STATES.indexOf(state);
}

/** `record` has at least one entry. */
export function foldIncident({ id, kind, entries }: IncidentRecord): Incident {
  const [first] = entries;
  if (first === undefined) throw new TypeError(`The incident ${id} has no entry.`);
  const published = first.kind === 'drafted' ? entries.find((entry) => entry.kind === 'published') : first;
  const publishedAt = published?.at ?? null;
  const phases = phasesOf(entries, kind === 'incident' ? 'investigating' : 'scheduled');
  const phase = phases.at(-1) ?? 'investigating';
  const walks = walkOf(entries, phases, kind);
  const components = listed(walks.at(-1) ?? new Map());
  const last = <Key extends keyof IncidentEntry>(key: Key): IncidentEntry[Key] | undefined =>
    entries.findLast((entry) => entry[key] !== undefined)?.[key];
  const moment = (wanted: IncidentPhase): number | null => lastTurn(entries, phases, wanted);
  const isEnded = phase === 'resolved' || phase === 'postmortem' || phase === 'completed';
  const symptoms = entries.flatMap(({ symptom }) => symptom ?? []);
  return {
    ...{ id, kind, entries: entries.length },
    isDraft: publishedAt === null,
    isDropped: entries.some((entry) => entry.kind === 'dropped'),
    title: last('title') ?? NOTHING,
    phase,
    impact: last('impact') ?? worstOf(walks),
    components,
    affected: [...new Set(walks.flatMap((states) => [...states.keys()]))],
    attribution: last('attribution') ?? null,
    advice: last('advice') ?? null,
    nextUpdateAt: isEnded ? null : promiseOf(entries),
    tail: last('tail') ?? null,
    startedAt: last('startedAt') ?? earliest(symptoms) ?? momentOf(first),
    detectedAt: last('detectedAt') ?? first.at,
    endedAt: last('endedAt') ?? null,
    createdAt: first.at,
    publishedAt,
    updatedAt: entries.at(-1)?.at ?? first.at,
    monitoringAt: moment('monitoring'),
    resolvedAt: isEnded ? (moment('resolved') ?? moment('completed')) : null,
    postmortemAt: moment('postmortem'),
    scheduledFor: last('scheduledFor') ?? null,
    scheduledUntil: last('scheduledUntil') ?? null,
    byHand: last('byHand') ?? false,
    tenants: last('tenants') ?? null,
    cause: last('cause') ?? null,
    measures: last('measures') ?? null,
    layers: [...new Set(symptoms.map(({ layer }) => layer))],
    symptoms,
    updates: updatesOf(entries, phases, walks, publishedAt),
    files: entries.flatMap(({ file }) => file ?? []),
    reports: entries.flatMap(({ report }) => report ?? []),
  };
}

const NOTHING: Wording = { en: '', ja: '' };

/** The time that an entry is about. */
export function momentOf({ about, at }: Pick<IncidentEntry, 'about' | 'at'>): number {
  return about ?? at;
}

/** The phase behind each entry. */
function phasesOf(entries: readonly IncidentEntry[], first: IncidentPhase): readonly IncidentPhase[] {
  let now = first;
  return entries.map(({ phase }) => {
    now = phase ?? now;
    return now;
  });
}

/** The states of components behind each entry: what is over is operational, and what is being maintained says so. */
function walkOf(
  entries: readonly IncidentEntry[],
  phases: readonly IncidentPhase[],
  kind: Incident['kind'],
): readonly States[] {
  let named: States = new Map();
  return entries.map((entry, i) => {
    if (entry.components !== undefined) named = new Map(Object.entries(entry.components));
    const phase = phases[i];
    if (kind === 'maintenance')
      return all(named, phase === 'in_progress' || phase === 'verifying' ? 'under_maintenance' : 'operational');
    const isOver = phase === 'resolved' || phase === 'postmortem';
    if (isOver && entry.components === undefined) named = all(named, 'operational');
    return named;
  });
}

function all(states: States, state: ComponentState): States {
  return new Map([...states.keys()].map((id) => [id, state]));
}

function worstOf(walks: readonly States[]): Impact {
  const states = walks.flatMap((walk) => [...walk.values()]);
  const worst = states.reduce<ComponentState>((a, b) => (severity(b) > severity(a) ? b : a), 'operational');
  return IMPACT_OF[worst];
}

/** A text that promises nothing ends the promise before it. */
function promiseOf(entries: readonly IncidentEntry[]): number | null {
  const last = entries.findLast(({ nextUpdateAt, text }) => nextUpdateAt !== undefined || text !== undefined);
  return last?.nextUpdateAt ?? null;
}

/** When the phase was last entered; null where it never was. */
function lastTurn(
  entries: readonly IncidentEntry[],
  phases: readonly IncidentPhase[],
  wanted: IncidentPhase,
): number | null {
  const i = phases.findLastIndex((phase, n) => phase === wanted && phases[n - 1] !== wanted);
  const entry = entries[i];
  return entry === undefined ? null : momentOf(entry);
}

function earliest(symptoms: readonly ComponentChange[]): number | undefined {
  const times = symptoms.filter(({ to }) => severity(to) > 0).map(({ since }) => since);
  return times.length === 0 ? undefined : Math.min(...times);
}

// What was written before anybody could see it was told when it was published, and not before.
function updatesOf(
  entries: readonly IncidentEntry[],
  phases: readonly IncidentPhase[],
  walks: readonly States[],
  publishedAt: number | null,
): readonly IncidentUpdate[] {
  return entries.flatMap((entry, i): IncidentUpdate[] => {
    if (entry.text === undefined) return [];
    return [
      {
        n: i + 1,
        phase: phases[i] ?? 'investigating',
        text: entry.text,
        at: entry.about ?? Math.max(entry.at, publishedAt ?? entry.at),
        writtenAt: entry.at,
        components: listed(walks[i] ?? new Map()),
      },
    ];
  });
}

function listed(states: States): Incident['components'] {
  return [...states].map(([id, state]) => ({ id, state }));
}
