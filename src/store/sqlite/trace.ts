/** Where is it: messages that a query names, gathered from the hot tables and the closed days. */
import type { DatabaseSync } from 'node:sqlite';
import type { MailId } from '#/model/index.ts';
import { mailIdAt } from '#/model/index.ts';
import type { Trace, TraceQuery } from '#/ports/index.ts';
import { addressHash, messageIdHash, traceMatches, traceOf } from '../custody/index.ts';
import type { Archive } from './archive.ts';
import type { Deadline } from './deadline.ts';
import { dayOf } from './forget.ts';
import { History } from './history.ts';
import { LookUpTail } from './look-up.ts';
import type { MessageRow, RecipientRow } from './rows.ts';
import { factsOf, mailOf, progressOf } from './rows.ts';

const DAY_MS = 86_400_000;
/** Behind every id. */
const LAST_ID = '~';

export class Tracer {
  readonly #hot: History;
  readonly #tail: LookUpTail;
  readonly #archive: Archive;

  constructor(db: DatabaseSync, archive: Archive) {
    this.#hot = new History(db);
    this.#tail = new LookUpTail(db);
    this.#archive = archive;
  }

  /** Newest first, at most `limit`. The caller keeps one view of the hot file open. */
  trace(query: TraceQuery, limit: number, deadline: Deadline): Trace[] {
    const days = this.#archive.days();
    const found = new Map<MailId, Trace>();
    const take = (ids: Iterable<MailId>): void => {
      let matches = 0;
      for (const id of ids) {
        deadline.check();
        const trace = found.get(id) ?? this.#load(id, query, days);
        if (trace === null) continue;
        found.set(id, trace);
        matches += 1;
        if (matches >= limit) return;
      }
    };
    if (query.ids !== undefined) take(query.ids);
    else {
      const hash = hashOf(query);
      take(this.#hotCandidates(query, hash, deadline));
      for (const day of days) {
        // A closed day holds nothing that came in after it.
        const endsAt = Date.parse(`${day}T00:00:00Z`) + DAY_MS;
        if (query.since !== undefined && endsAt < query.since) break;
        if (newest(found, limit).length >= limit && (newest(found, limit).at(-1)?.receivedAt ?? 0) >= endsAt) break;
        take(candidates(this.#archive.history(day), query, hash));
      }
    }
    return newest(found, limit).map((trace) => ({ ...trace, events: this.#events(trace, days) }));
  }

  *#hotCandidates(query: TraceQuery, hash: number | null, deadline: Deadline): Generator<MailId> {
    if (hash !== null) yield* this.#tail.find(hash, deadline);
    yield* candidates(this.#hot, query, hash);
  }

  // A message's recipients may have ended on several days, and its row is kept in each.
  #load(id: MailId, query: TraceQuery, days: readonly string[]): Trace | null {
    let message: MessageRow | undefined = this.#hot.message(id);
    const recipients = new Map<number, RecipientRow>(this.#hot.recipients(id).map((row) => [row.n, row]));
    for (const history of this.#daysSince(message?.received_at ?? null, days)) {
      const row = history.message(id);
      if (row === undefined) continue;
      message ??= row;
      for (const recipient of history.recipients(id)) recipients.getOrInsert(recipient.n, recipient);
    }
    if (message === undefined) return null;
    const mail = mailOf(message);
    const rows = [...recipients.values()].sort((a, b) => a.n - b.n);
    const shown = rows.map((row) => ({ facts: factsOf(row), progress: progressOf(row) }));
    const flat = shown.map(({ facts, progress }) => ({ ...facts, progress }));
    return traceMatches(query, mail, flat) ? traceOf(mail, shown, []) : null;
  }

  #events({ id, receivedAt }: Trace, days: readonly string[]): Trace['events'] {
    const files = [this.#hot, ...this.#daysSince(receivedAt, days)];
    const events = new Map(files.flatMap((file) => file.events(id)).map(({ seq, event }) => [seq, event]));
    return [...events].sort(([a], [b]) => a - b).map(([, event]) => event);
  }

  // A clock that was put right may have left events on the day before.
  #daysSince(receivedAt: number | null, days: readonly string[]): History[] {
    const first = receivedAt === null ? '' : dayOf(receivedAt - DAY_MS);
    return days.filter((day) => day >= first).map((day) => this.#archive.history(day));
  }
}

// The index knows whole addresses and Message-IDs; other questions read messages from the newest on.
function hashOf({ messageId, address, from, to }: TraceQuery): number | null {
  if (messageId !== undefined) return messageIdHash(messageId);
  const whole = [address, from, to].find((text) => text?.includes('@') === true && !text.startsWith('*'));
  return whole === undefined ? null : addressHash(whole);
}

function candidates(history: History, query: TraceQuery, hash: number | null): Iterable<MailId> {
  if (hash !== null) return history.lookUp.find(hash);
  // Ids follow the clock of acceptance; a minute of slack is for the time between the two.
  return history.newestFirst(query.until === undefined ? LAST_ID : mailIdAt(query.until + 60_000));
}

function newest(found: ReadonlyMap<MailId, Trace>, limit: number): Trace[] {
  return [...found.values()].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit);
}
