/** What a backup takes of an installation whose mail is in PostgreSQL: a dump by the installed pg_dump, and what lies in files. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { makeBackup, restoreBackup, verifyBackup } from '#/backup/index.ts';
import type { CopyWatch } from '#/ports/index.ts';
import { embeddedTarget, postgresCopyReader, postgresSource, withoutPassword } from '#/store/backup/index.ts';
import { orSkip } from '../support/or-skip.ts';
import { startPostgres } from '../support/postgres.ts';

const run = promisify(execFile);
const quiet: CopyWatch = { signal: new AbortController().signal, progress: () => {} };

function orderFor(folder: string, data: string, url: string) {
  return {
    folder,
    data,
    release: '1.2.3',
    hostname: 'mx.example.test',
    key: { included: false, id: null },
    blobs: 'included' as const,
    databaseUrl: withoutPassword(url).bare,
    now: Date.now,
  };
}

test('design 1: a backup beside PostgreSQL holds a dump that becomes the database again, and this host’s files', async (t) => {
  const installed = await run('pg_dump', ['--version']).then(
    () => true,
    () => false,
  );
  if (!installed) return t.skip('no pg_dump');
  await using server = orSkip(t, await startPostgres({ version: 15 }));
  if (server === undefined) return;
  const room = await mkdtemp(join(tmpdir(), 'holdfast-pg-backup-'));
  await using _room = { [Symbol.asyncDispose]: () => rm(room, { recursive: true }) };
  const url = await server.createDatabase('mail');
  await server.query('CREATE SCHEMA holdfast', 'mail');
  await server.query('CREATE TABLE holdfast.fact (name text, value text)', 'mail');
  await server.query("INSERT INTO holdfast.fact VALUES ('a', 'b')", 'mail');
  await server.query('CREATE TABLE public.others (secret text)', 'mail');
  const data = join(room, 'data');
  await mkdir(join(data, 'keys'), { recursive: true });
  await writeFile(join(data, 'keys', '2026-11-21'), 'wrapped');

  const folder = join(room, 'backup');
  const options = { url, schema: 'holdfast', withDatabase: true, dir: data, blobs: join(data, 'blobs'), beside: [] };
  const parts = { source: postgresSource(options), reader: postgresCopyReader() };
  const { manifest, damage } = await makeBackup(orderFor(folder, data, url), parts, quiet);
  assert.deepEqual([damage, manifest.store, manifest.database?.included], [[], 'postgresql', true]);
  assert.deepEqual((await verifyBackup(folder, postgresCopyReader, quiet)).damage, []);
  const listed = (await run('pg_restore', ['--list', join(folder, 'database.dump')])).stdout;
  assert.match(listed, /TABLE DATA holdfast fact/);
  assert.doesNotMatch(listed, /others/);

  await server.query('DROP SCHEMA holdfast CASCADE', 'mail');
  await run('pg_restore', ['--no-owner', `--dbname=${url}`, join(folder, 'database.dump')]);
  assert.deepEqual(
    (await server.query('SELECT value FROM holdfast.fact', 'mail')).map(({ value }) => value),
    ['b'],
  );
  const target = join(room, 'new');
  const order = { folder, store: 'postgresql', by: 'cli:root', now: Date.now } as const;
  await restoreBackup(order, embeddedTarget(target), quiet);
  assert.deepEqual((await readdir(target)).sort(), ['keys', 'lock.db']);
  assert.equal(await readFile(join(target, 'keys', '2026-11-21'), 'utf8'), 'wrapped');
  await assert.rejects(
    restoreBackup({ ...order, store: 'embedded' }, embeddedTarget(join(room, 'wrong')), quiet),
    /keeps its mail in PostgreSQL, and the settings name no database/,
  );

  await server.stop();
  const again = { source: postgresSource(options), reader: postgresCopyReader() };
  await assert.rejects(makeBackup(orderFor(join(room, 'second'), data, url), again, quiet), {
    name: 'Refusal',
    exit: 4,
    message: /pg_dump could not copy the database: .*--without-database/s,
  });
});

test('design 6: no password of a database goes into a manifest or a list of processes', () => {
  for (const [url, bare, password] of [
    ['postgres://hf:s%40cret@h1:5432,h2/mail?x=1', 'postgres://hf@h1:5432,h2/mail?x=1', 's@cret'],
    ['postgresql://hf@h1/mail', 'postgresql://hf@h1/mail', null],
    ['postgres:///mail', 'postgres:///mail', null],
  ] as const)
    assert.deepEqual(withoutPassword(url), { bare, password });
});
