/** `ports/policy-memory.ts` that lives as long as the process: the tables of the others, in memory. For tests of engines. */
import type { PolicyMemory } from '#/ports/index.ts';
import { inDialect, POLICY_MEMORY_MIGRATIONS, sqlPolicyMemory } from '../sql/index.ts';
import { BatchFile } from '../sqlite/batch-file.ts';

export function openMemoryPolicyMemory(): PolicyMemory {
  const file = BatchFile.inMemory(POLICY_MEMORY_MIGRATIONS.map((step) => inDialect(step, 'sqlite')));
  return sqlPolicyMemory({
    run: async (statements) => file.run(statements),
    [Symbol.asyncDispose]: async () => file.close(),
  });
}
