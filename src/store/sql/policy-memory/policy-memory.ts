import type { PolicyMemory } from '#/ports/index.ts';
import type { Batches } from '../batches.ts';
import { SqlCorrespondents } from './correspondents.ts';
import { SqlDocuments } from './documents.ts';

/** `ports/policy-memory.ts` over any database that runs batches, which it closes. */
export function sqlPolicyMemory(batches: Batches): PolicyMemory {
  return {
    correspondents: new SqlCorrespondents(batches),
    documents: new SqlDocuments(batches),
    [Symbol.asyncDispose]: () => batches[Symbol.asyncDispose](),
  };
}
