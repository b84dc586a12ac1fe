/**
 * How many mails about other mail one person gets in an hour. In memory, in each process by itself: it bounds a storm, it promises nothing. What
 * finds no room is not lost: mail that waits says in custody who is still to be told of it, and of mail that went on the next notice says how many
 * there were.
 */
import { NOTICE_LIMITS } from './limits.ts';

const HOUR_MS = 3_600_000;

interface Hour {
  /** Monotonic ms. */
  readonly since: number;
  singles: number;
  digests: number;
  /** Mails of which nobody will tell them one by one. */
  untold: number;
}

export class Budget {
  readonly #people = new Map<string, Hour>();

  /** Takes room for one mail to this person (`personKey`), where there is some. `now` is monotonic ms. */
  take(person: string, kind: 'singles' | 'digests', now: number): boolean {
    const hour = this.#hourOf(person, now);
    const most = kind === 'singles' ? NOTICE_LIMITS.singlesPerHour : NOTICE_LIMITS.digestsPerHour;
    if (hour[kind] >= most) return false;
    hour[kind] += 1;
    return true;
  }

  /** One mail more of which this person hears in no notice of its own. */
  leaveOut(person: string, now: number): void {
    this.#hourOf(person, now).untold += 1;
  }

  /** How many were left out since this was last asked. */
  leftOut(person: string, now: number): number {
    const hour = this.#hourOf(person, now);
    const { untold } = hour;
    hour.untold = 0;
    return untold;
  }

  #hourOf(person: string, now: number): Hour {
    const known = this.#people.get(person);
    if (known !== undefined && now - known.since < HOUR_MS) return known;
    const fresh = { since: now, singles: 0, digests: 0, untold: known?.untold ?? 0 };
    this.#people.delete(person);
    this.#people.set(person, fresh);
    const [oldest] = this.#people.keys();
    if (this.#people.size > NOTICE_LIMITS.peopleMax && oldest !== undefined) this.#people.delete(oldest);
    return fresh;
  }
}
