import { peopleBookContract } from '../contract/people.ts';
import { peoplePushesContract } from '../contract/people-pushes.ts';
import { settledCells } from './fixture.ts';
import { cellsPeople } from './index.ts';

// The two tenants of the suite are in different cells.
for (const contract of [peopleBookContract, peoplePushesContract])
  contract('cells', async () => {
    const { cells } = await settledCells();
    return { book: cellsPeople(cells), reopen: null, another: null, [Symbol.asyncDispose]: async () => {} };
  });
