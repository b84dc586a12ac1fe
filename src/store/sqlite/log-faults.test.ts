/** One piece of work, with a kill before each step of it on the disk, and with a disk that is full at each. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { StatementSync } from 'node:sqlite';
import { it, type TestContext } from 'node:test';
import type { ArrivedMail, MailId } from '#/model/index.ts';
import type { Recount } from '#/ports/index.ts';
import { DAY_MS, mail, textBody, worker } from '../contract/samples.ts';
import { Bench, Folders, ME } from './crash-fixture.ts';
import { Reader } from './reader.ts';
import { pack } from './wire.ts';

const SEGMENT_BYTES = 4096;
/** Statements that need room. */
const WRITES = /^(COMMIT|INSERT INTO (journal|message|recipient|fact|day_key|book_delta))/;

/** What was answered, by mail. */
type Told = Map<MailId, 'accepted' | 'ended' | 'refused'>;

/** Calls `before` before each step that asks something of the disk, with how it would fail for want of room. */
function watchSteps(context: TestContext, before: (full: Error) => void): { restore: () => void } {
  const noSpace = () => Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  const spies = (['writevSync', 'writeSync', 'renameSync', 'ftruncateSync', 'fsyncSync', 'unlinkSync'] as const).map(
    (name) => {
      const original = fs[name] as (...values: unknown[]) => unknown;
      return context.mock.method(fs, name, (...values: unknown[]) => {
        before(noSpace());
        return original(...values);
      });
    },
  );
  const method = 'run' as const;
  const run = StatementSync.prototype[method] as (...values: unknown[]) => unknown;
  const statements = context.mock.method(
    StatementSync.prototype,
    'run',
    function (this: StatementSync, ...values: unknown[]) {
      if (WRITES.test(this.sourceSQL)) before(Object.assign(new Error('database or disk is full'), { errcode: 13 }));
      return run.apply(this, values);
    },
  );
  syncBuiltinESMExports();
  return {
    restore: () => {
      for (const spy of [...spies, statements]) spy.mock.restore();
      syncBuiltinESMExports();
    },
  };
}

function big(bench: Bench): ArrivedMail {
  const body = textBody('x'.repeat(3000));
  return mail(bench.clock, { body, size: body.size });
}

/** Mails come, end and wait; segments turn, the day changes, a request fails, segments go. */
function work(bench: Bench, told: Told): void {
  const accept = (sent: ArrivedMail): ArrivedMail => {
    told.set(sent.id, bench.accept([sent], ME).ok ? 'accepted' : 'refused');
    return sent;
  };
  const end = ({ id: message }: ArrivedMail): void => {
    const outcomes = [{ n: 1, token: 1, outcome: { kind: 'discarded', reason: '' } as const }];
    const answer = bench.ask('settle', { message, worker: ME, elapsedMs: 0, peer: null, outcomes, born: [] });
    if (answer.ok && (answer.output as string[])[0] === 'settled') told.set(message, 'ended');
  };
  bench.ask('enlist', { incarnation: worker('1') });
  const [first, second] = [accept(mail(bench.clock)), accept(big(bench))];
  end(first);
  bench.writer.commit();
  accept(big(bench));
  end(accept(mail(bench.clock)));
  failBeside(bench, told);
  bench.clock.ms += DAY_MS;
  accept(big(bench));
  bench.ask('publish', null);
  end(second);
  bench.writer.commit();
  bench.writer.tidy(bench.reached);
  accept(mail(bench.clock));
  bench.writer.commit();
  bench.writer.tidy(bench.reached);
  accept(big(bench));
  bench.writer.commit();
}

/** A group of two, one of which can't be carried out. */
function failBeside(bench: Bench, told: Told): void {
  const [good, wrong] = [mail(bench.clock), mail(bench.clock, { hops: null as never })];
  const packed = [good, wrong].map((each) => pack([each]));
  const bytes = new Uint8Array(Buffer.concat(packed.flatMap(({ chunks }) => chunks))).buffer;
  const requests = packed.map(({ mails }, i) => {
    return { name: 'accept', input: { mails, claimFor: null }, base: i * (packed[0]?.size ?? 0) } as const;
  });
  const answers = bench.group(requests, bytes);
  told.set(good.id, answers[0]?.ok ? 'accepted' : 'refused');
  told.set(wrong.id, 'refused');
}

/** What a start finds is what was told; nothing that was refused is there, unless the group under way may be. */
function examine(dir: string, told: ReadonlyMap<MailId, string>, where: string): void {
  const bench = new Bench(dir, { segmentBytes: SEGMENT_BYTES });
  const found = new Map(
    bench
      .read('SELECT message, phase FROM recipient')
      .map(({ message, phase }) => [message, phase === 2 ? 'ended' : 'accepted']),
  );
  for (const [id, state] of told) {
    const expected = state === 'refused' ? undefined : state;
    assert.ok(
      found.get(id) === expected || (expected === 'accepted' && found.has(id)),
      `${id} is not ${state}: ${where}`,
    );
  }
  bench.writer.close();
  const reader = new Reader({ dir, keyFile: `${dir}/secrets.key` });
  const { orphans } = reader.call('scrub', { after: null, limit: 100 }, 10_000) as { orphans: unknown[] };
  assert.deepEqual(orphans, [], where);
  for (const { balanced } of reader.call('recount', null, 10_000) as Recount[]) assert.ok(balanced, where);
  reader.close();
}

it('H3: a kill before any step on the disk leaves all that was answered, and whole mails alone', (context) => {
  using folders = new Folders();
  const copies: { readonly dir: string; readonly told: Told }[] = [];
  const dir = folders.make();
  const told: Told = new Map();
  const steps = watchSteps(context, () => copies.push({ dir: folders.killed(dir), told: new Map(told) }));
  const bench = new Bench(dir, { segmentBytes: SEGMENT_BYTES });
  work(bench, told);
  bench.writer.close();
  steps.restore();
  assert.ok(copies.length > 60, `only ${copies.length} steps`);
  for (const [i, copy] of copies.entries()) examine(copy.dir, copy.told, `killed before step ${i}`);
});

it('design 1: a disk that is full at any step, once or for long, costs nothing that was answered', (context) => {
  using folders = new Folders();
  let failures = 0;
  for (const long of [1, 5])
    for (let at = 0, done = false; !done; at += long) {
      const dir = folders.make();
      const told: Told = new Map();
      const bench = new Bench(dir, { segmentBytes: SEGMENT_BYTES });
      let step = 0;
      const steps = watchSteps(context, (full) => {
        step += 1;
        if (step <= at || step > at + long) return;
        failures += 1;
        throw full;
      });
      let ended = false;
      try {
        work(bench, told);
        ended = true;
      } catch {
        // It stopped: what the disk has is what counts.
      }
      steps.restore();
      done = step <= at;
      examine(folders.killed(dir), told, `${long} times full at step ${at}, ${ended ? 'went on' : 'stopped'}`);
      bench.writer.abandon();
    }
  assert.ok(failures > 60);
});
