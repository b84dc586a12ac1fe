/**
 * Accounts that had no room for a mail, so that the door can say so while the sender still waits.
 *
 *   unknown ── a delivery found no room, or left little ──▶ full ── there is room for what did not fit, no quota, or rules
 *                                                              by which mail may need no room ──▶ unknown
 *
 * What must never happen: mail refused that its recipient's rules forward or discard without a copy; an account that stays full here when its
 * owner has made room (each is looked at again, in turn); memory that grows with full accounts (beyond the bound they are not known, and mail
 * waits in the queue as it does without this).
 */
import { type AccountKey, addressKey, type Call, within } from '#/model/index.ts';
import type { Clock, DirectorySource, Log, Mailboxes, MailboxRoom } from '#/ports/index.ts';
import { fullAccountsMax, littleRoomBytes, lookAgainMs, lookMs, looksAtOnceMax } from './limits.ts';
import type { RuleBook } from './rules/index.ts';

export interface FullAccountsParts {
  readonly mailboxes: Pick<Mailboxes, 'usage'>;
  readonly rules: Pick<RuleBook, 'of'>;
  readonly directory: DirectorySource;
  readonly clock: Clock;
  readonly log: Log;
}

/** What the door is given: who is full, and how many octets each still takes. */
export interface FullSnapshot {
  /** Another one each time that something has changed, also over restarts. */
  readonly version: string;
  readonly accounts: readonly (readonly [tenant: AccountKey['tenant'], address: AccountKey['address'], left: number])[];
}

/** What a delivery met. */
export interface Met {
  readonly used: number;
  readonly stored: boolean;
  /** Whether its owner's rules forward or discard mail without a copy. */
  readonly mayKeepNothing: boolean;
}

interface Full {
  readonly account: AccountKey;
  left: number;
  /** Octets that did not fit: with room for so much it is full no more. */
  wanted: number;
}

export class FullAccounts implements MailboxRoom, AsyncDisposable {
  readonly #parts: FullAccountsParts;
  /** In the order in which they are looked at again. */
  readonly #full = new Map<string, Full>();
  readonly #stop = new AbortController();
  readonly #run: string = crypto.randomUUID();
  readonly #looking: Promise<void>;
  #version = 0;

  constructor(parts: FullAccountsParts) {
    this.#parts = parts;
    this.#looking = this.#look();
  }

  /** After a delivery, or a refusal, of `bytes`. What can never fit says nothing of now. */
  note(account: AccountKey, { used, stored, mayKeepNothing }: Met, bytes: number): void {
    if (mayKeepNothing) {
      this.#forget(account);
      return;
    }
    const quotaBytes = this.#quotaOf(account);
    const left = leftOf(quotaBytes, used);
    const wanted = Math.min(stored ? littleRoomBytes : bytes, quotaBytes ?? bytes);
    const known = this.#full.get(keyOf(account));
    if (known !== undefined) this.#learn(known, left, Math.max(known.wanted, wanted), quotaBytes);
    else if (left < wanted && this.#full.size < fullAccountsMax) {
      this.#full.set(keyOf(account), { account, left, wanted });
      this.#version += 1;
    }
  }

  left(account: AccountKey): number | null {
    return this.#full.get(keyOf(account))?.left ?? null;
  }

  /** Null where the caller has this one. */
  snapshot(known: string | null): FullSnapshot | null {
    const version = `${this.#run}:${this.#version}`;
    if (version === known) return null;
    const accounts = [...this.#full.values()].map(
      ({ account: { tenant, address }, left }) => [tenant, address, left] as const,
    );
    return { version, accounts };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#parts.clock.sleep(lookAgainMs, signal);
      for (const full of [...this.#full.values()].slice(0, looksAtOnceMax)) {
        if (signal.aborted) return;
        await this.#lookAt(full, within(lookMs, signal));
      }
    }
  }

  async #lookAt(full: Full, call: Call): Promise<void> {
    const { account, wanted } = full;
    const quotaBytes = this.#quotaOf(account);
    try {
      if ((await this.#parts.rules.of(account, call))?.mayKeepNothing === true) {
        this.#forget(account);
        return;
      }
      const used = quotaBytes === null ? 0 : (await this.#parts.mailboxes.usage(account, call)).bytes;
      this.#learn(full, leftOf(quotaBytes, used), wanted, quotaBytes);
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#parts.log.warn('mailbox.room-unknown', { why: String(error) });
    }
    if (this.#full.delete(keyOf(account))) this.#full.set(keyOf(account), full);
  }

  #learn(full: Full, left: number, wanted: number, quotaBytes: number | null): void {
    if (left !== full.left) this.#version += 1;
    full.left = left;
    full.wanted = wanted;
    if (left >= Math.min(wanted, quotaBytes ?? wanted)) this.#full.delete(keyOf(full.account));
  }

  #forget(account: AccountKey): void {
    if (this.#full.delete(keyOf(account))) this.#version += 1;
  }

  /** Null also for an account that nobody has any more. */
  #quotaOf({ address }: AccountKey): number | null {
    return this.#parts.directory.current().user(address)?.user.quotaBytes ?? null;
  }
}

function leftOf(quotaBytes: number | null, used: number): number {
  return quotaBytes === null ? Number.POSITIVE_INFINITY : Math.max(0, quotaBytes - used);
}

function keyOf({ tenant, address }: AccountKey): string {
  return `${tenant} ${addressKey(address)}`;
}
