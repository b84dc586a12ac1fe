import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before } from 'node:test';
import type { StatusHistory } from '#/ports/index.ts';
import { FORGET_STATUS, statusHistoryContract } from '../contract/status-history.ts';
import { openSqliteStatusHistory } from './status-history.ts';

let dir: string;
let history: StatusHistory;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-status-'));
  history = openSqliteStatusHistory({ dir });
});

after(async () => {
  await history[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

// One keeper for all, emptied behind each: a thread takes its time to start.
statusHistoryContract('sqlite', async () => ({
  history,
  reopen: async () => {
    await history[Symbol.asyncDispose]();
    history = openSqliteStatusHistory({ dir });
    return history;
  },
  [Symbol.asyncDispose]: async () => {
    const db = new DatabaseSync(join(dir, 'status.db'), { timeout: 5_000 });
    db.exec(FORGET_STATUS);
    db.close();
  },
}));
