import { policyMemoryContract } from '../contract/policy-memory.ts';
import { openMemoryPolicyMemory } from './policy-memory.ts';

policyMemoryContract('memory', async () => {
  const memory = openMemoryPolicyMemory();
  return { memory, reopen: null, another: null, [Symbol.asyncDispose]: () => memory[Symbol.asyncDispose]() };
});
