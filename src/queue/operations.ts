/** What people do with mail in custody (ports/operation.ts). */
import { z } from 'zod';
import type { Call } from '#/model/index.ts';
import {
  type Journal,
  type Operation,
  type OperationContext,
  operation,
  Refusal,
  type Trace,
  type TraceQuery,
} from '#/ports/index.ts';
import { actOperations } from './acts.ts';
import { auditOperations } from './audit.ts';
import { readBody } from './read-body.ts';
import { type OperationParts, queryInput, queueFilter, readQuery } from './select.ts';
import { queuedMail, tracedMail, viewQueued, viewTrace } from './views.ts';

/** All operations of this room. */
export function queueOperations(parts: OperationParts): readonly Operation[] {
  return [trace(parts), list(parts), show(parts), readBody(parts), ...actOperations(parts), ...auditOperations(parts)];
}

function trace(parts: OperationParts): Operation {
  return operation({
    name: 'trace.find',
    summary: 'Where is it: messages that a query names, newest first, with their way.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({ ...queryInput, limit: z.int().min(1).max(1_000).default(20) }),
    output: z.array(tracedMail),
    async handle(input, { call }) {
      const found = await find(parts.journal, readQuery(input, parts), input.limit, call);
      return found.map(viewTrace);
    },
  });
}

/** An address may as well be a Message-ID that was written without its brackets. */
async function find(journal: Journal, query: TraceQuery, limit: number, call: Call): Promise<readonly Trace[]> {
  const found = await journal.trace(query, limit, call);
  if (found.length > 0 || query.address === undefined) return found;
  const { address, ...others } = query;
  return journal.trace({ ...others, messageId: address }, limit, call);
}

function list(parts: OperationParts): Operation {
  return operation({
    name: 'queue.list',
    summary: 'Recipients that wait or are held, by message, in order of acceptance.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({
      ...queryInput,
      limit: z.int().min(1).max(1_000).default(100),
      after: z.string().nullable().default(null),
    }),
    output: z.array(queuedMail),
    async handle(input, { call }) {
      const filter = await queueFilter(readQuery(input, parts), parts.journal, call);
      if (filter === null) return [];
      const after = input.after as Trace['id'] | null;
      const { items } = await parts.journal.queue(filter, after, input.limit, call);
      return items.map(viewQueued);
    },
  });
}

function show(parts: OperationParts): Operation {
  return operation({
    name: 'queue.show',
    summary: 'One message with its recipients and its way.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({ id: z.string(), tenant: z.string().optional() }),
    output: tracedMail,
    async handle({ id, tenant }, { call }: OperationContext) {
      const query = readQuery({ query: id, tenant }, parts);
      const [found] = await find(parts.journal, query, 1, call);
      if (found === undefined) throw new Refusal(1, `There is no message ${id}. Look for it with a trace by address.`);
      return viewTrace(found);
    },
  });
}
