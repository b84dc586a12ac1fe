/** Flags of messages as bits of one number: five of the system, then the keywords of the mailbox in the order in which they came. */
import type { Flag } from '#/model/index.ts';
import { flagKey, isSystemFlag, keywordsMax, readFlag, SYSTEM_FLAGS } from '../mailbox/index.ts';
import type { Database } from './database.ts';

export const SEEN = 1;
export const DELETED = 2;
/** Combinations that are kept readable; a mailbox has few of them. */
const KNOWN_MAX = 1_000;

export class Keywords {
  readonly #db: Database;
  readonly #mailbox: number;
  readonly #names: Flag[];
  readonly #bits = new Map<string, number>();
  readonly #known = new Map<number, readonly Flag[]>();

  constructor(db: Database, mailbox: number) {
    this.#db = db;
    this.#mailbox = mailbox;
    this.#names = [...SYSTEM_FLAGS];
    const rows = db.all<{ name: Flag }>('SELECT name FROM keyword WHERE mailbox = ? ORDER BY bit', mailbox);
    this.#names.push(...rows.map(({ name }) => name));
    for (const [bit, name] of this.#names.entries()) this.#bits.set(flagKey(name), 2 ** bit);
  }

  /** Those of the mailbox, in the order in which they came. */
  get keywords(): readonly Flag[] {
    return this.#names.slice(SYSTEM_FLAGS.length);
  }

  /** Bits of flags. With `make`, keywords that are new get a place; those without one are named. */
  encode(flags: readonly Flag[], make: boolean): { readonly bits: number; readonly refused: readonly Flag[] } {
    let bits = 0;
    const refused: Flag[] = [];
    for (const flag of flags) {
      const bit = this.#bits.get(flagKey(flag)) ?? (make ? this.#make(flag) : 0);
      if (bit === null) refused.push(flag);
      else if (!hasBit(bits, bit)) bits += bit;
    }
    return { bits, refused };
  }

  decode(bits: number): readonly Flag[] {
    const known = this.#known.get(bits);
    if (known !== undefined) return known;
    const flags = this.#names.filter((_name, i) => hasBit(bits, 2 ** i));
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.set(bits, flags);
    return flags;
  }

  #make(given: Flag): number | null {
    const flag = readFlag(given);
    if (flag === null || isSystemFlag(flag)) return null;
    const at = this.#names.length;
    if (at >= SYSTEM_FLAGS.length + keywordsMax) return null;
    this.#db.run('INSERT INTO keyword (mailbox, bit, name) VALUES (?, ?, ?)', this.#mailbox, at, flag);
    this.#names.push(flag);
    this.#bits.set(flagKey(flag), 2 ** at);
    return 2 ** at;
  }
}

/** Bitwise operators of the language hold 32 bits. */
function hasBit(bits: number, bit: number): boolean {
  return Math.floor(bits / bit) % 2 === 1;
}
