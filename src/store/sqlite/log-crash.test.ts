/** What kills and losses of power leave of a store, between any two of its steps. */
import assert from 'node:assert/strict';
import fs, { existsSync, utimesSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { it } from 'node:test';
import { DAY_MS, mail, worker } from '../contract/samples.ts';
import { Bench, Folders, failing, LogDisk, ME } from './crash-fixture.ts';
import { StoreBroken } from './failures.ts';
import { pack } from './wire.ts';

const FULL = 13;
const IOERR = 10;

it('H3: tables that reach the disk before the log does never say more than it holds', (context) => {
  using folders = new Folders();
  const disk = new LogDisk(context);
  const bench = new Bench(folders.make());
  const sent = [mail(bench.clock), mail(bench.clock)];
  bench.accept(sent);
  bench.writer.commit();
  const after = new Bench(folders.cut(bench.dir, disk));
  assert.deepEqual(
    after.contentOf(sent),
    sent.map(({ size }) => size),
  );
  after.writer.close();
  bench.writer.close();
});

it('H3: what a start found after a kill outlives a loss of power that follows', (context) => {
  using folders = new Folders();
  const disk = new LogDisk(context);
  const first = new Bench(folders.make());
  const sent = [mail(first.clock), mail(first.clock)];
  first.accept(sent);
  const second = new Bench(folders.killed(first.dir));
  const third = new Bench(folders.cut(second.dir, disk));
  assert.deepEqual(
    third.contentOf(sent),
    sent.map(({ size }) => size),
  );
  for (const { writer } of [first, second, third]) writer.close();
});

it('H3: a start that is killed at its work has carried the log out once, or not at all', (context) => {
  using folders = new Folders();
  const first = new Bench(folders.make());
  first.ask('enlist', { incarnation: worker('1') });
  first.ask('beat', { worker: ME });
  const killed = folders.killed(first.dir);
  first.writer.close();
  for (let from = 1; from <= 3; from++) {
    const dir = folders.killed(killed);
    const broken = failing(context, 'COMMIT', IOERR, { from, times: 1 });
    let started: Bench | null = null;
    try {
      started = new Bench(dir);
    } catch {}
    broken.restore();
    const again = new Bench(folders.killed(dir));
    assert.equal(again.read('SELECT beat FROM incarnation')[0]?.beat, 1, `ended at commit ${from}`);
    again.writer.close();
    started?.writer.close();
  }
});

it('H3: what was answered is still there when the tables have no room while a day’s key is made', (context) => {
  using folders = new Folders();
  const bench = new Bench(folders.make());
  const [before, over] = [mail(bench.clock), mail(bench.clock)];
  assert.ok(bench.accept([before]).ok);
  bench.clock.ms += DAY_MS;
  // One commit finds no room; the next one does.
  const full = failing(context, 'COMMIT', FULL, { times: 1 });
  bench.accept([over]);
  full.restore();
  bench.writer.commit();
  assert.ok(bench.accept([mail(bench.clock)]).ok);
  bench.writer.commit();
  assert.equal(bench.read(`SELECT count(*) AS n FROM message WHERE id = '${before.id}'`)[0]?.n, 1);
  bench.writer.close();
});

it('H3: a segment whose last content was carried into rows stays until those rows are durable', () => {
  using folders = new Folders();
  const dir = folders.make();
  const first = new Bench(dir);
  const sent = mail(first.clock);
  first.accept([sent]);
  first.writer.close();
  const bench = new Bench(dir);
  const segment = join(dir, 'log', '00000001.seg');
  const lastHour = Date.now() / 1000 - 3600;
  utimesSync(segment, lastHour, lastHour);
  // How far the tables were durable before anything was carried, told twice.
  const durable = bench.reached;
  bench.writer.tidy(durable);
  assert.equal(bench.read('SELECT count(*) AS n FROM body')[0]?.n, 1, 'it was carried');
  bench.writer.tidy(durable);
  assert.ok(existsSync(segment), 'the carried rows may be lost yet');
  bench.ask('enlist', { incarnation: worker('1') });
  bench.writer.commit();
  bench.writer.tidy(bench.reached);
  assert.ok(!existsSync(segment), 'nobody needs it');
  assert.deepEqual(bench.contentOf([sent]), [sent.size]);
  bench.writer.close();
});

it('H3: carried out again, the log leads to the same rows and events, those of failed requests left out', () => {
  using folders = new Folders();
  const bench = new Bench(folders.make());
  bench.accept([mail(bench.clock)]);
  const [good, wrong] = [mail(bench.clock), mail(bench.clock, { hops: null as never })];
  const packed = [good, wrong].map((each) => pack([each]));
  const bytes = new Uint8Array(Buffer.concat(packed.flatMap(({ chunks }) => chunks))).buffer;
  const answers = bench.group(
    packed.map(({ mails }, i) => ({
      name: 'accept',
      input: { mails, claimFor: null },
      base: i * (packed[0]?.size ?? 0),
    })),
    bytes,
  );
  assert.deepEqual(
    answers.map(({ ok }) => ok),
    [true, false],
  );
  bench.accept([mail(bench.clock)]);
  const killed = folders.killed(bench.dir);
  bench.writer.commit();
  const events = 'SELECT seq, message, recipient, kind FROM journal ORDER BY seq';
  const again = new Bench(killed);
  assert.deepEqual(again.read(events), bench.read(events));
  again.writer.close();
  bench.writer.close();
});

it('design 1: behind a flush that failed the tables take nothing more', (context) => {
  using folders = new Folders();
  const failures: string[] = [];
  const bench = new Bench(folders.make(), {}, (error) => failures.push(error.message));
  bench.ask('enlist', { incarnation: worker('1') });
  bench.writer.commit();
  const landing: ((error: Error) => void)[] = [];
  context.mock.method(fs, 'fdatasync', (_file: number, then: (error: Error) => void) => landing.push(then));
  syncBuiltinESMExports();
  bench.accept([mail(bench.clock)]);
  landing[0]?.(new Error('EIO'));
  assert.deepEqual(failures, ['EIO']);
  assert.throws(() => bench.writer.commit(), StoreBroken);
  assert.equal(bench.read('SELECT count(*) AS n FROM message')[0]?.n, 0);
  context.mock.restoreAll();
  syncBuiltinESMExports();
  bench.writer.abandon();
});
