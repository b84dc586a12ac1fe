/** 90 days of a component as bars: one stroke for each run of days in a state. Days that were not well stand out by colour and by height. */
import { type ComponentDay, type ComponentState, type ComponentView, severityOf, worstOf } from '#/model/index.ts';
import { html, type Markup } from '../page/markup.ts';
import type { Words } from './words.ts';

export const SHOWN_DAYS = 90;
const DAY_MS = 86_400_000;
/** Width of a bar with its gap, and of the bar alone. */
const PITCH = 7;
const BAR = 5;
const HEIGHT = 36;

type BarsOf = Pick<ComponentView, 'days' | 'state'>;

/** The bars; `label` is what they say to those who do not see them. Today is no better than the state of now, whose minute is not over yet. */
export function barsOf({ days, state }: BarsOf, now: number, label: string, words: Words): Markup {
  const byDay = new Map(days.map((one) => [one.day, one]));
  const all = Array.from({ length: SHOWN_DAYS }, (_, i) => byDay.get(dayBefore(now, SHOWN_DAYS - 1 - i)) ?? null);
  const states = all.map((one, i) => {
    const seen = one === null ? null : worstIn(one);
    return i < SHOWN_DAYS - 1 ? seen : worstOf([seen ?? state, state]);
  });
  const strokes = runsOf(states).map(({ state, from, to }) =>
    stroke(state, from, to, titleOf(all.slice(from, to + 1), words)),
  );
  return html`<svg class="bars" role="img" aria-label="${label}" viewBox="0 0 ${SHOWN_DAYS * PITCH - (PITCH - BAR)} ${HEIGHT}" preserveAspectRatio="none">${strokes}</svg>`;
}

/** The UTC day so many days before. */
export function dayBefore(now: number, days: number): string {
  return new Date(now - days * DAY_MS).toISOString().slice(0, 10);
}

/** The worst state that a day has seen. */
function worstIn({ minutes }: ComponentDay): ComponentState {
  const seen = Object.entries(minutes).flatMap(([state, count]) => (count > 0 ? [state as ComponentState] : []));
  return seen.reduce<ComponentState>(
    (worst, one) => (severityOf(one) > severityOf(worst) ? one : worst),
    'operational',
  );
}

interface Run {
  readonly state: ComponentState | null;
  readonly from: number;
  readonly to: number;
}

/** Days that were not well stand alone: each has its own title. */
function runsOf(states: readonly (ComponentState | null)[]): readonly Run[] {
  const runs: Run[] = [];
  for (const [i, state] of states.entries()) {
    const last = runs.at(-1);
    const joins = last?.state === state && (state === null || state === 'operational');
    if (joins && last !== undefined) runs[runs.length - 1] = { ...last, to: i };
    else runs.push({ state, from: i, to: i });
  }
  return runs;
}

function stroke(state: ComponentState | null, from: number, to: number, title: string | null): Markup {
  const path = `M${from * PITCH} ${HEIGHT / 2}H${to * PITCH + BAR}`;
  const inner = title !== null && html`<title>${title}</title>`;
  return html`<path class="${state ?? 'na'}" d="${path}">${inner}</path>`;
}

function titleOf(days: readonly (ComponentDay | null)[], words: Words): string | null {
  const [day] = days;
  if (days.length !== 1 || day === null || day === undefined) return null;
  const ill = Object.entries(day.minutes).filter(([state, count]) => state !== 'operational' && count > 0);
  if (ill.length === 0) return null;
  const parts = ill
    .map(([state, count]) => `${words.state[state as ComponentState]} ${words.minutes(count)}`)
    .join(', ');
  return words.dayTitle(day.day, parts);
}
