/**
 * Passwords that were proven a short while ago, so that argon2id is no bottleneck of clients that come often (design 6). Holds no
 * password: the key is an HMAC, under a key of this process, over name, password and the stored hash. A changed or removed password
 * thus misses by itself.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { StoredSecret } from '#/model/index.ts';
import type { Clock } from '#/ports/index.ts';
import { BoundedMap } from './bounded-map.ts';
import { PROVEN_MAX, PROVEN_MS } from './limits.ts';

export class ProvenCache {
  readonly #clock: Clock;
  readonly #key = randomBytes(32);
  /** Monotonic ms until which an entry counts. */
  readonly #until = new BoundedMap<string, number>(PROVEN_MAX);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(name: string, password: string, secret: StoredSecret): boolean {
    const until = this.#until.get(this.#mark(name, password, secret));
    return until !== undefined && until > this.#clock.monotonic();
  }

  add(name: string, password: string, secret: StoredSecret): void {
    this.#until.set(this.#mark(name, password, secret), this.#clock.monotonic() + PROVEN_MS);
  }

  #mark(name: string, password: string, secret: StoredSecret): string {
    const text = JSON.stringify([name, password, secret]);
    return createHmac('sha256', this.#key).update(text).digest('base64');
  }
}
