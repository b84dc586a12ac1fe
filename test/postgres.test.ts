/** The PostgreSQL servers that other tests rely on do what we think they do. A missing one is skipped by its name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orSkip } from './support/or-skip.ts';
import { POSTGRES_VERSIONS, startPostgres } from './support/postgres.ts';

for (const version of POSTGRES_VERSIONS)
  test(`house: PostgreSQL ${version} keeps what it committed through a kill, and its standby has it too`, async (t) => {
    await using postgres = orSkip(t, await startPostgres({ version, synchronousStandby: true }));
    if (postgres === undefined) return;
    await postgres.createDatabase('kept');
    const values = async () =>
      (await postgres.query('SELECT value FROM kept ORDER BY value', 'kept')).map((row) => row.value);
    await postgres.query('CREATE TABLE kept AS SELECT 1 AS value', 'kept');
    const killed = postgres.pid;
    await postgres.kill9();
    assert.equal(postgres.pid, null);
    await postgres.start();
    assert.notEqual(postgres.pid, killed);
    await postgres.query('INSERT INTO kept VALUES (2)', 'kept');
    assert.deepEqual(await values(), [1, 2]);
    await postgres.kill9();
    await postgres.promoteStandby();
    await postgres.query('INSERT INTO kept VALUES (3)', 'kept');
    assert.deepEqual(await values(), [1, 2, 3]);
    const [fsync] = await postgres.query('SHOW fsync');
    assert.equal(fsync?.fsync, 'on');
  });
