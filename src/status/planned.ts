/**
 * Planned work as the watch sees it: while it runs, the components that it names are under maintenance, and nobody is called for them. Pure.
 *
 * What must never happen: quiet that outlives its time. Whoever leads the work may forget to end it, and who keeps its times may be what is worked on:
 * behind the end that was told, rules hold again, whatever its phase says. Who needs longer tells people so (`holdfast maintenance update --until`).
 */
import { type ComponentId, type Incident, inLanguage, isComponent, type StateReason } from '#/model/index.ts';

/** The work that a component is under at `now`, wall-clock ms; of several the newest. Null where there is none. */
export function workOn(component: ComponentId, known: readonly Incident[], now: number): Incident | null {
  const isOn = (one: Incident): boolean => one.components.some(({ id }) => isComponent(component, id));
  return known.find((one) => isRunning(one, now) && isOn(one)) ?? null;
}

/** What is said of a component that is worked on: the title of the work, as people were told. */
export function reasonOf({ title }: Incident): StateReason {
  const text = { en: inLanguage(title, 'en'), ja: inLanguage(title, 'ja') };
  return { rule: 'planned work', measured: 1, text };
}

/** Begun by its phase, or by its time where nobody was there to turn the phase. */
function isRunning({ kind, phase, byHand, scheduledFor, scheduledUntil }: Incident, now: number): boolean {
  if (kind !== 'maintenance' || scheduledFor === null || scheduledUntil === null || now >= scheduledUntil) return false;
  if (phase === 'scheduled') return !byHand && now >= scheduledFor;
  return phase === 'in_progress' || phase === 'verifying';
}
