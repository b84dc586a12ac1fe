/** The recipients of a campaign, with what people know them by: read from the journal as it is now, since no address is kept with a campaign. */
import { z } from 'zod';
import { CAMPAIGN_OUTCOMES, type CampaignId, type MailId, type TenantId } from '#/model/index.ts';
import { type CampaignLine, type Operation, operation, Refusal, type Trace } from '#/ports/index.ts';
import { LINES_MAX, LOOK_AT } from './limits.ts';
import type { CampaignParts } from './operations.ts';

const line = z.object({
  id: z.string(),
  recipient: z.int(),
  tenant: z.string(),
  /** Null where nothing of it is kept any more. */
  address: z.string().nullable(),
  from: z.string().nullable(),
  subject: z.string().nullable(),
  choice: z.enum(['send', 'stop']).nullable(),
  outcome: z.enum(CAMPAIGN_OUTCOMES),
  detail: z.string(),
});

/** `campaign.lines`. */
export function lines({ campaigns, journal }: Pick<CampaignParts, 'campaigns' | 'journal'>): Operation {
  return operation({
    name: 'campaign.lines',
    summary:
      'Each message and recipient of a campaign, with its choice and how far it has come, in pages; a tenant sees its own.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({
      id: z.string().max(40),
      tenant: z.string().optional(),
      outcome: z.enum(CAMPAIGN_OUTCOMES).optional(),
      limit: z.int().min(1).max(LINES_MAX).default(500),
      after: z.string().max(40).nullable().default(null),
    }),
    output: z.object({ items: z.array(line), next: z.string().nullable() }),
    async handle({ id, tenant, outcome, limit, after }, { call }) {
      const campaign = id.toUpperCase() as CampaignId;
      const found = await campaigns.show(campaign, call);
      const isTheirs = tenant === undefined || found?.state !== 'drafted';
      const filter = {
        ...(tenant !== undefined && { tenant: tenant as TenantId }),
        ...(outcome !== undefined && { outcomes: [outcome] }),
      };
      const some = isTheirs ? await campaigns.items(campaign, filter, placeIn(after), limit, call) : [];
      const traces = new Map<MailId, Trace>();
      const ids = [...new Set(some.map(({ message }) => message))];
      for (let from = 0; from < ids.length; from += LOOK_AT) {
        const step = ids.slice(from, from + LOOK_AT);
        for (const trace of await journal.trace({ ids: step }, step.length, call)) traces.set(trace.id, trace);
      }
      const last = some.length === limit ? some.at(-1) : undefined;
      return {
        items: some.map((one) => viewLine(one, traces.get(one.message))),
        next: last === undefined ? null : `${last.message}/${last.n}`,
      };
    },
  });
}

function viewLine(
  { message, n, tenant, choice, outcome, detail }: CampaignLine,
  trace: Trace | undefined,
): z.input<typeof line> {
  const address = trace?.recipients.find((one) => one.n === n)?.address ?? null;
  const { from = null, subject = null } = trace ?? {};
  return { id: message, recipient: n, tenant, address, from, subject, choice, outcome, detail };
}

function placeIn(text: string | null) {
  if (text === null) return null;
  const [, message, n] = /^([0-9A-Z-]{16,24})\/(\d{1,9})$/.exec(text) ?? [];
  if (message === undefined || n === undefined)
    throw new Refusal(2, `"${text}" is no place in the list: give the "next" of a page.`);
  return { message: message as MailId, n: Number(n) };
}
