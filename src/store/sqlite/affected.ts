/**
 * Whom a fault in a window may have touched (H6): recipients with a journal event that a query means, in the hot tables and the closed days.
 *
 * Mostly the window lies in one file, and all rows that are meant stand in it: then the file counts by itself. Where it does not, each file gives
 * its keys sorted, and they are merged: what stands in memory is one recipient, however many match.
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
    using places = this.#placesOf(query, this.#archive.days());
    const [only] = places.all;
    const counted = places.all.length === 1 && only !== undefined ? countedIn(only, query) : null;
    return counted ?? this.#countedOneByOne(query, deadline);
  }

  #countedOneByOne(query: AffectedQuery, deadline: Deadline): AffectedCount[] {
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
    using places = this.#placesOf(query, days);
    for (const place of merged(places.all.map((one) => keysIn(one, query, after)))) {
      deadline.check();
      const found = this.#stand(place, days);
      if (found !== null) yield { place, ...found };
    }
  }

  /** Where events of the window may stand. */
  #placesOf({ from, to }: AffectedQuery, days: readonly string[]): Places {
    const closed = days.filter((day) => day >= dayOf(from) && day <= dayOf(to - 1));
    const hot = this.#span.ranges(from, to).map((range): Place => {
      const where: Where = ['NOT INDEXED WHERE seq >= ? AND seq < ?', [range.from, range.to]];
      return { db: this.#db, where };
    });
    // Files of their own: the archive closes what it has open when it opens many.
    const files = closed.map((day) => this.#archive.openApart(day));
    return {
      all: [...hot, ...files.map((db): Place => ({ db, where: ['WHERE true', []] }))],
      [Symbol.dispose]: () => {
        for (const db of files) db.close();
      },
    };
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
/** A part of the journal: one file, and what of it to read. */
type Place = { readonly db: DatabaseSync; readonly where: Where };
type Places = Disposable & { readonly all: readonly Place[] };
type Key = { message: MailId; recipient: number };

/** Counted by the file itself; null where a recipient's row is not in it. */
function countedIn({ db, where }: Place, query: AffectedQuery): AffectedCount[] | null {
  const [conditions, values] = conditionsOf(db, where, query);
  const text = `WITH key AS MATERIALIZED (SELECT DISTINCT message, recipient FROM journal ${conditions})
    SELECT r.tenant, count(DISTINCT r.message) AS messages, count(*) AS recipients, sum(r.state <> 'delivered') AS unserved
    FROM key LEFT JOIN recipient r ON r.message = key.message AND r.n = key.recipient GROUP BY r.tenant ORDER BY r.tenant`;
  const counts = new Statement<AffectedCount & { tenant: AffectedCount['tenant'] | null }>(db, text).all(...values);
  return counts.every(({ tenant }) => tenant !== null) ? counts : null;
}

/** Recipients of one place behind `after`, sorted, each once. */
function keysIn({ db, where }: Place, query: AffectedQuery, after: RecipientPlace): Iterable<Key> {
  const [conditions, values] = conditionsOf(db, where, query);
  const text = `SELECT message, recipient FROM journal ${conditions}
    AND (message, recipient) > (?, ?) GROUP BY message, recipient ORDER BY message, recipient`;
  return new Statement<Key>(db, text).iterate(...values, after.message, after.n);
}

// Sources are few: they are read, and their keys written out, in place of a join for each event. What leaves out most is asked first.
function conditionsOf(db: DatabaseSync, [where, bounds]: Where, query: AffectedQuery): Where {
  const { component, worker, policy, destination, tenant } = query;
  const parts: Where[] = [[where, bounds]];
  const sources = component === undefined && worker === undefined ? [] : sourcesOf(db, query);
  if (worker !== undefined) parts.push([isOneOf(sources), []]);
  if (component !== undefined) {
    const own = sources.filter((source) => source.component === component);
    parts.push([`(stage = ? OR ${isOneOf(own)})`, [component]]);
  }
  if (tenant !== undefined) parts.push(['tenant = ?', [tenant]]);
  if (policy !== undefined) parts.push(['rule = ?', [policy]]);
  if (destination !== undefined) parts.push(['destination IN (?, ?)', destinationsOf(destination)]);
  parts.push(['at >= ? AND at < ? AND tenant <> ?', [query.from, query.to, PROBE_TENANT]]);
  return [parts.map(([sql]) => sql).join(' AND '), parts.flatMap(([, values]) => values)];
}

type Source = { id: number; component: string; worker: string };

function sourcesOf(db: DatabaseSync, query: AffectedQuery): Source[] {
  const all = new Statement<Source>(db, 'SELECT id, component, worker FROM source').all();
  return all.filter((source) => isByWorker(query, source));
}

/** One is compared and not searched for: half the time of a row that is left out. */
function isOneOf(sources: readonly Source[]): string {
  const ids = sources.map(({ id }) => Number(id));
  return ids.length === 1 ? `source = ${ids.join()}` : `source IN (${ids.join(', ')})`;
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
