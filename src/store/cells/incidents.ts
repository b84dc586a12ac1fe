/** `ports/incident-book.ts` over cells: incidents are the installation's, and stand in its first cell, as its own mail does. */
import type { IncidentBook } from '#/ports/index.ts';
import type { CellStores, Cells } from './cell.ts';

export function cellsIncidents(cells: Cells): IncidentBook {
  const ask = <T>(work: (book: IncidentBook) => Promise<T>): Promise<T> =>
    cells.ask(cells.first, ({ incidents }: CellStores) => work(incidents));
  return {
    append: (writing, call) => ask((book) => book.append(writing, call)),
    load: (id, call) => ask((book) => book.load(id, call)),
    list: (filter, limit, call) => ask((book) => book.list(filter, limit, call)),
    keepPart: (part, octets, call) => ask((book) => book.keepPart(part, octets, call)),
    file: (incident, file, call) => ask((book) => book.file(incident, file, call)),
    [Symbol.asyncDispose]: async () => {},
  };
}
