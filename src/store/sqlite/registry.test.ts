import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { within } from '#/model/index.ts';
import type { RegistryUnderTest } from '../contract/registry.ts';
import { registryContract } from '../contract/registry.ts';
import { openSqliteRegistry } from './registry.ts';

const soon = () => within(20_000);
const ENTRY = { at: 0, by: 'cli:root', act: 'body.read', subject: 'M', reason: 'asked' };

async function open(): Promise<RegistryUnderTest & { dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-registry-'));
  const registry = await openSqliteRegistry({ dir });
  return {
    dir,
    registry,
    reopen: async () => {
      await registry[Symbol.asyncDispose]();
      return openSqliteRegistry({ dir });
    },
    [Symbol.asyncDispose]: async () => {
      await registry[Symbol.asyncDispose]();
      await rm(dir, { recursive: true });
    },
  };
}

registryContract('sqlite', open);

test('design 6: an audit entry that was changed or taken out shows', async () => {
  for (const tampering of ["UPDATE audit SET reason = 'none' WHERE seq = 2", 'DELETE FROM audit WHERE seq = 2']) {
    await using given = await open();
    for (let i = 0; i < 4; i++) await given.registry.audit(ENTRY, soon());
    const db = new DatabaseSync(join(given.dir, 'control.db'));
    db.exec(tampering);
    db.close();
    const { brokenAt } = await given.registry.verifyAudit(soon());
    assert.ok(brokenAt === 2 || brokenAt === 3, tampering);
  }
});

test('design 6: an entry that was erased shows when it is changed once more, and nothing of the person stays in the file', async () => {
  await using given = await open();
  for (let i = 0; i < 4; i++) await given.registry.audit({ ...ENTRY, by: 'alice@acme.test' }, soon());
  await given.registry.eraseNames(
    { addresses: ['alice@acme.test'], pseudonym: 'erased-1' },
    { at: 1, by: 'x' },
    soon(),
  );
  assert.equal((await given.registry.verifyAudit(soon())).brokenAt, null);
  const file = join(given.dir, 'control.db');
  const db = new DatabaseSync(file);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  assert.ok(!(await readFile(file)).includes('alice'));
  db.exec("UPDATE audit SET by = 'erased-2' WHERE seq = 3");
  db.close();
  assert.equal((await given.registry.verifyAudit(soon())).brokenAt, 3);
});

test('design 4: a file of a newer release, or none of ours, stops the start', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-registry-'));
  const db = new DatabaseSync(join(dir, 'control.db'));
  db.exec('PRAGMA user_version = 99');
  db.close();
  await assert.rejects(openSqliteRegistry({ dir }), { code: 'store.foreign' });
  await writeFile(join(dir, 'control.db'), 'this is no database, and long enough to be seen as none'.repeat(40));
  await assert.rejects(openSqliteRegistry({ dir }), { code: 'store.failed' });
  await rm(dir, { recursive: true });
});

test('design 4: two processes may open it, and each sees what the other changed', async () => {
  await using given = await open();
  await using other = await openSqliteRegistry({ dir: given.dir });
  const change = { at: 1, by: 'x', lines: [] };
  await given.registry.replace(0, { n: 1 }, change, soon());
  assert.equal(await other.replace(0, { n: 2 }, change, soon()), false);
  assert.ok(await other.replace(1, { n: 2 }, change, soon()));
  assert.deepEqual((await given.registry.load(soon())).resources, { n: 2 });
});

test('B5: a file of the release before changes of rules were kept is opened, and keeps them from then on', async () => {
  await using given = await open();
  await given.registry.replace(0, { n: 1 }, { at: 1, by: 'x', lines: [] }, soon());
  const db = new DatabaseSync(join(given.dir, 'control.db'));
  db.exec('DROP TABLE policy_step; PRAGMA user_version = 1');
  db.close();
  await using newer = await openSqliteRegistry({ dir: given.dir });
  const policies = [{ tenant: 'acme', before: [], after: [{ name: 'a' }] }];
  assert.ok(await newer.replace(1, { n: 2 }, { at: 2, by: 'x', lines: [], policies }, soon()));
  assert.equal((await newer.policySteps('acme', 9, soon())).length, 1);
});

test('design 6: the file is for its owner alone', async () => {
  await using given = await open();
  await given.registry.audit(ENTRY, soon());
  for (const name of ['control.db', 'control.db-wal'])
    assert.equal((await stat(join(given.dir, name))).mode & 0o077, 0, name);
});

test('B3: calls after the end are refused, and a closed registry ends its thread', async () => {
  await using given = await open();
  await given.registry[Symbol.asyncDispose]();
  await assert.rejects(given.registry.load(soon()), { code: 'store.unavailable' });
});
