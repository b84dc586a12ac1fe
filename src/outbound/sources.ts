/**
 * Addresses of ours that connections leave from, in pools that the operator names: which one is next, and which ones rest for whom.
 *
 * An address that a provider does not trust rests for that provider alone, while the others of its pool serve it. What must never happen: mail of one pool
 * that leaves from an address of another; a provider that gets nothing because all addresses rest: then the one that has rested longest is tried.
 */
import { isIP } from 'node:net';

/** An address of this machine. */
export interface Source {
  readonly address: string;
  /** Our name in EHLO from there, which its reverse name should be. */
  readonly hostname: string;
}

export type Pools = Readonly<Record<string, readonly Source[]>>;

/** The pool of mail that no route gives to another one. */
const DEFAULT_POOL = 'default';

/** A refusal for lack of trust is not over within minutes; one that lasts is met again by one mail in so long. */
export const restMs = 30 * 60_000;
/** Pairs of address and provider that rest; beyond it the oldest are forgotten. */
const restingMax = 2_000;

export class Sources {
  readonly #pools: Pools;
  readonly #monotonic: () => number;
  /** By address and provider: until when, monotonic ms. In order of their begin. */
  readonly #resting = new Map<string, number>();
  readonly #turns = new Map<string, number>();

  constructor(pools: Pools, monotonic: () => number) {
    this.#pools = pools;
    this.#monotonic = monotonic;
  }

  /**
   * The next source for a target of this provider: in turn, of the target's family, those that rest last of all. `any`: no pool has a say, and the system
   * chooses; `none`: the pool has no address of the family.
   */
  next(pool: string | null, target: string, provider: string): Source | 'any' | 'none' {
    const all = this.#pools[pool ?? DEFAULT_POOL];
    if (all === undefined) return 'any';
    const family = isIP(target);
    const fit = all.filter(({ address }) => isIP(address) === family);
    if (fit.length === 0) return 'none';
    const awake = fit.filter(({ address }) => !this.#rests(address, provider));
    if (awake.length === 0) return fit.reduce((a, b) => (this.#until(a, provider) <= this.#until(b, provider) ? a : b));
    const key = `${pool ?? DEFAULT_POOL} ${family} ${provider}`;
    const turn = this.#turns.get(key) ?? 0;
    if (this.#turns.size >= restingMax) this.#turns.clear();
    this.#turns.set(key, turn + 1);
    return awake[turn % awake.length] ?? 'none';
  }

  /** A provider does not trust this address. Whether another one of a pool that has it serves it meanwhile. */
  rest({ address }: Source, provider: string): boolean {
    const key = keyOf(address, provider);
    this.#resting.delete(key);
    this.#resting.set(key, this.#monotonic() + restMs);
    const [oldest] = this.#resting.keys();
    if (this.#resting.size > restingMax && oldest !== undefined) this.#resting.delete(oldest);
    const family = isIP(address);
    return Object.values(this.#pools).some(
      (pool) =>
        pool.some((one) => one.address === address) &&
        pool.some((one) => isIP(one.address) === family && !this.#rests(one.address, provider)),
    );
  }

  #rests(address: string, provider: string): boolean {
    return (this.#resting.get(keyOf(address, provider)) ?? 0) > this.#monotonic();
  }

  #until({ address }: Source, provider: string): number {
    return this.#resting.get(keyOf(address, provider)) ?? 0;
  }
}

function keyOf(address: string, provider: string): string {
  return `${address} ${provider}`;
}
