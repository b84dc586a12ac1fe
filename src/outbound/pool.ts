/** Sessions that stand and have nothing to do, kept for the next mail to the same destination for a few seconds. */
import type { DestinationKey } from '#/model/index.ts';
import type { Session } from './session.ts';
import type { OutboundLimits } from './settings.ts';
import type { Watch, Watched } from './watch.ts';

export class Pool {
  readonly #kept = new Map<DestinationKey, Kept[]>();
  readonly #watch: Watch;
  readonly #limits: OutboundLimits;
  #count = 0;

  constructor(watch: Watch, limits: OutboundLimits) {
    this.#watch = watch;
    this.#limits = limits;
  }

  /** The session that rested last, or null. */
  take(destination: DestinationKey): Session | null {
    const kept = this.#kept.get(destination);
    for (let entry = kept?.at(-1); entry !== undefined; entry = kept?.at(-1)) {
      this.#remove(destination, entry);
      if (entry.session.usable) return entry.session;
    }
    return null;
  }

  /** Keeps a session, or closes it where it can't be used again or too many are kept. */
  put(destination: DestinationKey, session: Session): void {
    if (!session.usable || this.#count >= this.#limits.idleMax) {
      session.quit();
      return;
    }
    const entry = new Kept(session, performance.now() + this.#limits.idleMs, () => this.#remove(destination, entry));
    this.#kept.getOrInsert(destination, []).push(entry);
    this.#watch.add(entry);
    this.#count += 1;
  }

  /** Closes all. */
  close(): void {
    for (const entries of [...this.#kept.values()]) for (const entry of [...entries]) entry.late();
  }

  #remove(destination: DestinationKey, entry: Kept): void {
    const entries = this.#kept.get(destination) ?? [];
    const at = entries.indexOf(entry);
    if (at < 0) return;
    entries.splice(at, 1);
    if (entries.length === 0) this.#kept.delete(destination);
    this.#watch.delete(entry);
    this.#count -= 1;
  }
}

class Kept implements Watched {
  readonly session: Session;
  readonly deadlineAt: number;
  readonly #remove: () => void;

  constructor(session: Session, deadlineAt: number, remove: () => void) {
    this.session = session;
    this.deadlineAt = deadlineAt;
    this.#remove = remove;
  }

  late(): void {
    this.#remove();
    this.session.quit();
  }
}
