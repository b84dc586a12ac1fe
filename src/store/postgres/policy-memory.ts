/** `ports/policy-memory.ts` in the database that hosts share. */
import type { PolicyMemory } from '#/ports/index.ts';
import { lazyBatches, POLICY_MEMORY_MIGRATIONS, sqlPolicyMemory } from '../sql/index.ts';
import { openPostgresBatches } from './batches.ts';

export interface PostgresPolicyMemoryOptions {
  readonly url: string;
  readonly applicationName?: string;
}

/** Connects when it is first asked. Faults of its calls: `store.unavailable`, `store.foreign`, `store.failed`. */
export function openPostgresPolicyMemory(options: PostgresPolicyMemoryOptions): PolicyMemory {
  const { url, applicationName = 'holdfast policy memory' } = options;
  const migrations = POLICY_MEMORY_MIGRATIONS;
  return sqlPolicyMemory(
    lazyBatches(() => openPostgresBatches({ url, applicationName, part: 'policy memory', migrations })),
  );
}
