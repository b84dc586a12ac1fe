/** `ports/registry.ts` on SQLite, in a file and a thread of its own. */
import { Worker } from 'node:worker_threads';
import type { Call } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type {
  AuditEntry,
  ErasedNames,
  ErasedPerson,
  ErasureNote,
  PolicyStep,
  Registry,
  RegistryChange,
  RegistrySnapshot,
  ToldChange,
  UsageCount,
  UsageRow,
} from '#/ports/index.ts';
import type { AuditLog, AuditPage, AuditVerdict, ChainedAuditEntry } from '../audit-chain.ts';
import { pageOfChain } from '../audit-chain.ts';
import { ThreadCalls } from '../thread-calls.ts';

const OPEN_MS = 30_000;
const CLOSE_MS = 10_000;

/**
 * Opens `control.db` in `dir`; faults `store.foreign`, `store.failed`, `disk.full`. The process that writes custody keeps it open;
 * another one may open it beside it and waits for its turn.
 */
export async function openSqliteRegistry({ dir }: { readonly dir: string }): Promise<Registry & AuditLog> {
  const file = `./registry-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`;
  const calls = new ThreadCalls(new Worker(new URL(file, import.meta.url), { workerData: { dir } }));
  try {
    await calls.ask('open', [], within(OPEN_MS));
  } catch (error) {
    await calls[Symbol.asyncDispose]();
    throw error;
  }
  return new SqliteRegistry(calls);
}

const NO_SNAPSHOT: RegistrySnapshot = { version: 0, at: 0, resources: null };

class SqliteRegistry implements Registry, AuditLog {
  readonly #calls: ThreadCalls;
  #newest: RegistrySnapshot | null = null;

  constructor(calls: ThreadCalls) {
    this.#calls = calls;
  }

  /** Costs one small row where nothing has changed since the last look. The snapshot is shared: not to be changed. */
  async load(call: Call): Promise<RegistrySnapshot> {
    const known = this.#newest;
    const snapshot = (await this.#calls.ask('loadNewer', [known?.version ?? -1], call)) as RegistrySnapshot | null;
    if (snapshot === null && known !== null) return known;
    const newest = snapshot ?? NO_SNAPSHOT;
    this.#newest = newest;
    return newest;
  }

  async replace(expected: number, resources: unknown, change: RegistryChange, call: Call): Promise<boolean> {
    return (await this.#calls.ask('replace', [expected, resources, change], call)) as boolean;
  }

  async changes(limit: number, call: Call): Promise<readonly (ToldChange & { readonly version: number })[]> {
    return (await this.#calls.ask('changes', [limit], call)) as (ToldChange & { version: number })[];
  }

  async policySteps(tenant: string | null, limit: number, call: Call): Promise<readonly PolicyStep[]> {
    return (await this.#calls.ask('policySteps', [tenant, limit], call)) as PolicyStep[];
  }

  async loadUsage(call: Call): Promise<readonly UsageRow[]> {
    return (await this.#calls.ask('loadUsage', [], call)) as UsageRow[];
  }

  async saveUsage(rows: readonly UsageRow[], call: Call): Promise<readonly UsageCount[]> {
    return (await this.#calls.ask('saveUsage', [rows], call)) as UsageCount[];
  }

  async audit(entry: AuditEntry, call: Call): Promise<void> {
    await this.#calls.ask('audit', [entry], call);
  }

  async auditEntries(after: number | null, limit: number, call: Call): Promise<readonly ChainedAuditEntry[]> {
    return (await this.#calls.ask('auditEntries', [after, limit], call)) as ChainedAuditEntry[];
  }

  auditPage(after: string | null, limit: number, call: Call): Promise<AuditPage> {
    return pageOfChain(this, after, limit, call);
  }

  async eraseNames(person: ErasedPerson, note: ErasureNote, call: Call): Promise<ErasedNames> {
    return (await this.#calls.ask('eraseNames', [person, note], call)) as ErasedNames;
  }

  async verifyAudit(call: Call): Promise<AuditVerdict> {
    return (await this.#calls.ask('verifyAudit', [], call)) as AuditVerdict;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#calls.ask('close', [], within(CLOSE_MS)).catch(() => {});
    await this.#calls[Symbol.asyncDispose]();
  }
}
