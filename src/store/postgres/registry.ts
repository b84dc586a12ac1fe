/**
 * `ports/registry.ts` in a PostgreSQL database that several hosts share (design 4, Cluster). Every change is one statement: it is there
 * whole or not at all, and no host ever waits for another one's transaction.
 *
 * What must never happen: two hosts that both believe their change was the next version; an audit chain with two ends; a change that was
 * made and told as refused because the answer to its commit was lost (tokens tell).
 */
import { randomUUID } from 'node:crypto';
import type { Call } from '#/model/index.ts';
import { Fault, within } from '#/model/index.ts';
import type {
  AuditEntry,
  ErasedNames,
  ErasedPerson,
  ErasureNote,
  PolicyEdit,
  PolicyStep,
  Registry,
  RegistryChange,
  RegistrySnapshot,
  ToldChange,
  UsageCount,
  UsageRow,
} from '#/ports/index.ts';
import { POLICY_STEPS_MAX } from '#/ports/index.ts';
import type { AuditLog, AuditPage, AuditVerdict, ChainedAuditEntry } from '../audit-chain.ts';
import { ChainCheck, pageOfChain } from '../audit-chain.ts';
import { AuditWriter } from './audit-writer.ts';
import { Connector } from './connections.ts';
import { migrate } from './migrate.ts';
import { NameEraser } from './name-eraser.ts';
import { ReadingPool } from './reading-pool.ts';
import { REGISTRY_MIGRATIONS } from './registry-schema.ts';
import { faultOf } from './sql.ts';
import { UsageTable } from './usage-table.ts';

/** Entries that are read at once while a chain is checked. */
const CHECK_STEP = 1_000;
/** Pause before a change is asked about again whose answer was lost. */
const AGAIN_MS = 100;

const REPLACE = `
  WITH next AS (
    UPDATE registry_snapshot SET version = version + 1, at = $2, resources = $3 WHERE version = $1 RETURNING version
  ), given AS (
    SELECT * FROM next, jsonb_to_recordset($7::jsonb)
      AS edit(tenant text, rules_before text, rules_after text, undoes bigint)
  ), step AS (
    INSERT INTO registry_policy_step (tenant, version, at, by, rules_before, rules_after, undoes)
    SELECT tenant, version, $2, $4, rules_before, rules_after, undoes FROM given
  ), forgotten AS (
    DELETE FROM registry_policy_step old USING given WHERE old.tenant = given.tenant AND old.version <=
      (SELECT one.version FROM registry_policy_step one WHERE one.tenant = given.tenant
       ORDER BY one.version DESC LIMIT 1 OFFSET ${POLICY_STEPS_MAX - 1})
  )
  INSERT INTO registry_change (version, at, by, lines, token) SELECT version, $2, $4, $5, $6 FROM next RETURNING version`;
const AUDIT_COLUMNS = 'seq, at, by, act, subject, reason, hash';

type ChangeRow = { version: number; at: number; by: string; lines: string };
type StepRow = {
  tenant: string;
  version: number;
  at: number;
  by: string;
  rules_before: string;
  rules_after: string;
  undoes: number | null;
};

/** Connections: one for the directory's look, one for whoever changes something, one for the audit log. */
const CONNECTIONS = 3;
const OPEN_MS = 30_000;

export interface PostgresRegistrySettings {
  /** `postgres://user:password@host:port/database`; several hosts with commas between. */
  readonly url: string;
  /** What the server's lists show for us. */
  readonly applicationName?: string;
}

/** Opens the registry, and makes its tables where they are absent. Faults `store.unavailable`, `store.foreign`, `store.failed`. */
export async function openPostgresRegistry(settings: PostgresRegistrySettings): Promise<Registry & AuditLog> {
  const { url, applicationName = 'holdfast registry' } = settings;
  const connector = new Connector({ url, applicationName });
  const client = await connector.connect('reader', within(OPEN_MS));
  try {
    await migrate(client, 'registry', REGISTRY_MIGRATIONS);
  } catch (error) {
    throw faultOf(error);
  } finally {
    await client.end();
  }
  return new PostgresRegistry(new ReadingPool((call) => connector.connect('reader', call), CONNECTIONS));
}

class PostgresRegistry implements Registry, AuditLog {
  readonly #sql: ReadingPool;
  readonly #usage: UsageTable;
  readonly #audit: AuditWriter;
  readonly #eraser: NameEraser;
  #newest: RegistrySnapshot | null = null;

  constructor(sql: ReadingPool) {
    this.#sql = sql;
    this.#usage = new UsageTable(sql);
    this.#audit = new AuditWriter(sql);
    this.#eraser = new NameEraser(sql);
  }

