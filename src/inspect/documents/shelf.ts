/**
 * The registered documents of the tenants whose mail is judged here, ready for the check. A mail is judged with all that was registered when it came: where
 * the last look is older than the mail, a look goes before it, one for all mails that wait, and it reads a revision unless that has moved.
 *
 * States of a tenant's shelf: unknown ─look─▶ known, as of the begin of the look ─look─▶ the same, or read anew; forgotten when others need the room.
 *
 * What must never happen: a mail that is judged with fewer documents than there were when it came; documents of another tenant; memory without a bound.
 */
import { setImmediate } from 'node:timers/promises';
import { type TenantId, within } from '#/model/index.ts';
import type { Clock, DocumentNumbers, Documents } from '#/ports/index.ts';
import { type DocumentIndex, IndexMaker } from '../checks/fingerprint/index.ts';
import type { HookBreaker } from '../hooks/breaker.ts';
import { LOOK_MS, READY_NUMBERS_MAX } from './limits.ts';

export interface ShelfParts {
  readonly documents: Pick<Documents, 'snapshot'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly breaker: HookBreaker;
  /** Told when looks begin to fail, and when they work again. */
  readonly onTrouble: (cause: unknown) => void;
  readonly onBack: () => void;
}

interface Known {
  readonly revision: number;
  readonly index: DocumentIndex;
  /** Wall-clock ms at which the look began. */
  readonly lookedAt: number;
}

export class DocumentShelf {
  readonly #parts: ShelfParts;
  /** The one that was used last is the last one. */
  readonly #known = new Map<TenantId, Known>();
  readonly #looking = new Map<TenantId, Promise<boolean>>();

  constructor(parts: ShelfParts) {
    this.#parts = parts;
  }

  /** All of a tenant that were registered when a mail came, `receivedAt` in wall-clock ms; null where that can't be said now. Never rejects. */
  async of(tenant: TenantId, receivedAt: number): Promise<DocumentIndex | null> {
    // Another host's clock may be ahead: a look that begins now is late enough for a mail that is here.
    const wanted = Math.min(receivedAt, this.#parts.clock.now());
    // The look that is under way may have begun before the mail came; the one behind it has not.
    for (let looks = 0; looks < 2; looks++) {
      const known = this.#known.get(tenant);
      if (known !== undefined && known.lookedAt >= wanted) return this.#used(tenant, known);
      if (!(await this.#looked(tenant))) return null;
    }
    return this.#known.get(tenant)?.index ?? null;
  }

  #looked(tenant: TenantId): Promise<boolean> {
    return this.#looking.getOrInsertComputed(tenant, () =>
      this.#look(tenant).finally(() => this.#looking.delete(tenant)),
    );
  }

  #used(tenant: TenantId, known: Known): DocumentIndex {
    this.#known.delete(tenant);
    this.#known.set(tenant, known);
    return known.index;
  }

  async #look(tenant: TenantId): Promise<boolean> {
    const { documents, clock, breaker, onTrouble, onBack } = this.#parts;
    if (breaker.enter() === 'rest') return false;
    const lookedAt = clock.now();
    const known = this.#known.get(tenant);
    try {
      const { revision, documents: found } = await documents.snapshot(tenant, known?.revision ?? null, within(LOOK_MS));
      if (breaker.answered()) onBack();
      const index = found === null ? known?.index : await indexOf(found);
      if (index === undefined) throw new TypeError('A revision that nobody knew was not told.');
      this.#used(tenant, { revision, index, lookedAt });
      this.#makeRoom();
      return true;
    } catch (cause) {
      if (breaker.failed()) onTrouble(cause);
      return false;
    }
  }

  #makeRoom(): void {
    const sizeOf = ({ index }: Known): number => index.owners.length;
    let size = [...this.#known.values()].reduce((sum, known) => sum + sizeOf(known), 0);
    for (const [tenant, known] of this.#known) {
      if (size <= READY_NUMBERS_MAX || this.#known.size === 1) return;
      size -= sizeOf(known);
      this.#known.delete(tenant);
    }
  }
}

/** Document by document, with the event loop's other work between two. */
async function indexOf(documents: readonly DocumentNumbers[]): Promise<DocumentIndex> {
  const maker = new IndexMaker(documents.reduce((sum, { numbers }) => sum + numbers.length, 0));
  for (const { name, numbers } of documents) {
    maker.add(name, numbers);
    await setImmediate();
  }
  return maker.index;
}
