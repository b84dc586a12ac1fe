import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import type { PeopleBook } from '#/ports/index.ts';
import { FORGET_PEOPLE, peopleBookContract } from '../contract/people.ts';
import { peoplePushesContract } from '../contract/people-pushes.ts';
import { openSqlitePeople } from './people.ts';

let dir: string;
let book: PeopleBook;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-people-'));
  book = openSqlitePeople({ dir });
});

after(async () => {
  await book[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

// One keeper for all, emptied behind each: a thread takes its time to start.
for (const contract of [peopleBookContract, peoplePushesContract])
  contract('sqlite', async () => ({
    book,
    reopen: async () => {
      await book[Symbol.asyncDispose]();
      book = openSqlitePeople({ dir });
      return book;
    },
    another: async () => openSqlitePeople({ dir }),
    [Symbol.asyncDispose]: async () => {
      const db = new DatabaseSync(join(dir, 'people.db'), { timeout: 5_000 });
      db.exec(FORGET_PEOPLE);
      db.close();
    },
  }));

test('design 1: the file of people is its owner’s alone', async () => {
  assert.equal((await stat(join(dir, 'people.db'))).mode & 0o777, 0o600);
});
