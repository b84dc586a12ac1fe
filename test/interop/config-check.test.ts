/** What `config check` says of a database: asked, not guessed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adviseOnStores } from '#/roles/store-advice.ts';
import { orSkip } from '../support/or-skip.ts';
import { startPostgres } from '../support/postgres.ts';

test('design 4: config check warns of a database without a synchronous standby, and is content with one', async (t) => {
  await using alone = orSkip(t, await startPostgres({ version: 15 }));
  if (alone === undefined) return;
  const [warning, ...more] = await adviseOnStores({ store: alone.url, cells: null });
  assert.match(warning?.message ?? '', /no standby: when the disk of this database server is lost/);
  assert.match(warning?.remedy ?? '', /synchronous_standby_names/);
  assert.deepEqual(more, []);

  await using pair = orSkip(t, await startPostgres({ version: 15, synchronousStandby: true }));
  if (pair === undefined) return;
  assert.deepEqual(await adviseOnStores({ store: pair.url, cells: null }), []);
  const cells = { east: { store: pair.url, blobs: null }, west: { store: 'postgres://127.0.0.1:1/none', blobs: null } };
  const [away] = await adviseOnStores({ store: null, cells });
  assert.equal(away?.file, 'cells.west.store');
  assert.match(away?.message ?? '', /did not serve/);
});
