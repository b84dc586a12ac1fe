/** The commands over the operations themselves, on a book in memory. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  IncidentDesk,
  incidentFileOperations,
  incidentOperations,
  maintenanceOperations,
  reportOperations,
} from '#/incident/index.ts';
import { within } from '#/model/index.ts';
import type { Operation } from '#/ports/index.ts';
import { openMemoryIncidents } from '#/store/memory/index.ts';
import { FakeClock, FakeDirectorySource, FakeLog } from '#/testkit/index.ts';
import { type FakeOperations, NOW, run } from '../fake-world.ts';

function operations(): FakeOperations {
  const clock = new FakeClock(NOW);
  const book = openMemoryIncidents();
  const desk = new IncidentDesk({ book, clock, log: new FakeLog() }, { publishDrafts: false });
  const parts = {
    ...{ desk, book, clock, directory: new FakeDirectorySource([]), issuer: 'mx.example.test' },
    ...{ timezoneOf: () => 'Asia/Tokyo', figures: async () => null, changes: async () => [] },
  };
  const all: readonly Operation[] = [
    ...incidentOperations(parts),
    ...maintenanceOperations(parts),
    ...incidentFileOperations(parts),
    ...reportOperations(parts),
  ];
  const called = (one: Operation) => async (input: unknown) =>
    one.output.parse(await one.handle(one.input.parse(input), { by: 'cli:tester', call: within(30_000) }));
  return Object.fromEntries(all.map((one) => [one.name, called(one)]));
}

const OPEN = ['incident', 'open', '--title', 'Webmail does not answer', '--template', 'looking'];

test('C3: an incident is opened, told on, and shown with its time line; who has read less than there is hears so', async () => {
  const world = { operations: operations() };
  const opened = await run([...OPEN, '--component', 'webmail=major_outage', '--started', '25m'], world);
  assert.equal(opened.stdout, '20261121-01 is open (investigating, 1 entries).\n');
  const words = ['incident', 'update', '20261121-01', '--text', 'It is the disk.', '--text-ja', 'ディスクの障害です。'];
  assert.equal((await run([...words, '--phase', 'identified', '--next', '1h', '--seen', '1'], world)).exit, 0);
  const late = await run([...words, '--seen', '1'], world);
  assert.deepEqual([late.exit, /cli:tester wrote meanwhile/.test(late.stderr)], [1, true]);
  const shown = await run(['incident', 'show', '20261121-01'], world);
  for (const said of ['major outage', '25 min after it began', 'by 15:32', 'It is the disk.'])
    assert.ok(shown.stdout.includes(said), `${said}\n${shown.stdout}`);
  assert.match((await run(['incident', 'show', '20261121-01', '--lang', 'ja'], world)).stdout, /ディスクの障害です。/);
  assert.match((await run(['incident', 'list', '--open'], world)).stdout, /20261121-01 +identified +critical/);
});

test('C4: a provider’s report goes in and comes out octet for octet, in parts', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-incident-'));
  try {
    const world = { operations: operations(), cwd: dir };
    const content = Buffer.alloc(150_000, 'report ');
    await writeFile(join(dir, 'EX1.pdf'), content);
    await run(OPEN, world);
    const { calls, stdout } = await run(['incident', 'attach', '20261121-01', 'EX1.pdf', '--by', 'Microsoft'], world);
    assert.deepEqual([calls.length, stdout], [3, '20261121-01 has EX1.pdf (investigating, 2 entries).\n']);
    const page = await run(['incident', 'show', '20261121-01', '--json'], world);
    const [file] = (JSON.parse(page.stdout) as { files: { id: string }[] }).files;
    await run(['incident', 'save', '20261121-01', file?.id ?? '', 'out.pdf'], world);
    assert.ok(content.equals(await readFile(join(dir, 'out.pdf'))));
  } finally {
    await rm(dir, { recursive: true });
  }
});

test('H11: a report is printed, and given out with a number where that is asked for', async () => {
  const world = { operations: operations() };
  await run(OPEN, world);
  const draft = await run(['incident', 'report', '20261121-01', '--version', 'first', '--lang', 'ja'], world);
  assert.match(draft.stdout, /^# 障害報告書（速報）/);
  const issued = await run(['incident', 'report', '20261121-01', '--version', 'interim', '--issue'], world);
  assert.match(issued.stderr, /given out as 20261121-01-1/);
});

test('H11: a report is written as PDF where that is asked for; where it has no place, none is given out', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-report-'));
  try {
    const world = { operations: operations() };
    await run(OPEN, world);
    const path = join(dir, 'report.pdf');
    const report = ['incident', 'report', '20261121-01', '--version', 'interim', '--issue', '--pdf', path];
    const issued = await run(report, world);
    assert.match(issued.stderr, /given out as 20261121-01-1[\s\S]*report\.pdf was written/);
    assert.match(await readFile(path, 'latin1'), /^%PDF-1\.5\n[\s\S]*20261121-01-1[\s\S]*%%EOF\n$/);
    assert.equal((await run(report, world)).exit, 2);
    const unknown = join(dir, 'none.pdf');
    assert.equal((await run([...report.with(2, '20261121-99').slice(0, -1), unknown], world)).exit, 1);
    await assert.rejects(readFile(unknown));
    const next = await run(report.slice(0, -2), world);
    assert.match(next.stderr, /given out as 20261121-01-2/);
  } finally {
    await rm(dir, { recursive: true });
  }
});

test('C3: planned work is scheduled and led by its acts', async () => {
  const world = { operations: operations() };
  const times = ['--from', '2026-11-22T01:00:00+09:00', '--until', '2026-11-22T02:00:00+09:00'];
  const planned = [
    'maintenance',
    'schedule',
    '--title',
    'New disk',
    '--text',
    'Ten minutes.',
    '--component',
    'webmail',
  ];
  assert.equal((await run([...planned, ...times], world)).stdout, '20261121-01 is scheduled (1 entries).\n');
  assert.equal(
    (await run(['maintenance', 'start', '20261121-01'], world)).stdout,
    '20261121-01 is in progress (2 entries).\n',
  );
  assert.match((await run(['maintenance', 'list', '--open'], world)).stdout, /20261121-01 +in progress/);
  assert.equal((await run([...planned], world)).exit, 2);
});
