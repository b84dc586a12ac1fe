/** The accounts that a thread has open: few enough for its memory and files, closed when nobody uses them, and tidied up in between. */
import type { AccountKey } from '#/model/index.ts';
import { Account } from './account.ts';
import { isBroken, StoreBroken } from './failures.ts';
import { accountName } from './ids.ts';
import { INDEXED_AT_ONCE, OPEN_ACCOUNTS_MAX, OPEN_IDLE_MS, QUIET_MS, UNINDEXED_MS } from './limits.ts';
import type { Register } from './register.ts';
import { countUnindexed, indexSome } from './search.ts';
import { Views } from './views.ts';

/** One open account and what is to be done about it. */
export class OpenAccount {
  readonly name: string;
  readonly account: Account;
  usedAt = performance.now();
  /** Something was written since the log was moved last. */
  #hasLog = true;
  #unindexed: number;
  #unindexedSince = performance.now();

  constructor(name: string, account: Account) {
    this.name = name;
    this.account = account;
    this.#unindexed = countUnindexed(account);
  }

  /** Behind each commit. */
  hasWritten(): void {
    this.#hasLog = true;
    if (this.#unindexed === 0) this.#unindexedSince = performance.now();
    this.#unindexed += this.account.takeArrived();
  }

  /** One step of what is due: the index first, since people look for it. Whether there was anything. */
  tidy(now: number): boolean {
    const isQuiet = now - this.usedAt > QUIET_MS;
    if (this.#unindexed >= INDEXED_AT_ONCE || (this.#unindexed > 0 && now - this.#unindexedSince > UNINDEXED_MS)) {
      this.#index();
      return true;
    }
    if (!this.#hasLog || !isQuiet) return false;
    this.account.rest();
    this.#hasLog = false;
    return true;
  }

  #index(): void {
    this.account.begin();
    const done = indexSome(this.account);
    this.account.commit();
    this.#hasLog = true;
    this.#unindexed = done < INDEXED_AT_ONCE ? 0 : Math.max(0, this.#unindexed - done);
  }
}

export class OpenAccounts {
  readonly #register: Register;
  readonly #views = new Views();
  /** The one that was used last is the last. */
  readonly #open = new Map<string, OpenAccount>();

  constructor(register: Register) {
    this.#register = register;
  }

  open(key: AccountKey, now: number): OpenAccount {
    const name = accountName(key);
    let open = this.#open.get(name);
    this.#open.delete(name);
    open ??= this.#openNew(name, key, now);
    open.usedAt = performance.now();
    open.account.now = now;
    this.#open.set(name, open);
    return open;
  }

  upkeep(): 'more' | 'rest' | 'idle' {
    const now = performance.now();
    for (const open of this.#open.values()) {
      if (this.#tidied(open, now)) return 'more';
      if (now - open.usedAt <= OPEN_IDLE_MS) continue;
      this.#open.delete(open.name);
      open.account.close();
      return 'more';
    }
    return this.#open.size === 0 ? 'idle' : 'rest';
  }

  /** Closes what can't go on. It is opened anew with its next request. */
  abandon(open: OpenAccount): void {
    this.#open.delete(open.name);
    try {
      open.account.close();
    } catch {
      // A file that is damaged may not even be closed in order; nothing of it is used again.
    }
  }

  close(): void {
    for (const { account } of this.#open.values()) account.close();
    this.#open.clear();
  }

  #openNew(name: string, key: AccountKey, now: number): OpenAccount {
    for (const oldest of this.#open.values()) {
      if (this.#open.size < OPEN_ACCOUNTS_MAX) break;
      this.#open.delete(oldest.name);
      oldest.account.close();
    }
    return new OpenAccount(name, new Account(key, this.#register.place(key), this.#views, now));
  }

  // Trouble in one account ends its upkeep and no other's.
  #tidied(open: OpenAccount, now: number): boolean {
    try {
      return open.tidy(now);
    } catch (error) {
      if (isBroken(error)) throw new StoreBroken('Upkeep failed.', { cause: error });
      this.abandon(open);
      return true;
    }
  }
}
