/** `ports/journal.ts` over cells: one list of all, or an error that names the cell that is away. */
import type { Call, MailId } from '#/model/index.ts';
import type {
  AffectedCount,
  AffectedPage,
  AffectedQuery,
  Journal,
  QueueFilter,
  RecipientPlace,
  Trace,
  TraceQuery,
} from '#/ports/index.ts';
import { comparePlaces } from '../custody/index.ts';
import type { CellStores, Cells } from './cell.ts';

/** What happened in all cells. */
export function cellsJournal(cells: Cells): Journal {
  return new CellsJournal(cells);
}

type QueuePage = Awaited<ReturnType<Journal['queue']>>;

class CellsJournal implements Journal {
  readonly #cells: Cells;

  constructor(cells: Cells) {
    this.#cells = cells;
  }

  async trace(query: TraceQuery, limit: number, call: Call): Promise<readonly Trace[]> {
    const found = await this.#cells.askFor(query, ({ journal }) => journal.trace(query, limit, call), idsOf);
    return found
      .flat()
      .sort((one, other) => other.receivedAt - one.receivedAt || compare(other.id, one.id))
      .slice(0, limit);
  }

  async queue(filter: QueueFilter, after: MailId | null, limit: number, call: Call): Promise<QueuePage> {
    const pages = await this.#cells.askFor(
      filter,
      ({ journal }) => journal.queue(filter, after, limit, call),
      ({ items }) => idsOf(items),
    );
    return mergePages(pages, limit);
  }

  /** Counts add up; of the quantiles the slowest cell's is told, since they can't be put together. */
  async firstAttempts(since: number, call: Call): ReturnType<Journal['firstAttempts']> {
    const answers = await this.#cells.askAll(({ journal }) => journal.firstAttempts(since, call));
    const worst = (of: 'p50' | 'p95' | 'p99'): number => Math.max(...answers.map((answer) => answer[of]));
    const count = answers.reduce((sum, answer) => sum + answer.count, 0);
    return { count, p50: worst('p50'), p95: worst('p95'), p99: worst('p99') };
  }

  /** A tenant is in one cell: the counts stand side by side. */
  async affectedCounts(query: AffectedQuery, call: Call): Promise<readonly AffectedCount[]> {
    const counts = await this.#cells.askFor(
      tenantOf(query),
      ({ journal }) => journal.affectedCounts(query, call),
      noIds,
    );
    return counts.flat().sort((one, other) => compare(one.tenant, other.tenant));
  }

  async affected(query: AffectedQuery, after: RecipientPlace | null, limit: number, call: Call): Promise<AffectedPage> {
    const work = ({ journal }: CellStores): Promise<AffectedPage> => journal.affected(query, after, limit, call);
    return mergeAffected(await this.#cells.askFor(tenantOf(query), work, noIds), limit);
  }
}

/** Ids are ordered by time in every cell alike. A page that has a next one says nothing of what stands behind it. */
function mergePages(pages: readonly QueuePage[], limit: number): QueuePage {
  const ends = pages.flatMap(({ next }) => (next === null ? [] : [next])).sort(compare);
  const [end = null] = ends;
  const items = pages
    .flatMap((page) => page.items)
    .filter(({ id }) => end === null || compare(id, end) <= 0)
    .sort((one, other) => compare(one.id, other.id));
  if (items.length <= limit) return { items, next: end };
  const kept = items.slice(0, limit);
  return { items: kept, next: kept.at(-1)?.id ?? end };
}

/** The same for recipients. */
function mergeAffected(pages: readonly AffectedPage[], limit: number): AffectedPage {
  const [end = null] = pages.flatMap(({ next }) => (next === null ? [] : [next])).sort(comparePlaces);
  const items = pages
    .flatMap((page) => page.items)
    .filter((item) => end === null || comparePlaces(item, end) <= 0)
    .sort(comparePlaces);
  if (items.length <= limit) return { items, next: end };
  const kept = items.slice(0, limit);
  const last = kept.at(-1);
  return { items: kept, next: last === undefined ? end : { message: last.message, n: last.n } };
}

function tenantOf({ tenant }: AffectedQuery): Pick<QueueFilter, 'tenant'> {
  return tenant === undefined ? {} : { tenant };
}

function noIds(): readonly MailId[] {
  return [];
}

function idsOf(traces: readonly Trace[]): readonly MailId[] {
  return traces.map(({ id }) => id);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
