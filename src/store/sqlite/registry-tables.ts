/** The registry's file, `control.db`: what its thread does, call by call. Every change is one transaction, durable when it returns. */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Fault } from '#/model/index.ts';
import type {
  AuditEntry,
  ErasedNames,
  ErasedPerson,
  ErasureNote,
  PolicyEdit,
  PolicyStep,
  RegistryChange,
  RegistrySnapshot,
  ToldChange,
  UsageCount,
  UsageRow,
} from '#/ports/index.ts';
import { POLICY_STEPS_MAX } from '#/ports/index.ts';
import type { AuditVerdict, ChainedAuditEntry } from '../audit-chain.ts';
import {
  CHAIN_START,
  chainHash,
  ERASED_AT_ONCE,
  textsWithoutPerson,
  verifyChain,
  withoutPerson,
} from '../audit-chain.ts';
import { makeDurableFolder } from '../durable-folder.ts';
import type { SqlValue } from './statement.ts';
import { Statement, sqliteTrouble } from './statement.ts';

const BUSY_MS = 5_000;

// `change` is kept for good: who changed what, in plain words. `usage` holds the newest row of an identity.
const SCHEMA_STEPS = [
  `
  CREATE TABLE snapshot (
    one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, at INTEGER NOT NULL, resources TEXT NOT NULL
  );
  CREATE TABLE change (version INTEGER PRIMARY KEY, at INTEGER NOT NULL, by TEXT NOT NULL, lines TEXT NOT NULL);
  CREATE TABLE usage (
    tenant TEXT NOT NULL, identity TEXT NOT NULL, day TEXT NOT NULL, dayCount INTEGER NOT NULL,
    lastSeen INTEGER NOT NULL, lastError TEXT, lastErrorAt INTEGER NOT NULL,
    PRIMARY KEY (tenant, identity)
  ) WITHOUT ROWID;
  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, by TEXT NOT NULL, act TEXT NOT NULL, subject TEXT NOT NULL,
    reason TEXT NOT NULL, hash TEXT NOT NULL
  );`,
  // Rules before and after each change of them.
  `CREATE TABLE policy_step (
    tenant TEXT NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL, before TEXT NOT NULL,
    after TEXT NOT NULL, undoes INTEGER, PRIMARY KEY (tenant, version)
  ) WITHOUT ROWID;`,
] as const;

type ChangeRow = { version: number; at: number; by: string; lines: string };
type StepRow = {
  tenant: string;
  version: number;
  at: number;
  by: string;
  before: string;
  after: string;
  undoes: number | null;
};

export class RegistryTables {
  readonly #db: DatabaseSync;
  #failed: Fault | null = null;

  /** Opens `control.db` in `dir`, and makes it where it is absent; fault `store.foreign` where a newer release wrote it. */
  constructor(dir: string) {
    this.#db = openFile(dir);
  }

  /** Null where the newest snapshot is of this version, or there is none. */
  loadNewer(known: number): RegistrySnapshot | null {
    const sql = 'SELECT version, at, resources FROM snapshot WHERE version <> ?';
    const row = this.#statement<{ version: number; at: number; resources: string }>(sql).get(known);
    return row === undefined ? null : { version: row.version, at: row.at, resources: JSON.parse(row.resources) };
  }

