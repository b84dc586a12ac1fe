import { incidentBookContract } from '../contract/incident-book.ts';
import { openMemoryIncidents } from './incidents.ts';

incidentBookContract('memory', async () => {
  const book = openMemoryIncidents();
  return { book, reopen: null, [Symbol.asyncDispose]: () => book[Symbol.asyncDispose]() };
});
