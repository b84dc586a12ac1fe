/**
 * The rules of accounts, as delivery asks for them: read once, believed for some seconds, and changed through here. Most accounts have none, and
 * a delivery to one of those costs a look into a map.
 *
 * What must never happen: memory that grows with accounts; a change made in this process that the next delivery does not see; mail that
 * waits because somebody's rules can't be understood.
 */
import type { AccountKey, Call } from '#/model/index.ts';
import { addressKey } from '#/model/index.ts';
import type { Log, Mailboxes } from '#/ports/index.ts';
import { Turns } from '../turns.ts';
import { type CompiledRules, compileRules } from './compiled.ts';
import { type RulesDocument, readRules } from './document.ts';
import { accountsMax, believedMs, rememberedMax } from './limits.ts';

interface Known {
  readonly text: string | null;
  readonly rules: CompiledRules | null;
  /** Characters of their text, which are there once more as they are compared. */
  readonly weight: number;
  /** Monotonic ms. */
  readonly readAt: number;
}

export interface RuleBookParts {
  readonly mailboxes: Pick<Mailboxes, 'rules' | 'setRules'>;
  readonly clock: { monotonic(): number };
  readonly log: Log;
}

export class RuleBook {
  readonly #parts: RuleBookParts;
  /** In the order in which they were read. */
  readonly #known = new Map<string, Known>();
  readonly #reading = new Map<string, Promise<CompiledRules | null>>();
  readonly #turns = new Turns();
  #weight = 0;
  /** How often anything was changed here. */
  #changes = 0;

  constructor(parts: RuleBookParts) {
    this.#parts = parts;
  }

  /** What the account's owner says; null where nothing. */
  async of(account: AccountKey, call: Call): Promise<CompiledRules | null> {
    const name = nameOf(account);
    const known = this.#known.get(name);
    if (known !== undefined && this.#parts.clock.monotonic() - known.readAt < believedMs) return known.rules;
    return this.#reading.getOrInsertComputed(name, () => {
      const reading = this.#read(account, call).finally(() => {
        if (this.#reading.get(name) === reading) this.#reading.delete(name);
      });
      return reading;
    });
  }

  /** Replaces what the owner says; null takes it away. */
  async set(account: AccountKey, rules: RulesDocument | null, call: Call): Promise<void> {
    const name = nameOf(account);
    try {
      await this.#parts.mailboxes.setRules(account, rules === null ? null : JSON.stringify(rules), call);
    } finally {
      // Also where the answer was lost: then nobody knows.
      this.#changes += 1;
      this.#reading.delete(name);
      this.#forget(name);
    }
  }

  async #read(account: AccountKey, call: Call): Promise<CompiledRules | null> {
    const readAt = this.#parts.clock.monotonic();
    const name = nameOf(account);
    const changes = this.#changes;
    const text = await this.#parts.mailboxes.rules(account, call);
    const before = this.#known.get(name);
    const rules = text === null ? null : text === before?.text ? before.rules : await this.#understood(text);
    // Something was changed meanwhile: what was read may be of before.
    if (changes === this.#changes) this.#remember(name, { text, rules, weight: 2 * (text?.length ?? 0), readAt });
    return rules;
  }

  // Of a later release, perhaps: mail is delivered as without rules, and nothing of them is lost.
  async #understood(text: string): Promise<CompiledRules | null> {
    await this.#turns.next();
    const read = readRules(jsonOf(text));
    if (read.kind === 'rules') return compileRules(read.rules);
    this.#parts.log.error('mailbox.rules-unread', { mistakes: read.mistakes.length });
    return null;
  }

  #remember(name: string, known: Known): void {
    this.#forget(name);
    this.#known.set(name, known);
    this.#weight += known.weight;
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= accountsMax && this.#weight <= rememberedMax) return;
      this.#forget(oldest);
    }
  }

  #forget(name: string): void {
    const known = this.#known.get(name);
    if (known === undefined) return;
    this.#known.delete(name);
    this.#weight -= known.weight;
  }
}

function nameOf({ tenant, address }: AccountKey): string {
  return `${tenant} ${addressKey(address)}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
