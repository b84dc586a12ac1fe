/**
 * How many mails about other mail one person gets of one tenant in an hour, and all people of a tenant together: what one tenant's rules do takes
 * nothing from the people of another. In memory, in each process by itself: it bounds a storm, it promises nothing. What
 * finds no room is not lost: mail that waits says in custody who is still to be told of it, and of mail that went on the next notice says how many
 * there were.
 */
import type { TenantId } from '#/model/index.ts';
import { NOTICE_LIMITS } from './limits.ts';

const HOUR_MS = 3_600_000;

/** Somebody as one tenant tells them. */
export interface Person {
  readonly tenant: TenantId;
  /** `personKey`. */
  readonly key: string;
}

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
  readonly #tenants = new Map<TenantId, { since: number; mails: number }>();

  /** Takes room for one mail to this person, where there is some. `now` is monotonic ms. */
  take(person: Person, kind: 'singles' | 'digests', now: number): boolean {
    const hour = this.#hourOf(person, now);
    const tenant = this.#tenantHourOf(person.tenant, now);
    const most = kind === 'singles' ? NOTICE_LIMITS.singlesPerHour : NOTICE_LIMITS.digestsPerHour;
    if (hour[kind] >= most || tenant.mails >= NOTICE_LIMITS.tenantPerHour) return false;
    hour[kind] += 1;
    tenant.mails += 1;
    return true;
  }

  /** One mail more of which this person hears in no notice of its own. */
  leaveOut(person: Person, now: number): void {
    this.#hourOf(person, now).untold += 1;
  }

  /** How many were left out since this was last asked. */
  leftOut(person: Person, now: number): number {
    const hour = this.#hourOf(person, now);
    const { untold } = hour;
    hour.untold = 0;
    return untold;
  }

  #hourOf({ tenant, key }: Person, now: number): Hour {
    const person = `${tenant} ${key}`;
    const known = this.#people.get(person);
    if (known !== undefined && now - known.since < HOUR_MS) return known;
    const fresh = { since: now, singles: 0, digests: 0, untold: known?.untold ?? 0 };
    this.#people.delete(person);
    this.#people.set(person, fresh);
    const [oldest] = this.#people.keys();
    if (this.#people.size > NOTICE_LIMITS.peopleMax && oldest !== undefined) this.#people.delete(oldest);
    return fresh;
  }

  #tenantHourOf(tenant: TenantId, now: number): { mails: number } {
    const known = this.#tenants.get(tenant);
    if (known !== undefined && now - known.since < HOUR_MS) return known;
    const fresh = { since: now, mails: 0 };
    this.#tenants.set(tenant, fresh);
    return fresh;
  }
}