  replace(expected: number, resources: unknown, change: RegistryChange): boolean {
    return this.#change(() => {
      const newest = this.#statement<{ version: number }>('SELECT version FROM snapshot').get()?.version ?? 0;
      if (newest !== expected) return false;
      const { at, by, lines } = change;
      const set = this.#statement('INSERT OR REPLACE INTO snapshot (one, version, at, resources) VALUES (1, ?, ?, ?)');
      set.run(expected + 1, at, JSON.stringify(resources));
      const note = this.#statement('INSERT INTO change (version, at, by, lines) VALUES (?, ?, ?, ?)');
      note.run(expected + 1, at, by, JSON.stringify(lines));
      for (const edit of change.policies ?? []) this.#keepStep({ ...edit, version: expected + 1, at, by });
      return true;
    });
  }

  changes(limit: number): readonly (ToldChange & { readonly version: number })[] {
    const rows = this.#statement<ChangeRow>('SELECT * FROM change ORDER BY version DESC LIMIT ?').all(limit);
    return rows.map(({ version, at, by, lines }) => ({ version, at, by, lines: JSON.parse(lines) as string[] }));
  }

  policySteps(tenant: string | null, limit: number): readonly PolicyStep[] {
    const sql = `SELECT * FROM policy_step ${tenant === null ? '' : 'WHERE tenant = ?'} ORDER BY version DESC LIMIT ?`;
    const rows = this.#statement<StepRow>(sql).all(...(tenant === null ? [] : [tenant]), limit);
    return rows.map(stepOf);
  }

  loadUsage(): readonly UsageRow[] {
    return this.#statement<UsageRow>('SELECT * FROM usage').all().map(plain);
  }

  saveUsage(rows: readonly UsageRow[]): readonly UsageCount[] {
    this.#change(() => {
      const save = this.#statement('INSERT OR REPLACE INTO usage VALUES (?, ?, ?, ?, ?, ?, ?)');
      for (const { tenant, identity, day, dayCount, lastSeen, lastError, lastErrorAt } of rows)
        save.run(tenant, identity, day, dayCount, lastSeen, lastError, lastErrorAt);
    });
    // One process counts here, and knows it all.
    return rows;
  }

  audit(entry: AuditEntry): void {
    this.#change(() => this.#append(entry));
  }

  /** All of a step in one transaction. */
  eraseNames(person: ErasedPerson, note: ErasureNote): ErasedNames {
    return this.#change(() => {
      const entries = this.#eraseEntries(person, note);
      const changes = this.#eraseTexts('change', ['version'], ['lines'], person);
      const rules = this.#eraseTexts('policy_step', ['tenant', 'version'], ['before', 'after'], person);
      const forget = this.#statement("DELETE FROM usage WHERE lower(identity) = 'user:' || ? RETURNING identity");
      const counters = person.addresses.reduce((sum, address) => sum + forget.all(address).length, 0);
      return { entries, changes, rules, counters, more: [entries, changes, rules].includes(ERASED_AT_ONCE) };
    });
  }

  #eraseEntries(person: ErasedPerson, note: ErasureNote): number {
    const all = this.#statement<ChainedAuditEntry>('SELECT * FROM audit ORDER BY seq').iterate();
    const erased = withoutPerson(all, person, note);
    if (erased === null) return 0;
    const change = this.#statement('UPDATE audit SET by = ?, subject = ?, reason = ? WHERE seq = ?');
    for (const { seq, by, subject, reason } of erased.changed) change.run(by, subject, reason, seq);
    this.#append(erased.entry);
    return erased.changed.length;
  }

  #eraseTexts(table: string, keys: readonly string[], json: readonly string[], person: ErasedPerson): number {
    const columns = ['by', ...json];
    const found: { readonly values: readonly SqlValue[]; readonly key: readonly SqlValue[] }[] = [];
    const all = this.#statement<Record<string, SqlValue>>(`SELECT ${[...keys, ...columns].join(', ')} FROM ${table}`);
    for (const row of all.iterate()) {
      const texts = Object.fromEntries(columns.map((column) => [column, String(row[column])]));
      const without = textsWithoutPerson(texts, json, person);
      if (without === null) continue;
      found.push({
        values: columns.map((column) => without[column] ?? ''),
        key: keys.map((key) => row[key] ?? null),
      });
      if (found.length === ERASED_AT_ONCE) break;
    }
    const sets = columns.map((column) => `${column} = ?`).join(', ');
    const change = this.#statement(
      `UPDATE ${table} SET ${sets} WHERE ${keys.map((key) => `${key} = ?`).join(' AND ')}`,
    );
    for (const { values, key } of found) change.run(...values, ...key);
    return found.length;
  }

  #append(entry: AuditEntry): void {
    const last = this.#statement<{ hash: string }>('SELECT hash FROM audit ORDER BY seq DESC LIMIT 1').get();
    const { at, by, act, subject, reason } = entry;
    const insert = this.#statement('INSERT INTO audit (at, by, act, subject, reason, hash) VALUES (?, ?, ?, ?, ?, ?)');
    insert.run(at, by, act, subject, reason, chainHash(last?.hash ?? CHAIN_START, entry));
  }

  auditEntries(after: number | null, limit: number): readonly ChainedAuditEntry[] {
    if (after === null) {
      const newest = this.#statement<ChainedAuditEntry>('SELECT * FROM audit ORDER BY seq DESC LIMIT ?');
      return newest.all(limit).map(plain).reverse();
    }
    const rows = this.#statement<ChainedAuditEntry>('SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?');
    return rows.all(after, limit).map(plain);
  }

  verifyAudit(): AuditVerdict {
    return verifyChain(this.#statement<ChainedAuditEntry>('SELECT * FROM audit ORDER BY seq').iterate());
  }

  close(): void {
    this.#db.close();
  }

  #keepStep({ tenant, version, at, by, before, after, undoes }: PolicyEdit & Omit<PolicyStep, keyof PolicyEdit>): void {
    const keep = this.#statement('INSERT INTO policy_step VALUES (?, ?, ?, ?, ?, ?, ?)');
    keep.run(tenant, version, at, by, JSON.stringify(before), JSON.stringify(after), undoes ?? null);
    const forget = this.#statement(
      `DELETE FROM policy_step WHERE tenant = ? AND version <=
         (SELECT version FROM policy_step WHERE tenant = ? ORDER BY version DESC LIMIT 1 OFFSET ?)`,
    );
    forget.run(tenant, tenant, POLICY_STEPS_MAX);
  }

  #statement<Row>(sql: string): Statement<Row> {
    if (this.#failed !== null) throw this.#failed;
    return new Statement<Row>(this.#db, sql);
  }

  // A COMMIT that failed is never tried again: what the disk has is known only after a new start (design 1, Disk).
  #change<T>(work: () => T): T {
    let committing = false;
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      const result = work();
      committing = true;
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      const fault = faultOf(error);
      if (committing || sqliteTrouble(error) === 'broken') this.#failed = fault;
      throw fault;
    }
  }
}

