/**
 * Who wants to know when accounts change. What this process commits is told at once; what others commit is found by one look a second for
 * all watched accounts together, in one statement, only while somebody watches.
 *
 * What must never happen: a change that nobody is told of. So the first look at an account always tells: what was there before it is not known.
 */
import type { AccountKey } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Sql } from '../postgres/sql.ts';
import { keyText } from './key-text.ts';

const LOOK_MS = 1_000;
/** A look that takes longer is made anew. */
const LOOK_WITHIN_MS = 10_000;
const VERSIONS = `SELECT i.n, a.version FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS i (tenant, address, n)
  JOIN mailbox_account a ON a.tenant = i.tenant AND a.address = i.address`;

interface Watched {
  readonly key: AccountKey;
  readonly listeners: Set<() => void>;
  /** The newest that is known; null before the first look. */
  version: number | null;
}

export class Watching {
  readonly #sql: Sql;
  readonly #accounts = new Map<string, Watched>();
  #timer: NodeJS.Timeout | null = null;
  #looking = false;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  watch(key: AccountKey, changed: () => void): () => void {
    const text = keyText(key);
    // One listener may be given twice, and each is ended alone.
    const listener = (): void => changed();
    const watched = this.#accounts.getOrInsertComputed(text, () => ({ key, listeners: new Set(), version: null }));
    watched.listeners.add(listener);
    this.#timer ??= setInterval(() => void this.#look(), LOOK_MS).unref();
    return () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size === 0 && this.#accounts.get(text) === watched) this.#accounts.delete(text);
      if (this.#accounts.size === 0) this.close();
    };
  }

  /** An account has this version now, by a commit of ours. */
  committed(key: AccountKey, version: number): void {
    const watched = this.#accounts.get(keyText(key));
    if (watched !== undefined) tell(watched, version);
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const all = [...this.#accounts.values()];
      const columns = [all.map(({ key }) => key.tenant), all.map(({ key }) => key.address)];
      const rows = await this.#sql.rows<{ n: number; version: number }>(VERSIONS, columns, within(LOOK_WITHIN_MS));
      for (const { n, version } of rows) {
        const watched = all[n - 1];
        if (watched !== undefined && (watched.version === null || watched.version < version)) tell(watched, version);
      }
    } catch {
      // The store is away: what is known stays, and the next look finds what has happened since.
    } finally {
      this.#looking = false;
    }
  }
}

function tell(watched: Watched, version: number): void {
  // A look may be answered behind a commit that it does not know yet.
  watched.version = Math.max(watched.version ?? 0, version);
  for (const listener of [...watched.listeners]) listener();
}
