/** Counts what was sent in the last ten minutes, in steps of one: a limit never resets all at once, and old minutes fall out one by one. */
import { WINDOW_MINUTES } from './limits.ts';

const MINUTE_MS = 60_000;

export class SendingWindow {
  readonly #counts: number[] = Array.from({ length: WINDOW_MINUTES }, () => 0);
  /** Minute that the newest count belongs to. */
  #minute = 0;

  /** Recipients in the window that ends at `nowMs` (monotonic). */
  sum(nowMs: number): number {
    this.#moveTo(nowMs);
    return this.#counts.reduce((total, count) => total + count, 0);
  }

  /** Counts `amount` more now; a negative one takes back, from the newest minutes first. */
  add(nowMs: number, amount: number): void {
    this.#moveTo(nowMs);
    let rest = amount;
    for (let back = 0; back < WINDOW_MINUTES; back++) {
      const at = this.#slot(this.#minute - back);
      const next = Math.max(0, (this.#counts[at] ?? 0) + rest);
      rest -= next - (this.#counts[at] ?? 0);
      this.#counts[at] = next;
      if (rest >= 0) return;
    }
  }

  #moveTo(nowMs: number): void {
    const minute = Math.floor(nowMs / MINUTE_MS);
    const passed = Math.min(WINDOW_MINUTES, minute - this.#minute);
    for (let i = 0; i < passed; i++) this.#counts[this.#slot(minute - i)] = 0;
    if (minute > this.#minute) this.#minute = minute;
  }

  #slot(minute: number): number {
    return ((minute % WINDOW_MINUTES) + WINDOW_MINUTES) % WINDOW_MINUTES;
  }
}
