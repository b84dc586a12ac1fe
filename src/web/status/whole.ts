/** The whole of it in one word, as the Statuspage API has it. */
import { type ComponentState, type ComponentView, severityOf, worstOf } from '#/model/index.ts';
import type { Indicator } from './words.ts';

const INDICATORS: Readonly<Record<ComponentState, Indicator>> = {
  operational: 'none',
  under_maintenance: 'maintenance',
  degraded_performance: 'minor',
  partial_outage: 'major',
  major_outage: 'critical',
};

/** By the worst component; one that is out of several is no outage of the whole. */
export function indicatorOf(components: readonly Pick<ComponentView, 'state'>[]): Indicator {
  const worst = worstOf(components.map(({ state }) => state));
  const out = components.filter(({ state }) => state === 'major_outage').length;
  if (worst === 'major_outage' && out * 2 < components.length) return 'major';
  return INDICATORS[worst];
}

/** Colour is never alone: each state has a shape, too. */
export const MARKS: Readonly<Record<ComponentState | Indicator, string>> = {
  operational: '●',
  none: '●',
  degraded_performance: '▲',
  minor: '▲',
  partial_outage: '◆',
  major: '◆',
  major_outage: '✕',
  critical: '✕',
  under_maintenance: '■',
  maintenance: '■',
};

/** Whether customers feel it. */
export function isIll(state: ComponentState): boolean {
  return severityOf(state) > severityOf('under_maintenance');
}
