/** `ports/policy-memory.ts` in `policy.db` of the data directory. */
import { join } from 'node:path';
import type { PolicyMemory } from '#/ports/index.ts';
import { inDialect, lazyBatches, POLICY_MEMORY_MIGRATIONS, sqlPolicyMemory } from '../sql/index.ts';
import { openSqliteBatches } from './batches.ts';

/** The file below the data directory. */
export const POLICY_MEMORY_FILE = 'policy.db';

/**
 * Any number of processes of this host may have it open; each opens it when it first asks, since some never do. Faults of its calls:
 * `store.foreign`, `store.failed`, `disk.full`.
 */
export function openSqlitePolicyMemory({ dir }: { readonly dir: string }): PolicyMemory {
  const migrations = POLICY_MEMORY_MIGRATIONS.map((step) => inDialect(step, 'sqlite'));
  return sqlPolicyMemory(lazyBatches(() => openSqliteBatches({ path: join(dir, POLICY_MEMORY_FILE), migrations })));
}
