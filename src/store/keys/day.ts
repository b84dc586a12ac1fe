/** A day in UTC, `2026-11-21`: what a day's key is named by. */
export type KeyDay = string & { readonly __brand: 'KeyDay' };

/** The day of a wall-clock time in ms. */
export function keyDayOf(nowMs: number): KeyDay {
  return new Date(nowMs).toISOString().slice(0, 10) as KeyDay;
}

/** Whether a text names a day as `keyDayOf` does. */
export function isKeyDay(text: string): text is KeyDay {
  return /^\d{4,6}-\d{2}-\d{2}$/.test(text);
}
