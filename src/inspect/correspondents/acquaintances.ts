/**
 * Whom of a mail's recipients its sender, or the tenant, has written to before. Mails that ask at one moment are answered by one look.
 *
 * States: those of the breaker (`hooks/breaker.ts`); while the store is away nobody waits for it. What must never happen: "known" or "unknown" of
 * somebody who could not be looked up (null says so, and the rule's absence policy decides); a mail that waits without an end.
 */
import { addressKey, type RecipientFacts, type TenantId, within } from '#/model/index.ts';
import type { AcquaintanceQuestion, Acquaintances, Correspondents, PersonHash } from '#/ports/index.ts';
import type { KnownRecipients } from '../checks/first-time/index.ts';
import type { HookBreaker } from '../hooks/breaker.ts';
import { ASK_MS, ASKED_MAX } from './limits.ts';
import { personHash } from './person-hash.ts';

export interface AcquaintanceParts {
  readonly correspondents: Pick<Correspondents, 'known'>;
  /** Of the keyed hash. */
  readonly key: Buffer;
  readonly breaker: HookBreaker;
  /** Told when looks begin to fail, and when they work again. */
  readonly onTrouble: (cause: unknown) => void;
  readonly onBack: () => void;
}

interface Waiting {
  readonly question: AcquaintanceQuestion;
  readonly answer: (found: Acquaintances | null) => void;
}

export class AcquaintanceBook {
  readonly #parts: AcquaintanceParts;
  #waiting: Waiting[] = [];
  #looking = false;

  constructor(parts: AcquaintanceParts) {
    this.#parts = parts;
  }

  /** Null where that can't be said now. `sender` is one text for a person, whichever address they used. Never rejects. */
  async known(
    tenant: TenantId,
    sender: string,
    recipients: readonly RecipientFacts[],
  ): Promise<KnownRecipients | null> {
    const keys = new Map<PersonHash, string>();
    for (const { address, direction } of recipients)
      if (direction === 'outbound') keys.set(personHash(this.#parts.key, tenant, address), addressKey(address));
    if (keys.size === 0) return { bySender: new Set(), byTenant: new Set() };
    const hash = personHash(this.#parts.key, tenant, sender);
    const found = await this.#ask({ tenant, sender: hash, recipients: [...keys.keys()] });
    if (found === null) return null;
    const keysOf = (hashes: ReadonlySet<PersonHash>) => new Set([...hashes].map((one) => keys.get(one) ?? ''));
    return { bySender: keysOf(found.bySender), byTenant: keysOf(found.byTenant) };
  }

  #ask(question: AcquaintanceQuestion): Promise<Acquaintances | null> {
    const { promise, resolve } = Promise.withResolvers<Acquaintances | null>();
    this.#waiting.push({ question, answer: resolve });
    if (!this.#looking) void this.#look();
    return promise;
  }

  /** Looks until nobody waits; who comes meanwhile is in the next look. */
  async #look(): Promise<void> {
    this.#looking = true;
    while (this.#waiting.length > 0) {
      const some = this.#waiting.splice(0, ASKED_MAX);
      const answers = await this.#answers(some.map(({ question }) => question));
      for (const [i, { answer }] of some.entries()) answer(answers?.[i] ?? null);
    }
    this.#looking = false;
  }

  async #answers(questions: readonly AcquaintanceQuestion[]): Promise<readonly Acquaintances[] | null> {
    const { correspondents, breaker, onTrouble, onBack } = this.#parts;
    if (breaker.enter() === 'rest') return null;
    try {
      const answers = await correspondents.known(questions, within(ASK_MS));
      if (breaker.answered()) onBack();
      return answers;
    } catch (cause) {
      if (breaker.failed()) onTrouble(cause);
      return null;
    }
  }
}
