import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import type { PolicyMemory } from '#/ports/index.ts';
import { FORGET_POLICY_MEMORY, policyMemoryContract } from '../contract/policy-memory.ts';
import { openSqlitePolicyMemory } from './policy-memory.ts';

let dir: string;
let memory: PolicyMemory;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-policy-memory-'));
  memory = openSqlitePolicyMemory({ dir });
});

after(async () => {
  await memory[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

// One keeper for all, emptied behind each: a thread takes its time to start.
policyMemoryContract('sqlite', async () => ({
  memory,
  reopen: async () => {
    await memory[Symbol.asyncDispose]();
    memory = openSqlitePolicyMemory({ dir });
    return memory;
  },
  another: async () => openSqlitePolicyMemory({ dir }),
  [Symbol.asyncDispose]: async () => {
    const db = new DatabaseSync(join(dir, 'policy.db'), { timeout: 5_000 });
    db.exec(FORGET_POLICY_MEMORY);
    db.close();
  },
}));

test('design 1: the file of what policy remembers is its owner’s alone', async () => {
  assert.equal((await stat(join(dir, 'policy.db'))).mode & 0o777, 0o600);
});
