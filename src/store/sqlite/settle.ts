/** Outcomes of a claim, with the mails born of them, in one savepoint (H4). */
import type { Settled } from '#/model/index.ts';
import { isLive } from '#/model/index.ts';
import { settled } from '../custody/index.ts';
import { enter } from './accept.ts';
import type { WriterCalls } from './protocol.ts';
import type { Tables } from './tables.ts';

/** One answer per outcome. A `delivered` is recorded whoever brings it; other outcomes only by the holder of the claim. */
export function settle(tables: Tables, input: WriterCalls['settle']['input']): Settled[] {
  const holder = tables.workers.living(input.worker)?.key ?? null;
  const answers = input.outcomes.map((each) => settleOne(tables, input, each, holder));
  if (answers.includes('settled')) for (const mail of input.born) enter(tables, mail, null, 'deliver', input.worker);
  return answers;
}

function settleOne(
  tables: Tables,
  input: WriterCalls['settle']['input'],
  { n, token, outcome }: WriterCalls['settle']['input']['outcomes'][number],
  holder: number | null,
): Settled {
  const row = tables.recipients.find(input.message, n);
  if (row === undefined || !isLive(row.progress.state)) return 'already';
  const holds = holder !== null && row.claimBy === holder && row.token === token;
  if (!holds && outcome.kind !== 'delivered') return 'lapsed';
  const change = settled(row.progress, outcome, input, tables.now, tables.settings);
  const by = tables.workers.source('deliver', input.worker, input.elapsedMs, input.peer);
  tables.recipients.move(row, change, by, tables.now);
  return 'settled';
}
