/** Where is it: messages that a query names, gathered from what is live and what has ended on any day that is kept. */
import type { Call, MailId } from '#/model/index.ts';
import { timeOfMailId } from '#/model/index.ts';
import type { Trace, TraceQuery } from '#/ports/index.ts';
import { traceMatches, traceOf } from '../custody/index.ts';
import { candidates } from './candidates.ts';
import type { Found } from './history.ts';
import { loadEvents, loadMessages } from './history.ts';
import { mailOf, shownOf } from './reading-rows.ts';
import type { Sql } from './sql.ts';

/** Newest first, at most `limit`. The caller keeps one view open. */
export async function trace(sql: Sql, query: TraceQuery, limit: number, call: Call): Promise<Trace[]> {
  const found = new Map<MailId, Trace>();
  for await (const { ids, olderThan } of candidates(sql, query, call)) {
    const fresh = ids.filter((id) => !found.has(id));
    for (const each of await loadMessages(sql, fresh, call)) {
      const shown = matching(query, each);
      if (shown !== null) found.set(shown.id, shown);
    }
    const last = newest(found, limit)[limit - 1];
    if (last !== undefined && timeOfMailId(last.id) > olderThan) break;
  }
  const shown = newest(found, limit);
  const events = await loadEvents(sql, shown, call);
  return shown.map((each) => ({ ...each, events: events.get(each.id) ?? [] }));
}

function matching(query: TraceQuery, { message, recipients }: Found): Trace | null {
  const mail = mailOf(message);
  const shown = recipients.map(shownOf);
  const flat = shown.map(({ facts, progress }) => ({ ...facts, progress }));
  return traceMatches(query, mail, flat) ? traceOf(mail, shown, []) : null;
}

function newest(found: ReadonlyMap<MailId, Trace>, limit: number): Trace[] {
  return [...found.values()].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit);
}
