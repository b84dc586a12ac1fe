/**
 * The audit log of people's acts: each operation that changes something, or gives content away, is written down before it is done.
 *
 * What must never happen: an act without its entry; a secret or content in one.
 */
import { z } from 'zod';
import { type Clock, type Operation, type OperationContext, operation, type Registry } from '#/ports/index.ts';
import type { AuditLog } from '#/store/index.ts';

/** Writes down what is about to be done; rejects where it can't, and then it must not be done. */
export type AuditTrail = (found: Operation, input: unknown, context: OperationContext) => Promise<void>;

const SUBJECT_CHARACTERS_MAX = 500;
const LISTED_MAX = 1_000;

/** The trail that ends in the registry. */
export function auditTrail(parts: { readonly registry: Pick<Registry, 'audit'>; readonly clock: Clock }): AuditTrail {
  return async (found, input, { by, call }) => {
    const subject = found.reads ? null : subjectOf(found, input);
    if (subject === null) return;
    await parts.registry.audit({ at: parts.clock.now(), by, act: found.name, subject, reason: reasonIn(input) }, call);
  };
}

/** `audit.log`. */
export function auditLogOperations(log: AuditLog): readonly Operation[] {
  const list = operation({
    name: 'audit.log',
    summary: 'Who did what to mail, relays and resources, and why: the newest entries, oldest first.',
    scope: 'operator',
    reads: true,
    input: z.strictObject({
      after: z.int().min(0).nullable().default(null),
      limit: z.int().min(1).max(LISTED_MAX).default(100),
    }),
    output: z.array(
      z.object({
        seq: z.int(),
        at: z.string(),
        by: z.string(),
        act: z.string(),
        subject: z.string(),
        reason: z.string(),
      }),
    ),
    async handle({ after, limit }, { call }) {
      const entries = await log.auditEntries(after, limit, call);
      return entries.map(({ hash: _hash, at, ...entry }) => ({ ...entry, at: new Date(at).toISOString() }));
    },
  });
  return [list] as readonly Operation[];
}

function subjectOf(found: Operation, input: unknown): string | null {
  if (found.subject === undefined) return '';
  return found.subject(input)?.slice(0, SUBJECT_CHARACTERS_MAX) ?? null;
}

function reasonIn(input: unknown): string {
  const { reason } = (input ?? {}) as { readonly reason?: unknown };
  return typeof reason === 'string' ? reason : '';
}