function openFile(dir: string): DatabaseSync {
  const path = join(dir, 'control.db');
  makeDurableFolder(dir);
  // It holds hashes of secrets: SQLite gives its side files the mode of the main one.
  closeSync(openSync(path, 'a', 0o600));
  const db = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    // What was erased is written over: nothing of it stays in pages that are free.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA mmap_size = 0; PRAGMA secure_delete = ON;');
    migrate(db);
    return db;
  } catch (error) {
    db.close();
    throw faultOf(error);
  }
}

function migrate(db: DatabaseSync): void {
  db.exec('BEGIN IMMEDIATE');
  const { user_version: found } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (found > SCHEMA_STEPS.length) throw new Fault('store.foreign', `control.db has version ${found}.`);
  for (const step of SCHEMA_STEPS.slice(found)) db.exec(step);
  db.exec(`PRAGMA user_version = ${SCHEMA_STEPS.length}; COMMIT`);
}

function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const code = (error as { errcode?: number }).errcode ?? 0;
  if (sqliteTrouble(error) === 'full') return new Fault('disk.full', undefined, error);
  // SQLITE_BUSY: another process holds the file, longer than we wait.
  if ((code & 0xff) === 5) return new Fault('store.busy', 'Another process writes control.db.', error);
  return new Fault('store.failed', (error as Error).message, error);
}

function stepOf({ tenant, version, at, by, before, after, undoes }: StepRow): PolicyStep {
  const [old, next] = [JSON.parse(before) as unknown[], JSON.parse(after) as unknown[]];
  return { tenant, version, at, by, before: old, after: next, ...(undoes === null ? {} : { undoes }) };
}

// Rows of node:sqlite have no prototype.
function plain<T extends object>(row: T): T {
  return { ...row };
}
