import { peopleBookContract } from '../contract/people.ts';
import { openMemoryPeople } from './people.ts';

peopleBookContract('memory', async () => {
  const book = openMemoryPeople();
  return { book, reopen: null, another: null, [Symbol.asyncDispose]: () => book[Symbol.asyncDispose]() };
});
