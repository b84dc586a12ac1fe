/** `accounts.db`: who has an account, and the key under which names of files are made. Every thread has a connection of its own. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AccountKey } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import { Database } from './database.ts';
import { openFile, type Place, placeOf } from './places.ts';
import { migrateRegister } from './schema.ts';

/** Another thread may be adding an account. */
const BUSY_MS = 5_000;

export class Register {
  readonly #folder: string;
  readonly #db: Database;
  readonly #nameKey: Uint8Array;

  /** Faults `store.foreign` where it is missing beside accounts: under a new key none of them would be found. */
  constructor(folder: string) {
    const file = join(folder, 'accounts.db');
    if (!existsSync(file) && readdirSync(folder).some((name) => /^[0-9a-f]{2}$/.test(name)))
      throw new Fault('store.foreign', 'accounts.db of its mailboxes is missing: restore it from a backup.');
    this.#folder = folder;
    const db = openFile(file, BUSY_MS);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -256;');
    migrateRegister(db);
    this.#db = new Database(db);
    this.#nameKey = this.#keyOfNames();
  }

  /** Where an account lies. It is entered before its first file is made, so that there is none that nobody knows of. */
  place(key: AccountKey): Place {
    const place = placeOf(this.#folder, this.#nameKey, key);
    if (!existsSync(place.database)) {
      this.#db.run('INSERT OR IGNORE INTO account (tenant, address) VALUES (?, ?)', key.tenant, key.address);
    }
    return place;
  }

  /** Whether an account has come to be. */
  has(key: AccountKey): boolean {
    return existsSync(placeOf(this.#folder, this.#nameKey, key).database);
  }

  accounts(after: AccountKey | null, limit: number): AccountKey[] {
    return this.#db
      .all<AccountKey>(
        'SELECT tenant, address FROM account WHERE (tenant, address) > (?, ?) ORDER BY tenant, address LIMIT ?',
        after?.tenant ?? '',
        after?.address ?? '',
        limit,
      )
      .map(({ tenant, address }) => ({ tenant, address }));
  }

  close(): void {
    this.#db.close();
  }

  // Whoever comes first draws it; it never changes.
  #keyOfNames(): Uint8Array {
    const find = "SELECT value FROM fact WHERE name = 'names.key'";
    const draw = randomBytes(32).toString('hex');
    this.#db.run("INSERT OR IGNORE INTO fact (name, value) VALUES ('names.key', ?)", draw);
    return Buffer.from(this.#db.get<{ value: string }>(find)?.value ?? '', 'hex');
  }
}
