/** What the tables know of the log as a whole: the number that its checksums begin with, whether it is a copy, and damage found in it lately. */
import type { DatabaseSync } from 'node:sqlite';
import { randomOctets } from '#/model/index.ts';
import { OBEYED, RESTORED_COPY } from '#/ports/index.ts';
import type { Damage } from './log/index.ts';
import { Statement } from './statement.ts';

const SEED = 'store.log.seed';
const DAMAGE = 'store.log.damage';
/** How long damage is told again at each start: whoever reads the event log has seen it by then. */
const TOLD_MS = 7 * 86_400_000;
const KEPT_MAX = 100;

/** Damage, and the wall clock of the start that found it. */
export type FoundDamage = Damage & { readonly foundAt: number };

export class LogNotes {
  readonly #get: Statement<{ value: string }>;
  readonly #set: Statement;
  /** With which the checksum of each record begins. */
  readonly seed: number;
  /** A restored store that was not opened yet: its log was copied while it was written, and may end anywhere. */
  readonly isCopy: boolean;

  /** Makes the number where there is none yet; durable with the next commit that is. */
  constructor(db: DatabaseSync) {
    this.#get = new Statement(db, 'SELECT value FROM fact WHERE name = ?');
    this.#set = new Statement(
      db,
      'INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    );
    this.seed = seedIn(db) ?? this.#newSeed();
    const mark = this.#get.get(RESTORED_COPY)?.value;
    this.isCopy = mark !== undefined && mark !== this.#get.get(RESTORED_COPY + OBEYED)?.value;
  }

  /** Writes down what was found, in the running transaction, so that it is told though this start ends before; gives all that is to be told. */
  keep(found: readonly Damage[], now: number): readonly FoundDamage[] {
    const known = JSON.parse(this.#get.get(DAMAGE)?.value ?? '[]') as FoundDamage[];
    const told = known.filter(({ foundAt }) => now - foundAt < TOLD_MS);
    const all = [...told, ...found.map((part) => ({ ...part, foundAt: now }))].slice(-KEPT_MAX);
    if (found.length > 0 || told.length < known.length) this.#set.run(DAMAGE, JSON.stringify(all));
    return all;
  }

  #newSeed(): number {
    const seed = randomOctets(4).readUInt32LE();
    this.#set.run(SEED, String(seed));
    return seed;
  }
}

/** The number of a store that has one. */
export function seedIn(db: DatabaseSync): number | null {
  const text = new Statement<{ value: string }>(db, 'SELECT value FROM fact WHERE name = ?').get(SEED)?.value;
  return text === undefined ? null : Number(text);
}
