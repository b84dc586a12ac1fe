/** Do the books balance, and is there a row that nothing will move (H5). */
import { z } from 'zod';
import type { Call, MailId, Orphan } from '#/model/index.ts';
import { type Custody, type Operation, operation, Refusal } from '#/ports/index.ts';
import { CONFIRMED } from './clock-guard.ts';
import type { OperationParts } from './select.ts';
import { bookLine } from './views.ts';

const orphan = z.object({
  message: z.string(),
  recipient: z.int(),
  tenant: z.string(),
  fault: z.string(),
  mended: z.boolean(),
});

/** Messages whose content is checked in one call to the store. */
const SCRUB_BATCH = 200;

export function auditOperations(parts: OperationParts): readonly Operation[] {
  return [audit(parts), live(parts), confirmClock(parts)];
}

function audit({ custody, auditLog }: OperationParts): Operation {
  return operation({
    name: 'books.audit',
    summary: 'Counts everything again and looks for rows that nothing will move; with `full`, checks all content.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({ full: z.boolean().default(false) }),
    output: z.object({
      balanced: z.boolean(),
      tenants: z.array(bookLine),
      orphans: z.array(orphan),
      auditLog: z.object({ entries: z.int(), brokenAt: z.int().nullable() }),
    }),
    // Monitoring asks every few minutes; what is mended stands in the journal.
    subject: () => null,
    async handle({ full }, { call }) {
      const orphans = [...(await custody.sweep(call)), ...(full ? await scrubAll(custody, call) : [])];
      const counts = await custody.recount(call);
      const balanced = counts.every((count) => count.balanced) && orphans.every(({ mended }) => mended);
      const tenants = counts.map(({ books }) => ({ ...books }));
      return { balanced, tenants, orphans, auditLog: { ...(await auditLog.verifyAudit(call)) } };
    },
  });
}

async function scrubAll(custody: Pick<Custody, 'scrub'>, call: Call): Promise<readonly Orphan[]> {
  const orphans: Orphan[] = [];
  let after: MailId | null = null;
  do {
    if (performance.now() > call.deadlineAt)
      throw new Refusal(4, 'The full audit did not end in time. Allow it more with --timeout.');
    const step: Awaited<ReturnType<Custody['scrub']>> = await custody.scrub(after, SCRUB_BATCH, call);
    orphans.push(...step.orphans);
    after = step.next;
  } while (after !== null);
  return orphans;
}

function live({ custody }: OperationParts): Operation {
  return operation({
    name: 'books.live',
    summary: 'The books as they are kept, without counting again.',
    scope: 'operator',
    reads: true,
    input: z.strictObject({}),
    output: z.array(bookLine),
    async handle(_input, { call }) {
      return (await custody.books(call)).map((books) => ({ ...books }));
    },
  });
}

function confirmClock({ custody, clock }: OperationParts): Operation {
  return operation({
    name: 'clock.confirm',
    summary: 'Says that the time is right, so that expiry, releases by time and purges go on.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({}),
    output: z.object({ confirmed: z.string() }),
    async handle(_input, { by, call }) {
      const at = new Date(clock.now()).toISOString();
      await custody.remember(CONFIRMED, `${at} ${by}`, call);
      return { confirmed: at };
    },
  });
}
