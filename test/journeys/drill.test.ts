/** The drills as an operator runs them, and with a hop that breaks its word: a drill that can't fail shows nothing. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  type DrillReport,
  runBlockedLog,
  runLostInstructions,
  runMassPurge,
  runRedelivery,
  runSlowFilterSurge,
} from '#/drills/index.ts';
import { ImapClient } from '#/drills/kit/index.ts';
import { within } from '#/model/index.ts';

/** That a drill can fail costs as long as the drill itself; it is shown where time is. */
const SHORT = process.env.HOLDFAST_LONG === '1' ? {} : { skip: 'only in the long form' };

const LAUNCHER = fileURLToPath(new URL('../../bin/holdfast.js', import.meta.url));

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function holdfast(...words: string[]): Promise<Ran> {
  const child = spawn(process.execPath, [LAUNCHER, ...words], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 280_000 });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

test('H3, H4, H5, H6: the drill of lost instructions passes as an operator runs it', async (t) => {
  const { code, stdout, stderr } = await holdfast('drill', 'lost-instructions', '--small', '--json');
  assert.notEqual(stdout, '', stderr);
  const report = JSON.parse(stdout) as DrillReport;
  t.diagnostic(JSON.stringify(report.times));
  assert.deepEqual(
    report.asserts.filter(({ passed }) => !passed),
    [],
  );
  assert.equal(report.passed, true);
  assert.equal(report.drill, 'lost-instructions');
  for (const requirement of ['H3', 'H4', 'H5', 'H6']) {
    assert.ok(report.asserts.some(({ what }) => what.startsWith(`${requirement}: `)));
  }
  assert.equal(code, 0);
});

