/**
 * Whether each role has proved itself. A proof is a real exchange with a deadline (an EHLO on a listener, a round trip to custody); its
 * answer serves for a moment, so that a monitoring that asks often costs little.
 */
import type { Clock } from '#/ports/index.ts';

/** Resolves when the role did its work just now, with a text where something is worth knowing all the same; rejects with a plain reason. */
export type Proof = (signal: AbortSignal) => Promise<unknown>;

export interface RoleReport {
  readonly role: string;
  readonly ready: boolean;
  /** What is missing, in plain words; of a role that is ready, what is worth knowing all the same, or nothing. */
  readonly reason: string;
}

export const READINESS_DEFAULTS: { readonly deadlineMs: number; readonly freshMs: number } = {
  /** Longer than a slow flush, shorter than a balancer's patience. */
  deadlineMs: 3_000,
  freshMs: 1_000,
};

export class Readiness {
  readonly #proofs: ReadonlyMap<string, Proof>;
  readonly #clock: Clock;
  readonly #settings: typeof READINESS_DEFAULTS;
  readonly #last = new Map<string, { readonly at: number; readonly report: Promise<RoleReport> }>();

  constructor(
    proofs: ReadonlyMap<string, Proof>,
    clock: Clock,
    settings: typeof READINESS_DEFAULTS = READINESS_DEFAULTS,
  ) {
    this.#proofs = proofs;
    this.#clock = clock;
    this.#settings = settings;
  }

  get roles(): readonly string[] {
    return [...this.#proofs.keys()];
  }

  /** One role's report; undefined for a role that is not configured. */
  async report(role: string): Promise<RoleReport | undefined> {
    const proof = this.#proofs.get(role);
    if (proof === undefined) return undefined;
    const last = this.#last.get(role);
    if (last !== undefined && this.#clock.monotonic() - last.at < this.#settings.freshMs) return last.report;
    const report = this.#prove(role, proof);
    this.#last.set(role, { at: this.#clock.monotonic(), report });
    return report;
  }

  /** All roles, in the order of the configuration. */
  async reports(): Promise<readonly RoleReport[]> {
    const reports = await Promise.all(this.roles.map((role) => this.report(role)));
    return reports.filter((report) => report !== undefined);
  }

  async #prove(role: string, proof: Proof): Promise<RoleReport> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.#settings.deadlineMs);
    const { promise: lateness, reject } = Promise.withResolvers<never>();
    late.signal.addEventListener('abort', () => reject(new Error('no answer in time')));
    try {
      const told = await Promise.race([proof(late.signal), lateness]);
      return { role, ready: true, reason: typeof told === 'string' ? told : '' };
    } catch (error) {
      return { role, ready: false, reason: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(timer);
      lateness.catch(() => {});
      // Where one part of a proof has failed, the others would go on: a role that is away accepts nothing, and refuses nothing.
      late.abort();
    }
  }
}
