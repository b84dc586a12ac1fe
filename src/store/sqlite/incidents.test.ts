import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { within } from '#/model/index.ts';
import type { IncidentBook } from '#/ports/index.ts';
import { FORGET_ALL_INCIDENTS, incidentBookContract } from '../contract/incident-book.ts';
import { INCIDENTS_FILE, openSqliteIncidents } from './incidents.ts';

let dir: string;
let book: IncidentBook;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-incidents-'));
  book = openSqliteIncidents({ dir });
});

after(async () => {
  await book[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

test('design 3: a process that never asks for incidents opens nothing for them', async () => {
  await using _unused = openSqliteIncidents({ dir });
  assert.equal(existsSync(join(dir, INCIDENTS_FILE)), false);
});

// One keeper for all, emptied behind each: a thread takes its time to start.
incidentBookContract('sqlite', async () => ({
  book,
  reopen: async () => {
    await book[Symbol.asyncDispose]();
    book = openSqliteIncidents({ dir });
    return book;
  },
  [Symbol.asyncDispose]: async () => {
    const db = new DatabaseSync(join(dir, INCIDENTS_FILE), { timeout: 5_000 });
    db.exec(FORGET_ALL_INCIDENTS);
    db.close();
  },
}));

test('design 4: a file of a newer release is not read', async () => {
  const other = join(dir, 'other');
  const list = async (): Promise<void> => {
    await using opened = openSqliteIncidents({ dir: other });
    await opened.list({}, 1, within(30_000));
  };
  await list();
  const db = new DatabaseSync(join(other, INCIDENTS_FILE));
  db.exec('PRAGMA user_version = 99');
  db.close();
  await assert.rejects(list(), { code: 'store.foreign' });
});
