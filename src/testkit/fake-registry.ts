/** A registry in memory, with knobs: out of order, overtaken by somebody else. */
import { type Call, Fault } from '#/model/index.ts';
import type {
  AuditEntry,
  PolicyStep,
  Registry,
  RegistryChange,
  RegistrySnapshot,
  ToldChange,
  UsageCount,
  UsageRow,
} from '#/ports/index.ts';

export class FakeRegistry implements Registry {
  snapshot: RegistrySnapshot = { version: 0, at: 0, resources: null };
  readonly history: (ToldChange & { readonly version: number })[] = [];
  /** Changes of rules, newest first. */
  readonly steps: PolicyStep[] = [];
  readonly usage = new Map<string, UsageRow>();
  readonly audited: AuditEntry[] = [];
  /** Every call faults while it is true. */
  broken = false;
  /** What other hosts have sent today, of each identity that is saved. */
  sentByOthers = 0;
  /** So many replacements lose against somebody who was quicker. */
  overtaken = 0;

  async load(_call: Call): Promise<RegistrySnapshot> {
    this.#check();
    return structuredClone(this.snapshot);
  }

  async replace(expected: number, resources: unknown, change: RegistryChange, _call: Call): Promise<boolean> {
    this.#check();
    if (this.overtaken > 0) {
      this.overtaken -= 1;
      this.snapshot = { ...this.snapshot, version: this.snapshot.version + 1 };
    }
    if (expected !== this.snapshot.version) return false;
    const version = expected + 1;
    // What a store keeps is JSON, whatever it was given.
    this.snapshot = { version, at: change.at, resources: JSON.parse(JSON.stringify(resources)) };
    const { policies = [], ...told } = change;
    this.history.unshift({ ...told, version });
    for (const edit of policies) {
      const { at, by } = told;
      this.steps.unshift(JSON.parse(JSON.stringify({ ...edit, version, at, by })) as PolicyStep);
    }
    return true;
  }

  async changes(limit: number): Promise<readonly (ToldChange & { readonly version: number })[]> {
    return this.history.slice(0, limit);
  }

  async policySteps(tenant: string | null, limit: number): Promise<readonly PolicyStep[]> {
    this.#check();
    return this.steps.filter((step) => tenant === null || step.tenant === tenant).slice(0, limit);
  }

  async loadUsage(_call: Call): Promise<readonly UsageRow[]> {
    this.#check();
    return [...this.usage.values()];
  }

  async saveUsage(rows: readonly UsageRow[], _call: Call): Promise<readonly UsageCount[]> {
    this.#check();
    for (const row of rows) this.usage.set(`${row.tenant} ${row.identity}`, row);
    return rows.map((row) => ({ ...row, dayCount: row.dayCount + this.sentByOthers }));
  }

  async audit(entry: AuditEntry): Promise<void> {
    this.#check();
    this.audited.push(entry);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #check(): void {
    if (this.broken) throw new Fault('store.unavailable');
  }
}
