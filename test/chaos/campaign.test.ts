/** A campaign whose process is killed again and again while it runs, on both stores: the drill of redelivery, with more kills than it has for operators. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type RedeliveryKnobs, runRedelivery } from '#/drills/index.ts';
import { orSkip } from '../support/or-skip.ts';
import { startPostgres } from '../support/postgres.ts';

const LONG = process.env.HOLDFAST_LONG === '1';
const KILLS = LONG ? 6 : 2;
const SCALE = LONG ? { mails: 30_000, tenants: 50 } : { mails: 3_000, tenants: 10 };
/** A bound for hangs: behind each kill a minute goes by until the turn of the dead one is over. */
const HANGING_MS = (KILLS + 5) * 120_000;

async function killed(t: TestContext, knobs: RedeliveryKnobs): Promise<void> {
  const options = {
    size: 'small',
    scale: SCALE,
    signal: t.signal,
    progress: (line: string) => t.diagnostic(line),
  } as const;
  const report = await runRedelivery(options, { ...knobs, kills: KILLS });
  t.diagnostic(`${report.did} ${JSON.stringify(report.times)}`);
  assert.deepEqual(
    report.asserts.filter(({ passed }) => !passed),
    [],
  );
  assert.match(report.did, new RegExp(`killed ${KILLS} times`));
}

test('H4 H7: a campaign whose process is killed while it runs serves everybody once, and its report is right', {
  timeout: HANGING_MS,
}, async (t) => {
  await killed(t, {});
});

for (const version of [15, 18] as const) {
  test(`H4 H7: the same on PostgreSQL ${version}`, {
    timeout: HANGING_MS,
    skip: !LONG && version === 15,
  }, async (t) => {
    await using server = orSkip(t, await startPostgres({ version }));
    if (server === undefined) return;
    await killed(t, { settings: `store: ${await server.createDatabase()}`, isSeen: false });
  });
}

test('H4 H7, design 4: the same over two cells, with the mail of companies in both', {
  timeout: HANGING_MS,
}, async (t) => {
  await killed(t, { settings: 'cells: { east: { store: ./east }, west: { store: ./west } }', cells: ['east', 'west'] });
});