test(
  'H3, H4: the drill fails where a hop was served twice unannounced, and where it lost what it took',
  SHORT,
  async (t) => {
    const ours = await mkdtemp(join(tmpdir(), 'holdfast-'));
    t.after(() => rm(ours, { recursive: true }));
    const given = process.env.TMPDIR;
    process.env.TMPDIR = ours;
    t.after(() => {
      if (given === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = given;
    });
    const report = await runLostInstructions(
      { size: 'small', signal: new AbortController().signal, progress: () => {} },
      { temper: { lies: 0.1, forgets: 0.05 } },
    );
    assert.equal(report.passed, false);
    const failed = report.asserts.filter(({ passed }) => !passed).map(({ what }) => what.slice(0, 2));
    assert.deepEqual(failed, ['H3', 'H4']);
    assert.deepEqual(await readdir(ours), [], 'no folder is left behind');
  },
);

test('O3, O4, O5: the drill of mass purge passes as an operator runs it', async (t) => {
  const { code, stdout, stderr } = await holdfast('drill', 'mass-purge', '--small', '--json');
  assert.notEqual(stdout, '', stderr);
  const report = JSON.parse(stdout) as DrillReport;
  t.diagnostic(JSON.stringify(report.times));
  assert.deepEqual(
    report.asserts.filter(({ passed }) => !passed),
    [],
  );
  assert.equal(code, 0);
});

test('O4, O5: the drill fails where a letter of somebody else goes while a mailbox is purged', SHORT, async () => {
  const signal = new AbortController().signal;
  const report = await runMassPurge(
    { size: 'small', signal, progress: () => {} },
    {
      meanwhile: async ({ imaps }, other) => {
        using client = await ImapClient.open(imaps, other, within(30_000, signal));
        await client.select('INBOX');
        await client.asks('STORE 3 +FLAGS.SILENT (\\Deleted)');
        await client.asks('EXPUNGE');
      },
    },
  );
  const failed = report.asserts.filter(({ passed }) => !passed).map(({ what }) => what.slice(0, 2));
  assert.deepEqual(failed, ['O5', 'O4']);
});

test('H6, H7, H8, H9, H11: the drill of redelivery passes as an operator runs it', async (t) => {
  const { code, stdout, stderr } = await holdfast(
    'drill',
    'redelivery',
    '--messages',
    '3000',
    '--tenants',
    '10',
    '--json',
  );
  assert.notEqual(stdout, '', stderr);
  const report = JSON.parse(stdout) as DrillReport;
  t.diagnostic(JSON.stringify(report.times));
  assert.deepEqual(
    report.asserts.filter(({ passed }) => !passed),
    [],
  );
  for (const requirement of ['H4', 'H5', 'H6', 'H7', 'H8', 'H9'])
    assert.ok(report.asserts.some(({ what }) => what.startsWith(requirement)));
  assert.equal(report.originals?.statusMs, 154 * 60_000);
  assert.equal(code, 0);
});

test('H4, H7: the drill fails where a recipient is served twice', SHORT, async () => {
  const options = { size: 'small', signal: new AbortController().signal, progress: () => {} } as const;
  const report = await runRedelivery(
    { ...options, scale: { mails: 2_000, tenants: 10 } },
    { kills: 0, afterwards: ({ tally }) => assert.ok(tally?.serve('m1500.0@peer.test')) },
  );
  const failed = report.asserts.filter(({ passed }) => !passed).map(({ what }) => what.slice(0, 2));
  assert.deepEqual(failed, ['H4']);
});

test('contract: a drill of one size takes no other one, and exits 2', async () => {
  const { code, stderr } = await holdfast('drill', 'mass-purge', '--messages', '10');
  assert.equal(code, 2);
  assert.match(stderr, /mass-purge has one size for each of --small and --full/);
});

test('M4, M5, H1: the drill of the slow filter passes as an operator runs it', async (t) => {
  const { code, stdout, stderr } = await holdfast('drill', 'slow-filter-surge', '--small', '--json');
  assert.notEqual(stdout, '', stderr);
  const report = JSON.parse(stdout) as DrillReport;
  t.diagnostic(JSON.stringify(report.times));
  assert.deepEqual(
    report.asserts.filter(({ passed }) => !passed),
    [],
  );
  assert.equal(code, 0);
});

test('H1, M4: the drill fails where mail goes around the filter', SHORT, async () => {
  const options = { size: 'small', signal: new AbortController().signal, progress: () => {} } as const;
  const report = await runSlowFilterSurge(options, { unfiltered: true });
  const failed = report.asserts.filter(({ passed }) => !passed).map(({ what }) => what.slice(0, 2));
  assert.ok(failed.includes('H1'), failed.join());
});

test('B3, B4, B6: the drill of the blocked log passes as an operator runs it', async (t) => {
  const { code, stdout, stderr } = await holdfast('drill', 'blocked-log', '--json');
  assert.notEqual(stdout, '', stderr);
  const report = JSON.parse(stdout) as DrillReport;
  t.diagnostic(JSON.stringify(report.times));
  assert.deepEqual(
    report.asserts.filter(({ passed }) => !passed),
    [],
  );
  assert.equal(code, 0);
});

test('B3, B4, B6: the drill fails where those who take mail stand still with the steward', SHORT, async () => {
  const options = { size: 'small', signal: new AbortController().signal, progress: () => {} } as const;
  const report = await runBlockedLog(options, { stuck: true });
  const failed = report.asserts.filter(({ passed }) => !passed).map(({ what }) => what.slice(0, 2));
  assert.ok(failed.includes('B3'), failed.join());
});

test('contract: a drill of a later release says so, an unknown one is refused, and both exit 2', async () => {
  for (const [name, says] of [
    ['stale-directory', /comes with a later release/],
    [
      'no-such',
      /There is no drill 'no-such'\. There are: blocked-log, lost-instructions, mass-purge, redelivery, slow-filter-surge\./,
    ],
  ] as const) {
    const { code, stdout, stderr } = await holdfast('drill', name);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, says);
  }
  assert.doesNotMatch((await holdfast('help', 'drill')).stdout, /stale-directory/);
});
