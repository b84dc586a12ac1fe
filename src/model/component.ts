/** What customers see of the installation, and how it does (contract, Components). */

import type { ComponentId, ComponentState } from './incident.ts';
import type { Wording } from './verdict.ts';

/** In the order in which pages list them. */
export const COMPONENT_KINDS = [
  'gateway',
  'inspection',
  'delivery',
  'mailboxes',
  'imap',
  'pop3',
  'portal',
  'upstreams',
  'records',
] as const;

export type ComponentKind = (typeof COMPONENT_KINDS)[number];

/** The component of a region: `main.delivery`. */
export function componentId(region: string, kind: ComponentKind): ComponentId {
  return `${region}.${kind}`;
}

const SEVERITY: Readonly<Record<ComponentState, number>> = {
  operational: 0,
  under_maintenance: 1,
  degraded_performance: 2,
  partial_outage: 3,
  major_outage: 4,
};

/** How bad a state is; higher is worse. */
export function severityOf(state: ComponentState): number {
  return SEVERITY[state];
}

/** The worst of these; operational where there is none. */
export function worstOf(states: Iterable<ComponentState>): ComponentState {
  let worst: ComponentState = 'operational';
  for (const state of states) if (severityOf(state) > severityOf(worst)) worst = state;
  return worst;
}

/** A component went from one state to another, seen by a rule. */
export interface StateChange {
  readonly component: ComponentId;
  /** Wall-clock ms at which it was decided. */
  readonly at: number;
  /** When the symptom began, where that is known to be earlier. */
  readonly since: number;
  readonly from: ComponentState;
  readonly to: ComponentState;
  /** What was measured, of the rules that decided; empty where all is well again. */
  readonly reasons: readonly StateReason[];
}

/** A rule that has something to say, and the figure behind it. */
export interface StateReason {
  /** Name of the rule. */
  readonly rule: string;
  /** What was measured: ms, a share, or a count; the rule says which. */
  readonly measured: number;
  readonly text: Wording;
}
