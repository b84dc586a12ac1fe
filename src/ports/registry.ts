/** Where tenants and their resources are kept: one whole snapshot, switched at once (C5), with a record of who changed what. Plus the small counters of identities. */
import type { Call } from '#/model/index.ts';

export interface Registry {
  /** The newest snapshot; version 0 and `null` before the first. `resources` is the JSON of config's resource schema, secrets hashed. */
  load(call: Call): Promise<RegistrySnapshot>;

  /** Replaces the snapshot when `expected` is still the newest version; false when somebody was quicker: load, plan and try again. */
  replace(expected: number, resources: unknown, change: RegistryChange, call: Call): Promise<boolean>;

  /** Dated changes, newest first. */
  changes(limit: number, call: Call): Promise<readonly (ToldChange & { readonly version: number })[]>;

  /** Changes of rules, of one tenant or of all (null), newest first. Of a tenant the newest `POLICY_STEPS_MAX` are kept. */
  policySteps(tenant: string | null, limit: number, call: Call): Promise<readonly PolicyStep[]>;

  /** Counters and last-seen of identities, by key. */
  loadUsage(call: Call): Promise<readonly UsageRow[]>;

  /**
   * Written back every few seconds by each process that counts, with all that it knows of. Gives the counts as they stand now: where
   * hosts share a store, with what came by the others, so that a limit is one limit. What has no count in the answer was not saved.
   */
  saveUsage(rows: readonly UsageRow[], call: Call): Promise<readonly UsageCount[]>;

  /** The audit log of people's acts (reading a body, operating the queue): who, what, why. */
  audit(entry: AuditEntry, call: Call): Promise<void>;

  [Symbol.asyncDispose](): Promise<void>;
}

export interface RegistrySnapshot {
  readonly version: number;
  /** Wall-clock ms. */
  readonly at: number;
  readonly resources: unknown;
}

export interface ToldChange {
  /** Wall-clock ms. */
  readonly at: number;
  readonly by: string;
  /** One line per change, in plain words. */
  readonly lines: readonly string[];
}

export interface RegistryChange extends ToldChange {
  /** Of each tenant whose rules it changes. */
  readonly policies?: readonly PolicyEdit[];
}

/** One change of a tenant's rules, as they were written: what an undo needs. */
export interface PolicyEdit {
  readonly tenant: string;
  readonly before: readonly unknown[];
  readonly after: readonly unknown[];
  /** The version that it takes back. */
  readonly undoes?: number;
}

export interface PolicyStep extends PolicyEdit {
  readonly version: number;
  /** Wall-clock ms. */
  readonly at: number;
  readonly by: string;
}

/** Changes of rules that are kept of a tenant: years of what people do, and some weeks of a program that applies each night. */
export const POLICY_STEPS_MAX = 100;

export interface UsageRow {
  readonly tenant: string;
  /** `user:ADDRESS`, `relay:NAME` or `tenant`. */
  readonly identity: string;
  readonly day: string;
  readonly dayCount: number;
  /** Wall-clock ms of the last sign-in or transaction. */
  readonly lastSeen: number;
  readonly lastError: string | null;
  readonly lastErrorAt: number;
}

/** What an identity has sent on a day, by all hosts. */
export type UsageCount = Pick<UsageRow, 'tenant' | 'identity' | 'day' | 'dayCount'>;

export interface AuditEntry {
  readonly at: number;
  readonly by: string;
  readonly act: string;
  readonly subject: string;
  readonly reason: string;
}
