/** PostgreSQL as custody's keeper, with its server killed, failed over, and its hosts killed. Times are printed, never asserted. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { die } from '#/drills/kit/index.ts';
import { eventually, pause } from '../support/holdfast.ts';
import { orSkip } from '../support/or-skip.ts';
import type { PostgresVersion } from '../support/postgres.ts';
import { POSTGRES_VERSIONS, startPostgres } from '../support/postgres.ts';
import type { ClusterReport } from './postgres-cluster.ts';
import { Cluster } from './postgres-cluster.ts';

const LONG = process.env.HOLDFAST_LONG === '1';
/** A bound for hangs on the slowest machine. */
const timeout = LONG ? 1_800_000 : 300_000;
const KILLS = LONG ? 25 : 3;
const FAILOVERS = 5;
const HOST_KILLS = LONG ? 8 : 1;

const seedOf = (t: TestContext): number => {
  const seed = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed}`);
  return seed;
};

describe('chaos on PostgreSQL', { concurrency: 1 }, () => {
  for (const version of LONG ? POSTGRES_VERSIONS : [18 as PostgresVersion])
    test(`H3 H5: ${KILLS} kills of a PostgreSQL ${version} server under load lose nothing, and the books balance`, {
      timeout,
    }, async (t) => {
      await using postgres = orSkip(t, await startPostgres({ version }));
      if (postgres === undefined) return;
      const roll = die(seedOf(t));
      const plan = { hosts: 2, connections: 6, seed: Math.floor(roll() * 1e6) };
      await using cluster = await Cluster.start(await postgres.createDatabase(), plan);
      for (let kills = 0; kills < KILLS; kills++) {
        await promises(cluster, 50);
        await pause(roll() * 500);
        await postgres.kill9();
        await pause(roll() * 500);
        await postgres.start();
      }
      await promises(cluster, 50);
      judge(t, await cluster.report());
    });

  // The short form of this is the whole program's: postgres-program.test.ts.
  for (const version of LONG ? POSTGRES_VERSIONS : [])
    test(`design 4: a PostgreSQL ${version} primary that dies under load is followed by its standby with nothing lost`, {
      timeout,
    }, async (t) => {
      for (let round = 0; round < FAILOVERS; round++) {
        await using postgres = orSkip(t, await startPostgres({ version, synchronousStandby: true }));
        if (postgres === undefined) return;
        const plan = { hosts: 2, connections: 6, seed: seedOf(t) + round };
        await using cluster = await Cluster.start(await postgres.createDatabase(), plan);
        await promises(cluster, 100);
        await postgres.kill9();
        const killedAt = Date.now();
        await postgres.promoteStandby();
        const promotedAt = Date.now();
        await promises(cluster, 1);
        const flowsAt = Date.now();
        t.diagnostic(
          `promoted ${promotedAt - killedAt} ms after the kill; mail flows ${flowsAt - promotedAt} ms later`,
        );
        await promises(cluster, 50);
        judge(t, await cluster.report());
      }
    });

  test('H5 H10: the work of a host that is killed goes on at the others', { timeout }, async (t) => {
    await using postgres = orSkip(t, await startPostgres({ version: LONG ? 15 : 18 }));
    if (postgres === undefined) return;
    const roll = die(seedOf(t));
    const plan = { hosts: 3, connections: 4, seed: Math.floor(roll() * 1e6) };
    await using cluster = await Cluster.start(await postgres.createDatabase(), plan);
    for (let kills = 0; kills < HOST_KILLS; kills++) {
      await promises(cluster, 50);
      const victim = cluster.hosts[Math.floor(roll() * cluster.hosts.length)] ?? '';
      await cluster.kill(victim);
      const killedAt = Date.now();
      const ids = cluster.ids;
      await using custody = await cluster.open();
      await eventually('all that was promised has ended', () => cluster.ended(ids, custody), 60_000);
      t.diagnostic(`all of ${ids.length} mails had ended ${Date.now() - killedAt} ms after ${victim} was killed`);
      await cluster.launch(`host${4 + kills}`);
    }
    judge(t, await cluster.report());
  });
});

// Until so many more mails are promised: how long that takes is the machine's affair.
async function promises(cluster: Cluster, more: number): Promise<void> {
  const before = cluster.promised;
  await eventually(`${more} more mails are taken`, async () => cluster.promised >= before + more, 60_000);
}

function judge(t: TestContext, report: ClusterReport): void {
  const { missing, unexplained, trouble } = report;
  t.diagnostic(
    JSON.stringify({ ...report, missing: missing.length, unexplained: unexplained.length, trouble: trouble.length }),
  );
  assert.deepEqual(missing, [], 'recipients that were promised and are gone');
  assert.deepEqual(unexplained, [], 'duplicates that nothing announced');
  assert.deepEqual(trouble, [], 'hosts that gave up');
  assert.equal(report.balanced, true, 'the books balance');
  assert.deepEqual(report.orphans, [], 'no orphans');
}
