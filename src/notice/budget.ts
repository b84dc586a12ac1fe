/**
 * How many mails about other mail one person gets in an hour. In memory, in each process by itself: it bounds a storm, it promises nothing. What
 * finds no room is not lost: mail that waits says in custody who is still to be told of it.
 */
import { addressKey, type MailAddress } from '#/model/index.ts';
import { NOTICE_LIMITS } from './limits.ts';

const HOUR_MS = 3_600_000;

interface Hour {
  /** Monotonic ms. */
  readonly since: number;
  singles: number;
  digests: number;
}

export class Budget {
  readonly #people = new Map<string, Hour>();

  /** Takes room for one mail to this person, where there is some. `now` is monotonic ms. */
  take(address: MailAddress, kind: 'singles' | 'digests', now: number): boolean {
    const hour = this.#hourOf(addressKey(address), now);
    const most = kind === 'singles' ? NOTICE_LIMITS.singlesPerHour : NOTICE_LIMITS.digestsPerHour;
    if (hour[kind] >= most) return false;
    hour[kind] += 1;
    return true;
  }

  #hourOf(key: string, now: number): Hour {
    const known = this.#people.get(key);
    if (known !== undefined && now - known.since < HOUR_MS) return known;
    const fresh = { since: now, singles: 0, digests: 0 };
    this.#people.delete(key);
    this.#people.set(key, fresh);
    const [oldest] = this.#people.keys();
    if (this.#people.size > NOTICE_LIMITS.peopleMax && oldest !== undefined) this.#people.delete(oldest);
    return fresh;
  }
}
