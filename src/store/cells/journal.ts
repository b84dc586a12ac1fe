/** `ports/journal.ts` over cells: one list of all, or an error that names the cell that is away. */
import type { Call, MailId } from '#/model/index.ts';
import type { Journal, QueueFilter, Trace, TraceQuery } from '#/ports/index.ts';
import type { Cells } from './cell.ts';

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

function idsOf(traces: readonly Trace[]): readonly MailId[] {
  return traces.map(({ id }) => id);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
