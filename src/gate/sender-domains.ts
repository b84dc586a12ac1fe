/** Sender domains that take no mail themselves: nothing could ever be returned to them (RFC 7505 §4.2). */
import { type Domain, within } from '#/model/index.ts';
import type { Clock, Resolver } from '#/ports/index.ts';

/** How long an answer is used again, ms. The resolver knows the true lifetime; this only keeps bursts off it. */
const KEEP_MS = 60_000;
/** Answers kept at once; the oldest goes. */
const KEPT_MAX = 10_000;

export class SenderDomains {
  readonly #resolver: Resolver;
  readonly #clock: Clock;
  readonly #lookupMs: number;
  readonly #known = new Map<Domain, { readonly nullMx: boolean; readonly until: number }>();

  constructor(resolver: Resolver, clock: Clock, lookupMs: number) {
    this.#resolver = resolver;
    this.#clock = clock;
    this.#lookupMs = lookupMs;
  }

  /** Whether the domain refuses all mail; at once where that is known. No answer in time counts as no: the mail is taken. */
  refuseAll(domain: Domain): boolean | Promise<boolean> {
    if (domain.startsWith('[')) return false;
    const known = this.#known.get(domain);
    return known !== undefined && known.until > this.#clock.monotonic() ? known.nullMx : this.#ask(domain);
  }

  async #ask(domain: Domain): Promise<boolean> {
    const leave = new AbortController();
    const late = this.#clock.sleep(this.#lookupMs, leave.signal).then(() => false);
    // The resolver has the deadline too; the race is for one that forgets it.
    const answer = this.#resolver.mx(domain, within(this.#lookupMs, leave.signal)).then(
      ({ kind }) => this.#keep(domain, kind === 'null-mx'),
      () => false,
    );
    const refuses = await Promise.race([answer, late]);
    leave.abort();
    return refuses;
  }

  #keep(domain: Domain, nullMx: boolean): boolean {
    const oldest = this.#known.size >= KEPT_MAX ? this.#known.keys().next().value : undefined;
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#known.delete(domain);
    this.#known.set(domain, { nullMx, until: this.#clock.monotonic() + KEEP_MS });
    return nullMx;
  }
}
