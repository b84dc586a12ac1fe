/** What a change of a component means for incidents: a new cause, one more symptom of a known one, or nothing. Pure. */
import {
  type Attribution,
  type ComponentChange,
  type ComponentState,
  type Incident,
  isComponent,
  isOver,
} from '#/model/index.ts';
import { severity } from './fold.ts';
import { INCIDENT_LIMITS } from './limits.ts';

export type Meaning =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'new cause' }
  | { readonly kind: 'symptom of'; readonly incident: Incident };

/** `open`: incidents and maintenances that are not over, drafts too. */
export function meaningOf(change: ComponentChange, open: readonly Incident[]): Meaning {
  const live = open.filter((incident) => !isOver(incident));
  if (live.some((incident) => isKnown(change, incident))) return { kind: 'nothing' };
  const naming = live.find((incident) => incident.kind === 'incident' && isNamedIn(change, incident));
  if (severity(change.to) === 0 || change.to === change.from)
    return naming === undefined || change.to === 'under_maintenance'
      ? { kind: 'nothing' }
      : { kind: 'symptom of', incident: naming };
  if (live.some((incident) => incident.kind === 'maintenance' && isMaintained(change, incident)))
    return { kind: 'nothing' };
  const cause = naming ?? live.find((incident) => incident.kind === 'incident' && isOneCause(change, incident));
  return cause === undefined ? { kind: 'new cause' } : { kind: 'symptom of', incident: cause };
}

/** Told before. */
function isKnown(change: ComponentChange, { symptoms }: Incident): boolean {
  return symptoms.some(
    ({ component, to, since }) => component === change.component && to === change.to && since === change.since,
  );
}

function isNamedIn({ component }: ComponentChange, { components }: Incident): boolean {
  return components.some(({ id }) => isComponent(component, id));
}

function isMaintained(change: ComponentChange, incident: Incident): boolean {
  return (incident.phase === 'in_progress' || incident.phase === 'verifying') && isNamedIn(change, incident);
}

/** One layer, and not long after or before: what began an hour later has a reason of its own. */
function isOneCause({ layer, since }: ComponentChange, { symptoms }: Incident): boolean {
  return symptoms.some((other) => other.layer === layer && Math.abs(other.since - since) <= INCIDENT_LIMITS.joinMs);
}

/** Whose trouble these symptoms look like (C2): a proposal, which a person's word goes before. */
export function attributionOf(symptoms: readonly ComponentChange[]): Attribution {
  const troubles = symptoms.filter(({ to }) => severity(to) > 0);
  if (troubles.length > 0 && troubles.every(({ layer }) => layer.startsWith('upstream'))) return 'upstream';
  return new Set(troubles.map(({ component }) => component)).size > 1 ? 'shared_layer' : 'ours';
}

/** The components that an incident names, with what this change says of one; a person may have named it without its region. */
export function statesWith(
  { components }: Pick<Incident, 'components'>,
  { component, to }: ComponentChange,
): Readonly<Record<string, ComponentState>> {
  const others = components.filter(({ id }) => !isComponent(component, id));
  return { ...Object.fromEntries(others.map(({ id, state }) => [id, state])), [component]: to };
}
