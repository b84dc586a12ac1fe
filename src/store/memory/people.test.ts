import { peopleBookContract } from '../contract/people.ts';
import { peoplePushesContract } from '../contract/people-pushes.ts';
import { openMemoryPeople } from './people.ts';

for (const contract of [peopleBookContract, peoplePushesContract])
  contract('memory', async () => {
    const book = openMemoryPeople();
    return { book, reopen: null, another: null, [Symbol.asyncDispose]: () => book[Symbol.asyncDispose]() };
  });