  /** Costs one small row where nothing has changed since the last look, so that hosts may ask every second. The snapshot is shared: not to be changed. */
  async load(call: Call): Promise<RegistrySnapshot> {
    const text = `SELECT version, at, CASE WHEN version <> $1 THEN resources END AS resources FROM registry_snapshot`;
    const known = this.#newest;
    const [row] = await this.#sql.rows<{ version: number; at: number; resources: string | null }>(
      text,
      [known?.version ?? -1],
      call,
    );
    if (row === undefined) throw new Fault('store.failed', 'The registry has lost its snapshot row.');
    if (row.resources === null && known !== null) return known;
    const snapshot = { version: row.version, at: row.at, resources: JSON.parse(row.resources ?? 'null') };
    this.#newest = snapshot;
    return snapshot;
  }

  async replace(expected: number, resources: unknown, change: RegistryChange, call: Call): Promise<boolean> {
    const token = randomUUID();
    const { at, by, lines, policies = [] } = change;
    const values = [expected, at, JSON.stringify(resources), by, JSON.stringify(lines), token, editsOf(policies)];
    for (;;) {
      try {
        const done = await this.#sql.rows(REPLACE, values, call);
        return done.length > 0 || (await this.#madeBy(token, expected + 1, call));
      } catch (error) {
        // Asked again, it changes nothing twice: the version it expects is gone then, and the change bears its token.
        if (!(error instanceof Fault && error.code === 'store.unavailable')) throw error;
        if (performance.now() + AGAIN_MS >= call.deadlineAt) throw error;
        await new Promise((done) => setTimeout(done, AGAIN_MS));
      }
    }
  }

  async changes(limit: number, call: Call): Promise<readonly (ToldChange & { readonly version: number })[]> {
    const text = 'SELECT version, at, by, lines FROM registry_change ORDER BY version DESC LIMIT $1';
    const rows = await this.#sql.rows<ChangeRow>(text, [limit], call);
    return rows.map(({ version, at, by, lines }) => ({ version, at, by, lines: JSON.parse(lines) as string[] }));
  }

  async policySteps(tenant: string | null, limit: number, call: Call): Promise<readonly PolicyStep[]> {
    const text = `SELECT * FROM registry_policy_step WHERE $1::text IS NULL OR tenant = $1 ORDER BY version DESC LIMIT $2`;
    return (await this.#sql.rows<StepRow>(text, [tenant, limit], call)).map(stepOf);
  }

  loadUsage(call: Call): Promise<readonly UsageRow[]> {
    return this.#usage.load(call);
  }

  saveUsage(rows: readonly UsageRow[], call: Call): Promise<readonly UsageCount[]> {
    return this.#usage.save(rows, call);
  }

  audit(entry: AuditEntry, call: Call): Promise<void> {
    return this.#audit.write(entry, call);
  }

  async auditEntries(after: number | null, limit: number, call: Call): Promise<readonly ChainedAuditEntry[]> {
    if (after === null) {
      const newest = `SELECT ${AUDIT_COLUMNS} FROM audit_entry ORDER BY seq DESC LIMIT $1`;
      return (await this.#sql.rows<ChainedAuditEntry>(newest, [limit], call)).reverse();
    }
    const text = `SELECT ${AUDIT_COLUMNS} FROM audit_entry WHERE seq > $1 ORDER BY seq LIMIT $2`;
    return await this.#sql.rows<ChainedAuditEntry>(text, [after, limit], call);
  }

  auditPage(after: string | null, limit: number, call: Call): Promise<AuditPage> {
    return pageOfChain(this, after, limit, call);
  }

  eraseNames(person: ErasedPerson, note: ErasureNote, call: Call): Promise<ErasedNames> {
    return this.#eraser.erase(person, note, call);
  }

  async verifyAudit(call: Call): Promise<AuditVerdict> {
    const check = new ChainCheck();
    for (let after = 0; ; ) {
      const entries = await this.auditEntries(after, CHECK_STEP, call);
      for (const entry of entries) check.take(entry);
      if (entries.length < CHECK_STEP) return check.verdict;
      after = entries.at(-1)?.seq ?? after;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#sql[Symbol.asyncDispose]();
  }

  async #madeBy(token: string, version: number, call: Call): Promise<boolean> {
    const text = 'SELECT 1 FROM registry_change WHERE version = $1 AND token = $2';
    return (await this.#sql.rows(text, [version, token], call)).length > 0;
  }
}

function editsOf(policies: readonly PolicyEdit[]): string {
  const rows = policies.map(({ tenant, before, after, undoes }) => {
    return { tenant, rules_before: JSON.stringify(before), rules_after: JSON.stringify(after), undoes: undoes ?? null };
  });
  return JSON.stringify(rows);
}

function stepOf({ tenant, version, at, by, rules_before, rules_after, undoes }: StepRow): PolicyStep {
  const [before, after] = [JSON.parse(rules_before) as unknown[], JSON.parse(rules_after) as unknown[]];
  return { tenant, version, at, by, before, after, ...(undoes === null ? {} : { undoes }) };
}
