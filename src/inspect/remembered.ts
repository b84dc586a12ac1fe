/** What rules ask of the memory of policy: who was written to before, and which documents are registered. Nothing is asked that no rule wants to know. */
import type { MailFacts } from '#/model/index.ts';
import type { Ask } from '#/policy/index.ts';
import type { Clock, Log, PolicyMemory } from '#/ports/index.ts';
import type { CheckAids } from './checks.ts';
import { AcquaintanceBook, PERSON_KEY } from './correspondents/index.ts';
import { DocumentShelf } from './documents/shelf.ts';
import { HookBreaker } from './hooks/breaker.ts';

/** A mail of which something is to be remembered. */
export type RememberedMail = Pick<MailFacts, 'tenant' | 'recipients'> & {
  /** Who sends it: one text for a person, whichever address they used. */
  readonly sender: string;
  /** Wall-clock ms. */
  readonly receivedAt: number;
};

export type Remembered = Pick<CheckAids, 'knownRecipients' | 'documents'>;

export interface RememberedParts {
  readonly memory: PolicyMemory;
  /** A key for one purpose. */
  readonly derivedKey: (purpose: string) => Buffer;
  readonly clock: Clock;
  readonly log: Log;
}

/** After so many failures in a row nobody waits for the store any more, for a while. */
const BREAKER = { failuresToOpen: 3, restMs: 2_000, restMsMax: 30_000 };

export class PolicyRecall {
  readonly #acquaintances: AcquaintanceBook;
  readonly #shelf: DocumentShelf;

  constructor({ memory, derivedKey, clock, log }: RememberedParts) {
    const guarded = (what: string) => ({
      breaker: new HookBreaker(BREAKER, () => clock.monotonic()),
      onTrouble: (cause: unknown) =>
        log.warn('inspect.memory-away', { what, why: cause instanceof Error ? cause.message : String(cause) }),
      onBack: () => log.info('inspect.memory-back', { what }),
    });
    const { correspondents, documents } = memory;
    this.#acquaintances = new AcquaintanceBook({
      ...guarded('who has written to whom'),
      correspondents,
      key: derivedKey(PERSON_KEY),
    });
    this.#shelf = new DocumentShelf({ ...guarded('registered documents'), documents, clock });
  }

  /** What these questions need; null where that can't be said now. Never rejects. */
  async of(asks: readonly Ask[], { tenant, sender, recipients, receivedAt }: RememberedMail): Promise<Remembered> {
    const asksFor = (check: Ask['check']): boolean => asks.some((ask) => ask.check === check);
    const [knownRecipients, documents] = await Promise.all([
      asksFor('firstTime') ? this.#acquaintances.known(tenant, sender, recipients) : null,
      asksFor('fingerprint') ? this.#shelf.of(tenant, receivedAt) : null,
    ]);
    return { knownRecipients, documents };
  }
}
