/**
 * How many connections at once one destination bears: grown by one per success until the first trouble, then by one per round,
 * halved by trouble (additive increase, multiplicative decrease). Pure arithmetic; monotonic ms come from outside.
 */
import type { FlowSettings } from './settings.ts';

export class Flow {
  readonly #settings: FlowSettings;
  readonly #max: number;
  #limit: number;
  #threshold: number;
  #troubleAt = Number.NEGATIVE_INFINITY;
  #proven = false;

  constructor(max: number, settings: FlowSettings) {
    this.#settings = settings;
    this.#max = max;
    this.#limit = Math.min(settings.initial, max);
    this.#threshold = max;
  }

  /** Connections at once, at least one. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** Whether it worked since the last trouble. */
  get proven(): boolean {
    return this.#proven;
  }

  /** Of these connections, how many the backlog may use; the rest is kept for fresh mail (M5). */
  get backlogLimit(): number {
    const limit = this.limit;
    return limit < 2 ? limit : limit - Math.max(1, Math.round(limit * this.#settings.freshShare));
  }

  /** A mail went through. Only a limit that is in use is worth raising. */
  success(connections: number): void {
    this.#proven = true;
    if (connections < this.backlogLimit) return;
    this.#limit = Math.min(this.#max, this.#limit + (this.#limit < this.#threshold ? 1 : 1 / this.#limit));
  }

  /** The peer wants less. Several complaints within `calmMs` are one. */
  busy(monotonicMs: number): void {
    this.#proven = false;
    if (monotonicMs - this.#troubleAt < this.#settings.calmMs) return;
    this.#troubleAt = monotonicMs;
    this.#limit = Math.max(1, this.#limit / 2);
    this.#threshold = this.#limit;
  }

  /** The destination went down: it begins again with one connection, and grows quickly. */
  restart(): void {
    this.#proven = false;
    this.#limit = 1;
    this.#threshold = this.#max;
  }
}
