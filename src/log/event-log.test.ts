import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import type { Channel, EventLogSettings } from './index.ts';
import { fileChannel, openEventLog } from './index.ts';

const clock = { now: () => Date.UTC(2026, 10, 21, 12, 0, 7) };
const JSON_FORM: EventLogSettings = { form: 'json', colour: false, bytesMax: 4_096, fields: { role: 'gate' } };

// A channel that the test lets through.
function heldChannel(): { channel: Channel; lines: string[]; release: (error?: Error) => void } {
  const lines: string[] = [];
  let waiting: ((error: Error | null) => void) | null = null;
  return {
    lines,
    channel: (chunk, done) => {
      lines.push(...chunk.toString().trimEnd().split('\n'));
      waiting = done;
    },
    release: (error) => {
      const done = waiting;
      waiting = null;
      done?.(error ?? null);
    },
  };
}

test('contract: an event is one line of JSON with its time, level, name and fields', () => {
  const { channel, lines } = heldChannel();
  const log = openEventLog(JSON_FORM, { clock, channel });
  log.child({ session: 'S1' }).warn('gate.line', { text: 'two\nlines', count: 2, nothing: undefined });
  assert.deepEqual(lines, [
    '{"at":"2026-11-21T12:00:07.000Z","level":"warn","event":"gate.line","role":"gate","session":"S1","text":"two\\nlines","count":2}',
  ]);
});

test('house: at a terminal an event is a sentence, and no peer controls the terminal', () => {
  const { channel, lines } = heldChannel();
  const settings: EventLogSettings = { ...JSON_FORM, form: 'words', fields: {} };
  openEventLog(settings, { clock, channel }).error('tls.refused', { why: 'a \u001b[31mred\u0007 word' });
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /^\d\d:\d\d:07 error The new certificate .* \(tls\.refused\) why="a red\\u0007 word"$/);
});

test('B6: what nobody reads is kept to the bound, dropped beyond it, and told once when there is a reader again', () => {
  const { channel, lines, release } = heldChannel();
  const log = openEventLog(JSON_FORM, { clock, channel });
  for (let i = 0; i < 1_000; i++) log.info('gate.line', { i });
  assert.equal(lines.length, 1);
  assert.ok(log.dropped > 900, `${log.dropped} dropped`);
  const kept = 1_000 - log.dropped;

  for (let i = 0; i < 5; i++) release();
  assert.equal(lines.length, kept + 1);
  const last: unknown = JSON.parse(lines.at(-1) ?? '');
  assert.deepEqual(last, {
    at: '2026-11-21T12:00:07.000Z',
    level: 'warn',
    event: 'log.dropped',
    role: 'gate',
    count: log.dropped,
  });
  log.info('gate.line', { i: 1_000 });
  release();
  assert.equal(lines.length, kept + 2);
});

test('B6: a channel that fails loses its lines, counts them, and is tried again', () => {
  const { channel, lines, release } = heldChannel();
  const log = openEventLog(JSON_FORM, { clock, channel });
  log.info('gate.line', { i: 1 });
  release(new Error('no space'));
  assert.equal(log.dropped, 1);
  log.info('gate.line', { i: 2 });
  release();
  assert.match(lines.at(-1) ?? '', /"log\.dropped".*"count":1/);
});

test('contract: a file gets every line in order, and disposing waits for it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-log-'));
  const fd = openSync(join(dir, 'log'), 'a');
  {
    await using log = openEventLog({ ...JSON_FORM, bytesMax: 1e6 }, { clock, channel: fileChannel(fd) });
    for (let i = 0; i < 2_000; i++) log.info('gate.line', { i });
  }
  const lines = (await readFile(join(dir, 'log'), 'utf8')).trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { i: number }).i),
    Array.from({ length: 2_000 }, (_, i) => i),
  );
  closeSync(fd);
  await rm(dir, { recursive: true });
});

// The whole of it as a process: stdout is a pipe to another process, as under a log collector.
const WRITER = `
  import { channelOf, openEventLog } from ${JSON.stringify(import.meta.resolve('./index.ts'))};
  const log = openEventLog({ form: 'json', colour: false, bytesMax: 65536, fields: {} },
    { clock: { now: () => 0 }, channel: channelOf(1, process.stdout) });
  let [ticks, longest, last] = [0, 0, performance.now()];
  setInterval(() => {
    for (let i = 0; i < 50; i++) log.info('gate.line', { filler: 'x'.repeat(200) });
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
    ticks++;
  }, 5);
  process.on('disconnect', () => process.exit(1));
  process.on('message', (word) => {
    if (word === 'end') log[Symbol.asyncDispose]().then(() => process.exit(0));
    else process.send({ ticks, longest, dropped: log.dropped });
  });
`;

type Figures = { ticks: number; longest: number; dropped: number };

async function withWriter(
  use: (ask: () => Promise<Figures>, reader: ChildProcess, writer: ChildProcess) => Promise<void>,
) {
  const reader = spawn('cat', [], { stdio: ['pipe', 'ignore', 'inherit'] });
  const pipe = reader.stdin as unknown as Duplex;
  const options = ['--input-type=module-typescript', '-e', WRITER];
  const writer = spawn(process.execPath, options, { stdio: ['ignore', pipe, 'inherit', 'ipc'] });
  const exited = once(writer, 'exit');
  pipe.destroy();
  const ask = async (): Promise<Figures> => {
    writer.send('ask');
    const [figures] = (await once(writer, 'message')) as [Figures];
    return figures;
  };
  const until = async (good: (figures: Figures) => boolean): Promise<Figures> => {
    for (let figures = await ask(); ; figures = await ask()) if (good(figures)) return figures;
  };
  try {
    await until(({ ticks }) => ticks > 5);
    await use(ask, reader, writer);
    const before = await ask();
    await until(({ ticks, dropped }) => ticks > before.ticks + 20 && dropped > before.dropped);
    writer.send('end');
    assert.deepEqual(await exited, [0, null]);
  } finally {
    writer.kill('SIGKILL');
    reader.kill('SIGKILL');
  }
}

test('B6: a stopped log reader does not stop the process, and its drops are counted', async () => {
  await withWriter(async (ask, reader) => {
    reader.kill('SIGSTOP');
    const before = await ask();
    for (let figures = before; figures.dropped === 0; ) figures = await ask();
    assert.ok((await ask()).ticks > before.ticks);
  });
});

test('B6: a dead log reader does not end the process, and its drops are counted', async () => {
  await withWriter(async (ask, reader, writer) => {
    reader.kill('SIGKILL');
    await once(reader, 'exit');
    for (let figures = await ask(); figures.dropped === 0; ) figures = await ask();
    assert.equal(writer.exitCode, null);
  });
});
