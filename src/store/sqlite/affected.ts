/**
 * Whom a fault in a window may have touched (H6): recipients with a journal event that a query means, in the hot tables and the closed days. Each
 * file gives its keys sorted, and they are merged: what stands in memory is one recipient, however many match.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { MailId } from '#/model/index.ts';
import { PROBE_TENANT } from '#/model/index.ts';
import type { AffectedCount, AffectedPage, AffectedQuery, AffectedRecipient, RecipientPlace } from '#/ports/index.ts';
import { AffectedTally, affectedOf, comparePlaces, destinationsOf, isByWorker, pageOf } from '../custody/index.ts';
import type { Archive } from './archive.ts';
import type { Deadline } from './deadline.ts';
import { dayOf } from './forget.ts';
import type { History } from './history.ts';
import { JournalSpan } from './journal-span.ts';
import { mailOf, type RecipientRow } from './rows.ts';
import type { SqlValue } from './statement.ts';
import { Statement } from './statement.ts';

const FIRST: RecipientPlace = { message: '' as MailId, n: 0 };

export class AffectedReader {
  readonly #db: DatabaseSync;
  readonly #hot: History;
  readonly #archive: Archive;
  readonly #span: JournalSpan;
  /** Where the last recipient was found that had ended on a closed day: its neighbours mostly ended there, too. */
  #lately = '';

  constructor(db: DatabaseSync, hot: History, archive: Archive) {
    this.#db = db;
    this.#hot = hot;
    this.#archive = archive;
    this.#span = new JournalSpan(db);
  }

  /** The caller keeps one view of the hot file open. */
  counts(query: AffectedQuery, deadline: Deadline): AffectedCount[] {
    const tally = new AffectedTally();
    for (const { place, row } of this.#found(query, FIRST, deadline))
      tally.add(row.tenant, place, row.state === 'delivered');
    return tally.counts();
  }

  list(query: AffectedQuery, after: RecipientPlace | null, limit: number, deadline: Deadline): AffectedPage {
    const items: AffectedRecipient[] = [];
    for (const { place, row, history } of this.#found(query, after ?? FIRST, deadline)) {
      const message = history.message(place.message);
      if (message !== undefined) items.push(affectedOf(mailOf(message), row, row));
      if (items.length > limit) break;
    }
    return pageOf(items, limit);
  }

  *#found(
    query: AffectedQuery,
    after: RecipientPlace,
    deadline: Deadline,
  ): Generator<{ place: RecipientPlace; row: RecipientRow; history: History }> {
    const days = this.#archive.days();
    const closed = days.filter((day) => day >= dayOf(query.from) && day <= dayOf(query.to - 1));
    using files = new DisposableStack();
    const streams = [
      ...this.#span.ranges(query.from, query.to).map((range) => {
        const between: Where = [`NOT INDEXED WHERE seq >= ? AND seq < ?`, [range.from, range.to]];
        return keysIn(this.#db, between, query, after);
      }),
      ...closed.map((day) => {
        // Its own: the archive closes what it has open when it opens many.
        const file = files.adopt(this.#archive.openApart(day), (db) => db.close());
        return keysIn(file, ['WHERE true', []], query, after);
      }),
    ];
    for (const place of merged(streams)) {
      deadline.check();
      const found = this.#stand(place, days);
      if (found !== null) yield { place, ...found };
    }
  }

  // The row of one that ended goes to the day of its end, which is that of its events or a later one.
  #stand({ message, n }: RecipientPlace, days: readonly string[]): { row: RecipientRow; history: History } | null {
    const row = this.#hot.recipient(message, n);
    if (row !== undefined) return { row, history: this.#hot };
    const lately = days.includes(this.#lately) ? [this.#lately] : [];
    for (const day of [...lately, ...days.toReversed()]) {
      const history = this.#archive.history(day);
      const closed = history.recipient(message, n);
      if (closed === undefined) continue;
      this.#lately = day;
      return { row: closed, history };
    }
    return null;
  }
}

type Where = readonly [sql: string, values: readonly SqlValue[]];
type Key = { message: MailId; recipient: number };

/** Places of one file, sorted, each once. */
function keysIn(db: DatabaseSync, [where, values]: Where, query: AffectedQuery, after: RecipientPlace): Iterable<Key> {
  const { sql, bound } = conditionsOf(db, query);
  const text = `SELECT message, recipient FROM journal ${where} AND at >= ? AND at < ? AND tenant <> ?${sql}
    AND (message, recipient) > (?, ?) GROUP BY message, recipient ORDER BY message, recipient`;
  const span = [query.from, query.to, PROBE_TENANT];
  return new Statement<Key>(db, text).iterate(...values, ...span, ...bound, after.message, after.n);
}

// Sources are few: they are read, and their keys bound, in place of a join for each event.
function conditionsOf(db: DatabaseSync, query: AffectedQuery): { sql: string; bound: readonly SqlValue[] } {
  const { component, worker, policy, destination, tenant } = query;
  const parts: Where[] = [];
  if (tenant !== undefined) parts.push([' AND tenant = ?', [tenant]]);
  if (policy !== undefined) parts.push([' AND rule = ?', [policy]]);
  if (destination !== undefined) parts.push([' AND destination IN (?, ?)', destinationsOf(destination)]);
  const sources = component === undefined && worker === undefined ? [] : sourcesOf(db, query);
  if (worker !== undefined) parts.push([` AND source IN (${listOf(sources)})`, []]);
  if (component !== undefined) {
    const own = sources.filter((source) => source.component === component);
    parts.push([` AND (stage = ? OR source IN (${listOf(own)}))`, [component]]);
  }
  return { sql: parts.map(([sql]) => sql).join(''), bound: parts.flatMap(([, values]) => values) };
}

type Source = { id: number; component: string; worker: string };

function sourcesOf(db: DatabaseSync, query: AffectedQuery): Source[] {
  const all = new Statement<Source>(db, 'SELECT id, component, worker FROM source').all();
  return all.filter((source) => isByWorker(query, source));
}

function listOf(sources: readonly Source[]): string {
  return sources.map(({ id }) => Number(id)).join(', ');
}

/** One sorted stream of several, each place once. */
function* merged(streams: readonly Iterable<Key>[]): Generator<RecipientPlace> {
  const iterators = streams.map((stream) => stream[Symbol.iterator]());
  try {
    const heads = iterators.map((one) => placeOf(one.next()));
    for (;;) {
      const least = heads.reduce(
        (best, head) => (head !== null && (best === null || comparePlaces(head, best) < 0) ? head : best),
        null,
      );
      if (least === null) return;
      yield least;
      for (const [i, head] of heads.entries())
        if (head !== null && comparePlaces(head, least) === 0) heads[i] = placeOf(iterators[i]?.next());
    }
  } finally {
    // A statement that is left half-way holds its view open.
    for (const one of iterators) one.return?.();
  }
}

function placeOf(step: IteratorResult<Key> | undefined): RecipientPlace | null {
  if (step === undefined || step.done === true) return null;
  return { message: step.value.message, n: step.value.recipient };
}
