/** The model of `ports/registry.ts`: what it keeps ends with the process. */
import type { Call } from '#/model/index.ts';
import { Fault, Mention } from '#/model/index.ts';
import type { AuditEntry, PolicyStep, Registry, RegistrySnapshot, ToldChange, UsageRow } from '#/ports/index.ts';
import { POLICY_STEPS_MAX } from '#/ports/index.ts';
import type { AuditLog, ChainedAuditEntry } from '../audit-chain.ts';
import { CHAIN_START, chainHash, ERASED_AT_ONCE, pageOfChain, verifyChain, withoutPerson } from '../audit-chain.ts';

/** A registry in memory. */
export function openMemoryRegistry(): Registry & AuditLog {
  let snapshot: RegistrySnapshot = { version: 0, at: 0, resources: null };
  const changes: (ToldChange & { readonly version: number })[] = [];
  let steps: PolicyStep[] = [];
  const usage = new Map<string, UsageRow>();
  const audit: ChainedAuditEntry[] = [];
  const append = (entry: AuditEntry): void => {
    audit.push({ ...entry, seq: audit.length + 1, hash: chainHash(audit.at(-1)?.hash ?? CHAIN_START, entry) });
  };
  return {
    load: async (call) => inTime(call, snapshot),
    replace: async (expected, resources, change, call) => {
      refuseLate(call);
      if (expected !== snapshot.version) return false;
      // As a store does it: what is handed out is nobody's living object.
      snapshot = { version: expected + 1, at: change.at, resources: structuredClone(resources) };
      const { policies = [], ...told } = change;
      const { version } = snapshot;
      changes.unshift({ ...told, version });
      const made = policies.map((edit) => structuredClone({ ...edit, version, at: told.at, by: told.by }));
      steps = newestOfEach([...made, ...steps]);
      return true;
    },
    changes: async (limit, call) => inTime(call, changes.slice(0, limit)),
    policySteps: async (tenant, limit, call) =>
      inTime(call, steps.filter((step) => tenant === null || step.tenant === tenant).slice(0, limit)),
    loadUsage: async (call) => inTime(call, [...usage.values()]),
    saveUsage: async (rows, call) => {
      refuseLate(call);
      for (const row of rows) usage.set(JSON.stringify([row.tenant, row.identity]), row);
      return rows;
    },
    audit: async (entry, call) => {
      refuseLate(call);
      append(entry);
    },
    auditEntries: async (after, limit, call) =>
      inTime(call, after === null ? audit.slice(-limit) : audit.slice(after, after + limit)),
    auditPage(after, limit, call) {
      return pageOfChain(this, after, limit, call);
    },
    eraseNames: async (person, note, call) => {
      refuseLate(call);
      const erased = withoutPerson(audit, person, note);
      for (const entry of erased?.changed ?? []) audit[entry.seq - 1] = entry;
      if (erased !== null) append(erased.entry);
      const mention = new Mention(person.addresses);
      const withoutThem = <T extends object>(rows: T[]): number => {
        const named = rows.flatMap((row, i) => {
          return mention.isWithin(row) ? [[i, mention.replacedWithin(row, person.pseudonym) as T] as const] : [];
        });
        for (const [i, row] of named.slice(0, ERASED_AT_ONCE)) rows[i] = row;
        return Math.min(named.length, ERASED_AT_ONCE);
      };
      const keys = [...usage].flatMap(([key, { identity }]) =>
        person.addresses.some((one) => identity.toLowerCase() === `user:${one}`) ? [key] : [],
      );
      for (const key of keys) usage.delete(key);
      const counts = { entries: erased?.changed.length ?? 0, changes: withoutThem(changes), rules: withoutThem(steps) };
      return { ...counts, counters: keys.length, more: Object.values(counts).includes(ERASED_AT_ONCE) };
    },
    verifyAudit: async (call) => inTime(call, verifyChain(audit)),
    [Symbol.asyncDispose]: async () => {},
  };
}

function newestOfEach(steps: readonly PolicyStep[]): PolicyStep[] {
  const seen = new Map<string, number>();
  return steps.filter(({ tenant }) => {
    seen.set(tenant, (seen.get(tenant) ?? 0) + 1);
    return (seen.get(tenant) ?? 0) <= POLICY_STEPS_MAX;
  });
}

function inTime<T>(call: Call, value: T): T {
  refuseLate(call);
  return structuredClone(value);
}

function refuseLate(call: Call): void {
  if (call.signal?.aborted || performance.now() > call.deadlineAt) throw new Fault('call.late');
}
