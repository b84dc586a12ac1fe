/** Outcomes of a claim, with the mails born of them, in one savepoint (H4). */
import type { MailId, Settled } from '#/model/index.ts';
import { isLive } from '#/model/index.ts';
import { bornOnce, bornWith, hasOnce, hasReport, isTold, settled, untold } from '../custody/index.ts';
import { enter } from './accept.ts';
import type { WriterCalls } from './protocol.ts';
import type { CustodyRow } from './recipients.ts';
import type { Tables } from './tables.ts';

type Input = WriterCalls['settle']['input'];
type One = Input['outcomes'][number];

/**
 * One answer per outcome. A `delivered` is recorded whoever brings it; other outcomes only by the holder of the claim. Mails are born
 * only where every outcome that they may tell of stands.
 */
export function settle(tables: Tables, input: Input): Settled[] {
  const holder = tables.workers.living(input.worker)?.key ?? null;
  const whole = !hasReport(input.born) || input.outcomes.every((each) => !isTold(each.outcome) || stands(each));
  const answers = input.outcomes.map((each) => {
    const outcome = whole ? each.outcome : untold(each.outcome, tables.now);
    const answer = settleOne(tables, input, { ...each, outcome }, holder);
    return answer === 'settled' && outcome !== each.outcome ? 'lapsed' : answer;
  });
  for (const mail of unborn(tables, input.message, bornWith(input.born, input.outcomes, answers, whole)))
    enter(tables, mail, null, 'deliver', input.worker);
  return answers;

  function stands({ n, token }: One): boolean {
    const row = tables.recipients.find(input.message, n);
    return row !== undefined && isLive(row.progress.state) && isHeldBy(row, holder, token);
  }
}

/** Without those that their parent has borne already. */
function unborn(tables: Tables, parent: MailId, born: Input['born']): Input['born'] {
  if (!hasOnce(born)) return born;
  // The parent may have come with this group.
  tables.writeYoung();
  const before = tables.messages.bornOf(parent);
  const fresh = bornOnce(born, before);
  if (fresh.names.size > before.size) tables.messages.bear(parent, fresh.names);
  return fresh.born;
}

function settleOne(tables: Tables, input: Input, { n, token, outcome }: One, holder: number | null): Settled {
  const row = tables.recipients.find(input.message, n);
  if (row === undefined || !isLive(row.progress.state)) return 'already';
  if (!isHeldBy(row, holder, token) && outcome.kind !== 'delivered') return 'lapsed';
  const change = settled(row.progress, outcome, input, tables.now, tables.settings);
  const by = tables.workers.source(input.component ?? 'deliver', input.worker, input.elapsedMs, input.peer);
  tables.recipients.move(row, change, by, tables.now);
  return 'settled';
}

function isHeldBy(row: CustodyRow, holder: number | null, token: number): boolean {
  return holder !== null && row.claimBy === holder && row.token === token;
}
