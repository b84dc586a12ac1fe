import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { within } from '#/model/index.ts';
import { POSTGRES_VERSIONS, type Postgres, startPostgres } from '../../../test/support/postgres.ts';
import type { RegistryUnderTest } from '../contract/registry.ts';
import { registryContract } from '../contract/registry.ts';
import { keyDayOf } from '../keys/index.ts';
import { openPostgresKeyRing } from './key-ring.ts';
import { openPostgresRegistry } from './registry.ts';

const NOON = Date.UTC(2026, 10, 21, 12);
const ENTRY = { at: 0, by: 'cli:root', act: 'body.read', subject: 'M', reason: 'asked' };
const soon = () => within(30_000);

for (const version of POSTGRES_VERSIONS) {
  const postgres = await startPostgres({ version });
  if ('missing' in postgres) test(`the registry on PostgreSQL ${version}`, { skip: postgres.missing });
  else
    describe(`the registry on PostgreSQL ${version}`, () => {
      suite(postgres);
      after(() => postgres[Symbol.asyncDispose]());
    });
}

function suite(postgres: Postgres): void {
  registryContract(`PostgreSQL ${postgres.version}`, () => open(postgres));

  test('C5: two hosts see each other’s changes, and one version has one change', async () => {
    await using given = await open(postgres);
    await using other = await openPostgresRegistry({ url: given.url });
    const race = Array.from({ length: 20 }, (_, i) => {
      const registry = i % 2 === 0 ? given.registry : other;
      return registry.replace(0, { n: i }, { at: i, by: `${i}`, lines: [] }, soon());
    });
    const won = (await Promise.all(race)).flatMap((yes, i) => (yes ? [i] : []));
    assert.equal(won.length, 1);
    for (const registry of [given.registry, other]) {
      assert.deepEqual(await registry.load(soon()), { version: 1, at: won[0], resources: { n: won[0] } });
      assert.equal((await registry.changes(10, soon())).length, 1);
    }
    assert.ok(await other.replace(1, { n: 'next' }, { at: 1, by: 'x', lines: [] }, soon()));
    assert.deepEqual((await given.registry.load(soon())).resources, { n: 'next' });
  });

  test('design 6: entries of several hosts at once make one chain', async () => {
    await using given = await open(postgres);
    await using second = await openPostgresRegistry({ url: given.url });
    await using third = await openPostgresRegistry({ url: given.url });
    const hosts = [given.registry, second, third];
    const acts = Array.from({ length: 150 }, (_, i) => ({ ...ENTRY, act: `act ${i}` }));
    await Promise.all(acts.map(async (entry, i) => hosts[i % 3]?.audit(entry, soon())));
    assert.deepEqual(await second.verifyAudit(soon()), { entries: 150, brokenAt: null });
    const kept = (await third.auditEntries(0, 1000, soon())).map(({ act }) => act).sort();
    assert.deepEqual(kept, acts.map(({ act }) => act).sort());
  });

  test('design 6: an audit entry that was changed or taken out shows', async () => {
    for (const tampering of [
      "UPDATE audit_entry SET reason = 'none' WHERE seq = 2",
      'DELETE FROM audit_entry WHERE seq = 2',
    ]) {
      await using given = await open(postgres);
      for (let i = 0; i < 4; i++) await given.registry.audit(ENTRY, soon());
      await postgres.query(`SET search_path = holdfast; ${tampering}`, given.database);
      const { brokenAt } = await given.registry.verifyAudit(soon());
      assert.ok(brokenAt === 2 || brokenAt === 3, tampering);
    }
  });

  test('M1: the row of an identity counts what came by all hosts', async () => {
    await using given = await open(postgres);
    await using other = await openPostgresRegistry({ url: given.url });
    const row = (day: string, dayCount: number) => ({
      tenant: 'acme',
      identity: 'tenant',
      day,
      dayCount,
      lastSeen: NOON,
      lastError: null,
      lastErrorAt: 0,
    });
    await given.registry.saveUsage([row('2026-11-21', 5)], soon());
    await other.loadUsage(soon());
    await other.saveUsage([row('2026-11-21', 12)], soon());
    const [sum] = await given.registry.saveUsage([row('2026-11-21', 6)], soon());
    assert.equal(sum?.dayCount, 13, 'it hears what came by the other');
    assert.equal((await other.loadUsage(soon()))[0]?.dayCount, 13);
    await other.saveUsage([row('2026-11-22', 2)], soon());
    await given.registry.saveUsage([row('2026-11-21', 14)], soon());
    assert.deepEqual(await other.loadUsage(soon()), [row('2026-11-22', 2)]);
    // Who comes to the new day later adds its own to what the others have.
    const [told] = await given.registry.saveUsage([row('2026-11-22', 1)], soon());
    assert.deepEqual([told?.day, told?.dayCount], ['2026-11-22', 3]);
    await given.registry.saveUsage([row('2026-11-22', 4)], soon());
    assert.equal((await other.loadUsage(soon()))[0]?.dayCount, 4);
  });

  test('design 4: answers come again after the server was killed, and what was answered is there', async () => {
    await using given = await open(postgres);
    await given.registry.replace(0, { kept: true }, { at: 1, by: 'x', lines: [] }, soon());
    const underWay = Array.from({ length: 5 }, () => given.registry.audit(ENTRY, soon()));
    const acts = Promise.allSettled(underWay);
    await postgres.kill9();
    await postgres.start();
    const answered = (await acts).filter(({ status }) => status === 'fulfilled').length;
    assert.ok(await given.registry.replace(1, { kept: 'too' }, { at: 2, by: 'x', lines: [] }, soon()));
    assert.deepEqual((await given.registry.load(soon())).resources, { kept: 'too' });
    const { entries, brokenAt } = await given.registry.verifyAudit(soon());
    assert.equal(brokenAt, null);
    assert.ok(entries >= answered, `${answered} answered, ${entries} kept`);
  });

  test('design 1: of hosts that make a day’s key at once, all seal with the same one', async () => {
    const url = await postgres.emptyDatabase();
    const dir = await mkdtemp(join(tmpdir(), 'holdfast-ring-'));
    await using open = new AsyncDisposableStack();
    open.defer(() => rm(dir, { recursive: true }));
    const secretsKeyFile = join(dir, 'secrets.key');
    const opened = Array.from({ length: 4 }, () => openPostgresKeyRing({ url, secretsKeyFile }));
    const rings = (await Promise.all(opened)).map((ring) => open.use(ring));
    const keys = await Promise.all(rings.map((ring) => ring.sealing(NOON)));
    for (const { key } of keys) assert.deepEqual(key, keys[0]?.key);
    assert.deepEqual(await rings[3]?.days(), [keyDayOf(NOON)]);

    await assert.rejects(openPostgresKeyRing({ url, secretsKeyFile: join(dir, 'another.key') }), {
      code: 'key.missing',
    });
    await rings[0]?.destroy(keyDayOf(NOON));
    const later = open.use(await openPostgresKeyRing({ url, secretsKeyFile }));
    await assert.rejects(later.opening(keyDayOf(NOON)), { code: 'key.missing' });
  });

  test('design 4: a database of a newer release stops the start', async () => {
    await using given = await open(postgres);
    await postgres.query("UPDATE holdfast.version SET version = 99 WHERE part = 'registry'", given.database);
    await assert.rejects(openPostgresRegistry({ url: given.url }), { code: 'store.foreign' });
  });

  test('B3: calls after the end are refused', async () => {
    await using given = await open(postgres);
    await given.registry[Symbol.asyncDispose]();
    await assert.rejects(given.registry.load(soon()), { code: 'store.unavailable' });
  });
}

async function open(postgres: Postgres): Promise<RegistryUnderTest & { url: string; database: string }> {
  const url = await postgres.emptyDatabase();
  const registry = await openPostgresRegistry({ url });
  return {
    url,
    database: url.slice(url.lastIndexOf('/') + 1),
    registry,
    reopen: async () => {
      await registry[Symbol.asyncDispose]();
      return openPostgresRegistry({ url });
    },
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}
