/** How much one client may do in a minute: a bucket that fills evenly. In memory of this process; whoever is forgotten begins anew. */
import { isIPv6 } from 'node:net';
import { clientsMax } from './limits.ts';

const MINUTE_MS = 60_000;

interface Bucket {
  left: number;
  at: number;
}

export class ClientPace {
  readonly #perMinute: number;
  readonly #now: () => number;
  // In the order of their last act: the first one was quiet for longest.
  readonly #buckets = new Map<string, Bucket>();

  /** `now` is monotonic ms. */
  constructor(perMinute: number, now: () => number) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** Whether it may; then it counts. */
  take(client: string): boolean {
    const bucket = this.#bucketOf(client);
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    return true;
  }

  #bucketOf(client: string): Bucket {
    const key = networkOf(client);
    const now = this.#now();
    const known = this.#buckets.get(key);
    const filled =
      known === undefined ? this.#perMinute : known.left + ((now - known.at) / MINUTE_MS) * this.#perMinute;
    const bucket = { left: Math.min(this.#perMinute, filled), at: now };
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    const [oldest] = this.#buckets.size > clientsMax ? this.#buckets.keys() : [];
    if (oldest !== undefined) this.#buckets.delete(oldest);
    return bucket;
  }
}

/** Whoever has an address of IPv6 has its whole /64. */
function networkOf(client: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(client)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(client)) return client;
  const [head = '', tail = ''] = client.toLowerCase().split('%', 1)[0]?.split('::', 2) ?? [];
  const front = head === '' ? [] : head.split(':');
  const back = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  return [...front, ...zeros, ...back].slice(0, 4).join(':');
}
