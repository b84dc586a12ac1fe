/** Numbers of accounts: asked for once, as they never change. One that is not there yet is made. */
import type { AccountKey, Call } from '#/model/index.ts';
import type { Sql } from '../postgres/sql.ts';
import { keyText } from './key-text.ts';

/** Numbers that are remembered; a process serves fewer accounts at a time. */
const KNOWN_MAX = 50_000;
const FIND = 'SELECT id FROM mailbox_account WHERE tenant = $1 AND address = $2';
const LIST = `SELECT tenant, address FROM mailbox_account WHERE (tenant, address) > ($1, $2)
  ORDER BY tenant, address LIMIT $3`;

export class Accounts {
  readonly #sql: Sql;
  readonly #make: (key: AccountKey, call: Call) => Promise<unknown>;
  readonly #known = new Map<string, number>();

  /** `make` makes an account that is not there. */
  constructor(sql: Sql, make: (key: AccountKey, call: Call) => Promise<unknown>) {
    this.#sql = sql;
    this.#make = make;
  }

  async id(key: AccountKey, call: Call): Promise<number> {
    const found = await this.find(key, call);
    if (found !== null) return found;
    await this.#make(key, call);
    const made = await this.find(key, call);
    if (made === null) throw new Error('An account that was made is not there.');
    return made;
  }

  /** A number that was read on the way. */
  learn(key: AccountKey, id: number): void {
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.set(keyText(key), id);
  }

  list(after: AccountKey | null, limit: number, call: Call): Promise<AccountKey[]> {
    return this.#sql.rows<AccountKey>(LIST, [after?.tenant ?? '', after?.address ?? '', limit], call);
  }

  /** Null where it is not there: it is not made. */
  async find(key: AccountKey, call: Call): Promise<number | null> {
    const known = this.#known.get(keyText(key));
    if (known !== undefined) return known;
    const [row] = await this.#sql.rows<{ id: number }>(FIND, [key.tenant, key.address], call);
    if (row !== undefined) this.learn(key, row.id);
    return row?.id ?? null;
  }
}
