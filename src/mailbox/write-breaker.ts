/**
 * Whether writes go through. Where those of an account fail again and again, the next ones are refused at once instead of each waiting for its
 * deadline, and one looks whether it works again; where those of several accounts do, so it is for all (O6). Reading is not asked.
 *
 *   closed ── failures in a row ──▶ open ── rest over: one write goes ──▶ done: closed · failed: open, longer
 *
 * What must never happen: writes that stay refused while the store takes them; a refusal that counts as a failure.
 */
import { type AccountKey, addressKey, Fault } from '#/model/index.ts';
import type { Clock, Log } from '#/ports/index.ts';
import {
  accountsDownForAll,
  failingAccountsMax,
  failuresForAll,
  failuresToOpen,
  writeRestMs,
  writeRestMsMax,
} from './limits.ts';

interface Circuit {
  failures: number;
  /** Null while it is closed. */
  open: { readonly restMs: number; readonly until: number } | null;
}

export interface WriteBreakerParts {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

export class WriteBreaker {
  readonly #parts: WriteBreakerParts;
  /** Those whose last write failed, the one that failed longest ago first. */
  readonly #accounts = new Map<string, Circuit>();
  #all: Circuit = closed();

  constructor(parts: WriteBreakerParts) {
    this.#parts = parts;
  }

  /** Before a write. Fault `store.unavailable` while it rests; where the rest is over this one looks, and the others rest on meanwhile. */
  enter(account: AccountKey): void {
    const own = this.#accounts.get(keyOf(account));
    for (const circuit of own === undefined ? [this.#all] : [this.#all, own])
      if (circuit.open !== null && this.#now < circuit.open.until) throw new Fault('store.unavailable');
    for (const circuit of own === undefined ? [this.#all] : [this.#all, own])
      if (circuit.open !== null) circuit.open = { ...circuit.open, until: this.#now + circuit.open.restMs };
  }

  /** The store has answered, be it with a refusal. */
  answered(account: AccountKey): void {
    this.#accounts.delete(keyOf(account));
    if (this.#all.open !== null) this.#parts.log.info('mailbox.writes-back');
    this.#all = closed();
  }

  failed(account: AccountKey, why: string): void {
    const key = keyOf(account);
    const own = this.#accounts.get(key) ?? closed();
    this.#accounts.delete(key);
    this.#accounts.set(key, own);
    const [oldest] = this.#accounts.keys();
    if (this.#accounts.size > failingAccountsMax && oldest !== undefined) this.#accounts.delete(oldest);
    if (this.#fails(own, failuresToOpen)) this.#parts.log.warn('mailbox.writes-down', { of: 'one account', why });
    const isWide = this.#accounts.size >= accountsDownForAll || this.#all.open !== null;
    if (this.#fails(this.#all, isWide ? failuresForAll : Number.POSITIVE_INFINITY))
      this.#parts.log.warn('mailbox.writes-down', { of: 'all accounts', why });
  }

  /** Whether it opens by this. */
  #fails(circuit: Circuit, threshold: number): boolean {
    circuit.failures += 1;
    const before = circuit.open;
    if (before === null && circuit.failures < threshold) return false;
    const restMs = before === null ? writeRestMs : Math.min(before.restMs * 2, writeRestMsMax);
    circuit.open = { restMs, until: this.#now + restMs };
    return before === null;
  }

  get #now(): number {
    return this.#parts.clock.monotonic();
  }
}

function closed(): Circuit {
  return { failures: 0, open: null };
}

function keyOf({ tenant, address }: AccountKey): string {
  return `${tenant} ${addressKey(address)}`;
}
