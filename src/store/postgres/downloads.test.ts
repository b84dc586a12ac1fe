import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { POSTGRES_VERSIONS, type Postgres, startPostgres } from '../../../test/support/postgres.ts';
import { decisionsContract } from '../contract/decisions.ts';
import { domainKeysContract } from '../contract/domain-keys.ts';
import { downloadsContract, FORGET_ALL } from '../contract/downloads.ts';
import { endedSessionsContract } from '../contract/ended-sessions.ts';
import type { KeyRing } from '../keys/index.ts';
import { openPostgresDownloads } from './downloads.ts';
import { openPostgresKeys } from './open.ts';

for (const version of POSTGRES_VERSIONS) {
  const postgres = await startPostgres({ version });
  if ('missing' in postgres) test(`downloads on PostgreSQL ${version}`, { skip: postgres.missing });
  else describe(`downloads on PostgreSQL ${version}`, () => suite(postgres));
}

function suite(postgres: Postgres): void {
  let url: string;
  let dir: string;
  let keyRing: KeyRing & AsyncDisposable;
  let downloads: Awaited<ReturnType<typeof openPostgresDownloads>>;
  const emptied = async (): Promise<void> =>
    void (await postgres.query(`SET search_path = holdfast; ${FORGET_ALL}`, url.slice(url.lastIndexOf('/') + 1)));

  before(async () => {
    url = await postgres.emptyDatabase();
    dir = await mkdtemp(join(tmpdir(), 'holdfast-downloads-'));
    keyRing = await openPostgresKeys({ url, secretsKeyFile: join(dir, 'secrets.key') });
    downloads = await openPostgresDownloads({ url, keyRing });
  });

  after(async () => {
    await downloads[Symbol.asyncDispose]();
    await keyRing[Symbol.asyncDispose]();
    await rm(dir, { recursive: true });
    await postgres[Symbol.asyncDispose]();
  });

  downloadsContract(`PostgreSQL ${postgres.version}`, async () => ({
    downloads,
    reopen: async () => {
      await downloads[Symbol.asyncDispose]();
      downloads = await openPostgresDownloads({ url, keyRing });
      return downloads;
    },
    [Symbol.asyncDispose]: emptied,
  }));

  endedSessionsContract(`PostgreSQL ${postgres.version}`, async () => {
    const opened = new AsyncDisposableStack();
    opened.defer(emptied);
    return {
      sessions: downloads.sessions,
      other: async () => opened.use(await openPostgresDownloads({ url, keyRing })).sessions,
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  });

  decisionsContract(`PostgreSQL ${postgres.version}`, async () => ({
    decisions: downloads.decisions,
    [Symbol.asyncDispose]: emptied,
  }));

  domainKeysContract(`PostgreSQL ${postgres.version}`, async () => ({
    domainKeys: downloads.domainKeys,
    [Symbol.asyncDispose]: emptied,
  }));
}
