/** The calendar day of a tenant: its daily limit ends at its own midnight. */
const MINUTE_MS = 60_000;

/** Remembers formats and the day of the running minute: asking Intl costs more than counting. */
export class LocalDays {
  readonly #formats = new Map<string, Intl.DateTimeFormat>();
  readonly #days = new Map<string, string>();
  #minute = -1;

  /** `2026-11-21` in that zone at a wall-clock time. */
  dayOf(nowMs: number, timezone: string): string {
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute !== this.#minute) this.#days.clear();
    this.#minute = minute;
    return this.#days.getOrInsertComputed(timezone, () => this.#format(timezone).format(nowMs));
  }

  #format(timezone: string): Intl.DateTimeFormat {
    // The Swedish order is year, month, day.
    const parts = { timeZone: timezone, year: 'numeric', month: '2-digit', day: '2-digit' } as const;
    return this.#formats.getOrInsertComputed(timezone, () => new Intl.DateTimeFormat('sv', parts));
  }
}
