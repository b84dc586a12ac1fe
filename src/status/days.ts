/** Minutes by day and state of each component, as they come and as they were kept. */
import type { ComponentDay, ComponentId, ComponentState } from '#/model/index.ts';
import type { ComponentMinute } from '#/ports/index.ts';
import { shownDays } from './limits.ts';

const DAY_MS = 86_400_000;

/** The UTC day of a wall-clock ms. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The first day that is shown at a wall-clock ms. */
export function firstShownDay(at: number): string {
  return dayOf(at - (shownDays - 1) * DAY_MS);
}

export class Days {
  readonly #days = new Map<ComponentId, Map<string, Partial<Record<ComponentState, number>>>>();

  /** Adds what was kept: once. */
  restore(days: readonly ComponentDay[]): void {
    for (const { component, day, minutes } of days)
      for (const [state, count] of Object.entries(minutes)) this.#add(component, day, state as ComponentState, count);
  }

  note(minutes: readonly ComponentMinute[]): void {
    for (const { component, at, state } of minutes) this.#add(component, dayOf(at), state, 1);
  }

  /** Of one component, from a day on, in their order. Forgets what is older. */
  of(component: ComponentId, from: string): readonly ComponentDay[] {
    const days = this.#days.get(component) ?? new Map<string, ComponentDay['minutes']>();
    for (const day of days.keys()) if (day < from) days.delete(day);
    return [...days].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([day, minutes]) => ({ component, day, minutes }));
  }

  #add(component: ComponentId, day: string, state: ComponentState, count: number): void {
    const minutes = this.#days
      .getOrInsertComputed(component, () => new Map())
      .getOrInsertComputed(day, (): Partial<Record<ComponentState, number>> => ({}));
    minutes[state] = (minutes[state] ?? 0) + count;
  }
}
