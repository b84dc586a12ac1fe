/**
 * Sending limits and what an administrator sees of a relay (ports/sign-in.ts, Usage). Counted in memory, since every transaction asks;
 * days and last seen go to the registry every few seconds, and what came by other hosts comes back, so that a limit is one limit wherever
 * somebody sends. A crash may forget those seconds, and the running ten minutes.
 *
 * What must never happen: a transaction that counts against one limit and is refused by the other; a relay that uses another's
 * addresses.
 */
import type { Call, MailAddress, SendingLimits, Tenant } from '#/model/index.ts';
import { addressKey } from '#/model/index.ts';
import type { Clock, Principal, Registry, Usage, UsageCount, UsageRow } from '#/ports/index.ts';
import { LocalDays } from './local-day.ts';
import { SendingWindow } from './sending-window.ts';

interface Account {
  readonly tenant: string;
  readonly identity: string;
  readonly window: SendingWindow;
  day: string;
  dayCount: number;
  /** Wall-clock ms; 0 is never. */
  lastSeen: number;
  lastError: string | null;
  lastErrorAt: number;
  unsaved: boolean;
}

/** What has been used of an identity's limits, and when it was there. */
export interface UsageNow {
  readonly last10m: number;
  readonly today: number;
  readonly lastSeen: number;
  readonly lastError: string | null;
  readonly lastErrorAt: number;
}

/** Plain words, but not a novel: the list has a line for each. */
const ERROR_CHARACTERS_MAX = 200;

export class UsageBook implements Usage {
  readonly #clock: Clock;
  readonly #days = new LocalDays();
  readonly #accounts = new Map<string, Account>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  maySend({ user, relay }: Principal, sender: MailAddress | null): boolean {
    if (sender === null) return relay !== null && RELAYS_OF_BOUNCES.includes(relay.kind);
    const wanted = addressKey(sender);
    if (user !== null) return [user.address, ...user.aliases].some((own) => addressKey(own) === wanted);
    return (relay?.senders ?? []).some((pattern) => matches(pattern.toLowerCase(), wanted));
  }

  take(principal: Principal, recipients: number): 'ok' | 'over per10m' | 'over perDay' {
    const counted = this.#countedFor(principal);
    for (const { account, limits } of counted) {
      if (exceeds(account.window.sum(this.#clock.monotonic()) + recipients, limits.per10m)) return 'over per10m';
      if (exceeds(account.dayCount + recipients, limits.perDay)) return 'over perDay';
    }
    for (const { account } of counted) this.#add(account, recipients);
    return 'ok';
  }

  giveBack(principal: Principal, recipients: number): void {
    for (const { account } of this.#countedFor(principal)) this.#add(account, -recipients);
  }

  seen(principal: Principal, error: string | null): void {
    const account = this.#accountOf(principal);
    if (account === null) return;
    account.lastSeen = this.#clock.now();
    account.unsaved = true;
    if (error !== null) this.#note(account, error);
  }

  failed(principal: Principal, error: string): void {
    const account = this.#accountOf(principal);
    if (account !== null) this.#note(account, error);
  }

  /** For lists. */
  now(tenant: Tenant, identity: string): UsageNow {
    const account = this.#account(tenant, identity);
    const { dayCount: today, lastSeen, lastError, lastErrorAt } = account;
    return { last10m: account.window.sum(this.#clock.monotonic()), today, lastSeen, lastError, lastErrorAt };
  }

  /** Takes over what was saved; for the start. */
  restore(rows: readonly UsageRow[]): void {
    for (const row of rows) {
      const { tenant, identity, day, dayCount, lastSeen, lastError, lastErrorAt } = row;
      const kept = { day, dayCount, lastSeen, lastError, lastErrorAt };
      this.#accounts.set(keyOf(tenant, identity), {
        tenant,
        identity,
        window: new SendingWindow(),
        ...kept,
        unsaved: false,
      });
    }
  }

  /** Writes what has changed; what could not be written stays marked for the next time. */
  async save(registry: Pick<Registry, 'saveUsage'>, call: Call): Promise<void> {
    const changed = [...this.#accounts.values()].filter(({ unsaved }) => unsaved);
    if (changed.length === 0) return;
    for (const account of changed) account.unsaved = false;
    const rows = changed.map(rowOf);
    try {
      const counts = await registry.saveUsage(rows, call);
      const told = new Map(counts.map((count) => [keyOf(count.tenant, count.identity), count]));
      for (const [i, account] of changed.entries())
        this.#hear(account, rows[i], told.get(keyOf(account.tenant, account.identity)));
    } catch (error) {
      for (const account of changed) account.unsaved = true;
      throw error;
    }
  }

  // What was saved is our part; all above it came by others since we asked last.
  #hear(account: Account, saved: UsageRow | undefined, told: UsageCount | undefined): void {
    if (told === undefined || saved === undefined) {
      account.unsaved = true;
      return;
    }
    const byOthers = told.dayCount - saved.dayCount;
    if (account.day !== told.day || saved.day !== told.day || byOthers === 0) return;
    account.dayCount = Math.max(0, account.dayCount + byOthers);
    account.window.add(this.#clock.monotonic(), byOthers);
  }

  #countedFor(principal: Principal): { readonly account: Account; readonly limits: SendingLimits }[] {
    const own = this.#accountOf(principal);
    const limits = principal.user?.limits ?? principal.relay?.limits;
    if (own === null || limits === undefined) return [];
    const shared = this.#account(principal.tenant, 'tenant');
    return [
      { account: own, limits },
      { account: shared, limits: principal.tenant.limits },
    ];
  }

  #accountOf({ tenant, user, relay }: Principal): Account | null {
    if (user !== null) return this.#account(tenant, `user:${user.address}`);
    return relay === null ? null : this.#account(tenant, `relay:${relay.name}`);
  }

  #account(tenant: Tenant, identity: string): Account {
    const day = this.#days.dayOf(this.#clock.now(), tenant.timezone);
    const account = this.#accounts.getOrInsertComputed(keyOf(tenant.id, identity), () => ({
      tenant: tenant.id,
      identity,
      window: new SendingWindow(),
      day,
      dayCount: 0,
      lastSeen: 0,
      lastError: null,
      lastErrorAt: 0,
      unsaved: false,
    }));
    if (account.day !== day) Object.assign(account, { day, dayCount: 0 });
    return account;
  }

  #add(account: Account, recipients: number): void {
    account.window.add(this.#clock.monotonic(), recipients);
    account.dayCount = Math.max(0, account.dayCount + recipients);
    account.unsaved = true;
  }

  #note(account: Account, error: string): void {
    account.lastError = error.slice(0, ERROR_CHARACTERS_MAX);
    account.lastErrorAt = this.#clock.now();
    account.unsaved = true;
  }
}

/** Contract: `<>` is always allowed from a server; a cloud is one. */
const RELAYS_OF_BOUNCES: readonly string[] = ['server', 'microsoft365', 'google'];

function matches(pattern: string, address: string): boolean {
  return pattern.startsWith('*@') ? address.endsWith(pattern.slice(1)) : pattern === address;
}

function exceeds(count: number, limit: number | 'unlimited'): boolean {
  return limit !== 'unlimited' && count > limit;
}

function keyOf(tenant: string, identity: string): string {
  return `${tenant}\0${identity}`;
}

function rowOf({ tenant, identity, day, dayCount, lastSeen, lastError, lastErrorAt }: Account): UsageRow {
  return { tenant, identity, day, dayCount, lastSeen, lastError, lastErrorAt };
}
