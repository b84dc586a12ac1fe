import { after, before, describe, test } from 'node:test';
import type { PolicyMemory } from '#/ports/index.ts';
import { POSTGRES_VERSIONS, type Postgres, startPostgres } from '../../../test/support/postgres.ts';
import { FORGET_POLICY_MEMORY, policyMemoryContract } from '../contract/policy-memory.ts';
import { openPostgresPolicyMemory } from './policy-memory.ts';

for (const version of POSTGRES_VERSIONS) {
  const postgres = await startPostgres({ version });
  if ('missing' in postgres) test(`policy memory on PostgreSQL ${version}`, { skip: postgres.missing });
  else describe(`policy memory on PostgreSQL ${version}`, () => suite(postgres));
}

function suite(postgres: Postgres): void {
  let url: string;
  let memory: PolicyMemory;

  before(async () => {
    url = await postgres.emptyDatabase();
    memory = openPostgresPolicyMemory({ url });
  });

  after(async () => {
    await memory[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  });

  policyMemoryContract(`PostgreSQL ${postgres.version}`, async () => ({
    memory,
    reopen: async () => {
      await memory[Symbol.asyncDispose]();
      memory = openPostgresPolicyMemory({ url });
      return memory;
    },
    another: async () => openPostgresPolicyMemory({ url }),
    [Symbol.asyncDispose]: async () =>
      void (await postgres.query(
        `SET search_path = holdfast; ${FORGET_POLICY_MEMORY}`,
        url.slice(url.lastIndexOf('/') + 1),
      )),
  }));
}
