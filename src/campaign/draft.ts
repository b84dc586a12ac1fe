/** Drafting: the answer to a question, written down recipient by recipient, so that whatever happens to the mail later its scope stays what it was. */
import type { Call, CampaignId } from '#/model/index.ts';
import { newMailId } from '#/model/index.ts';
import {
  type AffectedPage,
  type AffectedQuery,
  type Campaigns,
  type Clock,
  type Journal,
  type NewCampaign,
  type RecipientPlace,
  Refusal,
} from '#/ports/index.ts';
import { SCOPE_MAX, SCOPE_STEP } from './limits.ts';

export interface DraftParts {
  readonly campaigns: Campaigns;
  readonly journal: Pick<Journal, 'affected'>;
  readonly clock: Pick<Clock, 'now'>;
}

export type DraftTerms = Pick<NewCampaign, 'title' | 'unlessChosen' | 'perSecond' | 'note' | 'by'>;

/** Writes the scope, then the campaign: one that breaks off half-way never comes to be. Only who is unserved now is in it. */
export async function draft(
  query: AffectedQuery,
  terms: DraftTerms,
  parts: DraftParts,
  call: Call,
): Promise<CampaignId> {
  const { campaigns, clock } = parts;
  const draftedAt = clock.now();
  const id = newMailId(draftedAt) as string as CampaignId;
  let count = 0;
  for await (const items of unserved(query, parts, call)) {
    count += items.length;
    if (count > SCOPE_MAX)
      throw new Refusal(2, `More than ${SCOPE_MAX} recipients are unserved: make campaigns of parts of the window.`);
    await campaigns.scope(id, items, call);
  }
  if (count === 0) throw new Refusal(1, 'Nobody in this window is unserved: there is nothing to send again.');
  await campaigns.draft({ id, query, draftedAt, ...terms }, call);
  return id;
}

async function* unserved(query: AffectedQuery, { journal }: DraftParts, call: Call) {
  let after: RecipientPlace | null = null;
  do {
    const page: AffectedPage = await journal.affected(query, after, SCOPE_STEP, call);
    yield page.items
      .filter(({ state }) => state !== 'delivered')
      .map(({ message, n, tenant }) => ({ message, n, tenant }));
    after = page.next;
  } while (after !== null);
}
