/**
 * What people feel of the mailboxes: how long their commands take at the store, and how many are under way. Purge looks at it before each
 * step (O3, O7).
 */
import type { Mailboxes } from '#/ports/index.ts';

/** Commands that are remembered: enough for a p95, few enough to be of now. */
const SAMPLES = 128;
/** An older sample says nothing of now, ms. */
export const FOREGROUND_MS = 10_000;

/** Work in the background is not what people wait for. */
const BACKGROUND = new Set<keyof Mailboxes>([
  'purge',
  'retire',
  'accounts',
  'forgetDeliveries',
  'delivered',
  'watch',
  'recoverable',
  // Before a delivery, which itself counts, and where full accounts are looked at again.
  'rules',
]);

export class Foreground {
  readonly #monotonic: () => number;
  readonly #samples: { readonly at: number; readonly ms: number }[] = [];
  #underWay = 0;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** The same mailboxes; what people ask of them is timed here. */
  watched(mailboxes: Mailboxes): Mailboxes {
    return new Proxy(mailboxes, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        if (typeof name !== 'string' || BACKGROUND.has(name as keyof Mailboxes)) return value.bind(target);
        return (...args: unknown[]) => this.#time(() => value.apply(target, args) as Promise<unknown>);
      },
    });
  }

  /** Commands at the store at this moment. */
  get underWay(): number {
    return this.#underWay;
  }

  /** The 95th percentile of the last commands, ms; null where nobody has asked for anything lately. */
  p95(): number | null {
    const since = this.#monotonic() - FOREGROUND_MS;
    const recent = this.#samples.filter(({ at }) => at >= since).map(({ ms }) => ms);
    if (recent.length === 0) return null;
    recent.sort((a, b) => a - b);
    return recent[Math.min(recent.length - 1, Math.floor(recent.length * 0.95))] ?? null;
  }

  async #time(work: () => Promise<unknown>): Promise<unknown> {
    const begun = this.#monotonic();
    this.#underWay += 1;
    try {
      return await work();
    } finally {
      this.#underWay -= 1;
      this.#samples.push({ at: this.#monotonic(), ms: this.#monotonic() - begun });
      if (this.#samples.length > SAMPLES) this.#samples.shift();
    }
  }
}
