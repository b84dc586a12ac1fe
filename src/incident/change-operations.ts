/** `changes.list`. */
import { z } from 'zod';
import { CHANGE_KINDS, type ChangeLog, type Clock, type Operation, operation, Refusal } from '#/ports/index.ts';
import { pastTime } from './input.ts';

export interface ChangeOperationParts {
  readonly changes: ChangeLog;
  readonly clock: Pick<Clock, 'now'>;
}

const LISTED_MAX = 1_000;
const DAY_MS = 86_400_000;

export function changeOperations({ changes, clock }: ChangeOperationParts): readonly Operation[] {
  const list = operation({
    name: 'changes.list',
    summary: 'What was changed in a window: resources and rules, acts of operators, processes that came and went.',
    scope: 'operator',
    reads: true,
    input: z.strictObject({
      /** A time, or how long ago; a day ago where it is absent. */
      from: z.string().max(40).optional(),
      /** Now, where it is absent. */
      to: z.string().max(40).optional(),
      limit: z.int().min(1).max(LISTED_MAX).default(200),
    }),
    output: z.object({
      changes: z.array(z.object({ at: z.string(), kind: z.enum(CHANGE_KINDS), by: z.string(), what: z.string() })),
      /** False where older ones in the window are left out. */
      complete: z.boolean(),
    }),
    async handle({ from, to, limit }, { call }) {
      const now = clock.now();
      const window = {
        from: from === undefined ? now - DAY_MS : pastTime(from, now),
        to: to === undefined ? now + 1 : pastTime(to, now),
      };
      if (window.to <= window.from) throw new Refusal(2, 'The window ends before it begins.');
      const found = await changes.between(window, limit, call);
      const told = found.changes.map(({ at, ...change }) => ({ ...change, at: new Date(at).toISOString() }));
      return { changes: told, complete: found.complete };
    },
  });
  return [list] as readonly Operation[];
}
