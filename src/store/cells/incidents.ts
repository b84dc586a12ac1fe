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
    note: (note, call) => ask((book) => book.note(note, call)),
    notes: (window, limit, call) => ask((book) => book.notes(window, limit, call)),
    forgetNotes: (before, call) => ask((book) => book.forgetNotes(before, call)),
    untold: (limit, call) => ask((book) => book.untold(limit, call)),
    owe: (incident, looked, letters, call) => ask((book) => book.owe(incident, looked, letters, call)),
    take: (now, until, limit, call) => ask((book) => book.take(now, until, limit, call)),
    done: (id, as, call) => ask((book) => book.done(id, as, call)),
    letters: (since, limit, call) => ask((book) => book.letters(since, limit, call)),
    subscribe: (wish, limits, call) => ask((book) => book.subscribe(wish, limits, call)),
    subscriber: (id, call) => ask((book) => book.subscriber(id, call)),
    confirm: (id, at, call) => ask((book) => book.confirm(id, at, call)),
    unsubscribe: (id, at, call) => ask((book) => book.unsubscribe(id, at, call)),
    subscribers: (page, limit, call) => ask((book) => book.subscribers(page, limit, call)),
    answered: (id, well, call) => ask((book) => book.answered(id, well, call)),
    forgetSubscribers: (before, call) => ask((book) => book.forgetSubscribers(before, call)),
    eraseTold: (person, call) => ask((book) => book.eraseTold(person, call)),
    [Symbol.asyncDispose]: async () => {},
  };
}
