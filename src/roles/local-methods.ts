/** What the local socket answers: operations by name, custody for the janitor, and whether we are well. */
import { z } from 'zod';
import { Fault } from '#/model/index.ts';
import type { LocalMethod } from '#/net/index.ts';
import { type Operation, type OperationContext, Refusal } from '#/ports/index.ts';
import type { AuditTrail } from './audit.ts';

const request = z.strictObject({ name: z.string().max(100), input: z.unknown(), by: z.string().min(1).max(200) });

/** `operation { name, input, by }`: checked by the operation's own schemas, both ways, and written down where it is more than a look. */
export function operationMethod(operations: readonly Operation[], trail: AuditTrail): LocalMethod {
  const byName = new Map(operations.map((one) => [one.name, one]));
  return async (args, { call }) => {
    const asked = request.safeParse(args);
    if (!asked.success) throw new Fault('call.refused', 'An operation is asked for by name, input and by.');
    const found = byName.get(asked.data.name);
    if (found === undefined) throw new Refusal(2, `There is no operation '${asked.data.name}'.`);
    return runOperation(found, asked.data.input, { by: asked.data.by, call }, trail);
  };
}

/**
 * Runs an operation on input from outside; throws a `Refusal` that names the first mistake. The only way from outside to an operation:
 * nothing is done, and no content given, before the trail has it.
 */
export async function runOperation(
  found: Operation,
  input: unknown,
  context: OperationContext,
  trail: AuditTrail,
): Promise<unknown> {
  const parsed = found.input.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Refusal(2, `${issue?.path.join('.') || found.name}: ${issue?.message ?? 'not understood'}`);
  }
  await trail(found, parsed.data, context);
  return found.output.parse(await found.handle(parsed.data, context));
}

/** `ready` and `metrics`, which the steward asks of every child. */
export function healthMethods(parts: {
  readonly ready: () => Promise<void>;
  readonly metrics: () => string;
}): Map<string, LocalMethod> {
  return new Map<string, LocalMethod>([
    ['ready', () => parts.ready()],
    ['metrics', async () => parts.metrics()],
  ]);
}
