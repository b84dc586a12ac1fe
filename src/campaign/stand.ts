/** How recipients of a campaign stand in custody, and what that means for them. */
import type { Call, CampaignItem, CampaignOutcome } from '#/model/index.ts';
import { isLive, waitsByVerdict } from '#/model/index.ts';
import type { Journal, TracedRecipient } from '#/ports/index.ts';

/** What is known of one recipient; null where nothing of it is kept any more. */
export type Standing = Pick<TracedRecipient, 'state' | 'reason'> | null;

/** Looks at a few messages together. */
export async function standingOf<Item extends CampaignItem>(
  items: readonly Item[],
  journal: Pick<Journal, 'trace'>,
  call: Call,
): Promise<ReadonlyMap<Item, Standing>> {
  if (items.length === 0) return new Map();
  const ids = [...new Set(items.map(({ message }) => message))];
  const traces = await journal.trace({ ids }, ids.length, call);
  const byId = new Map(traces.map((trace) => [trace.id, trace]));
  return new Map(
    items.map((item) => {
      const found = byId.get(item.message)?.recipients.find(({ n }) => n === item.n);
      return [item, found === undefined ? null : { state: found.state, reason: found.reason }];
    }),
  );
}

/** What becomes of a recipient when its turn comes: it is let go, or there is a word for why not. */
export function turnOf(standing: Standing): { readonly outcome: CampaignOutcome; readonly detail: string } {
  if (standing === null) return { outcome: 'left', detail: 'not kept any more' };
  const { state, reason } = standing;
  if (state === 'delivered') return { outcome: 'served before', detail: '' };
  if (!isLive(state)) return { outcome: 'left', detail: state };
  if (waitsByVerdict(standing))
    return { outcome: 'left', detail: state === 'approval' ? 'waits for approval' : 'held by policy' };
  if (state === 'held' && !MOVED_HOLDS.has(reason)) return { outcome: 'left', detail: reason };
  return { outcome: 'releasing', detail: '' };
}

/** Holds that a campaign ends: `redelivered` of custody knows the same. */
const MOVED_HOLDS: ReadonlySet<string> = new Set(['set-aside', 'operator']);

/** What came of one that was let go; null while it is on its way. */
export function endOf(standing: Standing): { readonly outcome: CampaignOutcome; readonly detail: string } | null {
  if (standing === null) return { outcome: 'undelivered', detail: 'not kept any more' };
  if (standing.state === 'delivered') return { outcome: 'served', detail: '' };
  return isLive(standing.state) ? null : { outcome: 'undelivered', detail: standing.state };
}
