import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { PastMails } from '#/ports/index.ts';
import { POSTGRES_VERSIONS, type Postgres, startPostgres } from '../../../test/support/postgres.ts';
import { FORGET_ALL_PAST, pastMailsContract } from '../contract/past-mails.ts';
import type { KeyRing } from '../keys/index.ts';
import { openPostgresKeys } from './open.ts';
import { openPostgresPastMails } from './past-mails.ts';

for (const version of POSTGRES_VERSIONS) {
  const postgres = await startPostgres({ version });
  if ('missing' in postgres) test(`past mails on PostgreSQL ${version}`, { skip: postgres.missing });
  else describe(`past mails on PostgreSQL ${version}`, () => suite(postgres));
}

function suite(postgres: Postgres): void {
  let url: string;
  let dir: string;
  let keyRing: KeyRing & AsyncDisposable;
  let past: PastMails;

  before(async () => {
    url = await postgres.emptyDatabase();
    dir = await mkdtemp(join(tmpdir(), 'holdfast-past-'));
    keyRing = await openPostgresKeys({ url, secretsKeyFile: join(dir, 'secrets.key') });
    past = openPostgresPastMails({ url, keyRing });
  });

  after(async () => {
    await past[Symbol.asyncDispose]();
    await keyRing[Symbol.asyncDispose]();
    await rm(dir, { recursive: true });
    await postgres[Symbol.asyncDispose]();
  });

  pastMailsContract(`PostgreSQL ${postgres.version}`, async () => ({
    past,
    reopen: async () => {
      await past[Symbol.asyncDispose]();
      past = openPostgresPastMails({ url, keyRing });
      return past;
    },
    [Symbol.asyncDispose]: async () =>
      void (await postgres.query(
        `SET search_path = holdfast; ${FORGET_ALL_PAST}`,
        url.slice(url.lastIndexOf('/') + 1),
      )),
  }));
}
