import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { it } from 'node:test';
import type { ArrivedMail, Domain, IncarnationId } from '#/model/index.ts';
import { mxDestination } from '#/model/index.ts';
import { mail, NOON, recipient, StandingClock, worker } from '../contract/samples.ts';
import { CUSTODY_DEFAULTS } from '../custody/index.ts';
import { StoreBroken } from './failures.ts';
import { placeAt, replay, Segments } from './log/index.ts';
import { seedIn } from './log-notes.ts';
import type { WireClaim, WriterAnswer } from './protocol.ts';
import { pack } from './wire.ts';
import { Writer } from './writer.ts';

const clock = new StandingClock();

async function withWriter(run: (writer: Writer, dir: string) => void): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-writer-'));
  const writer = new Writer(
    {
      dir,
      keyFile: join(dir, 'secrets.key'),
      encryptBodies: true,
      settings: CUSTODY_DEFAULTS,
    },
    (error) => assert.fail(error),
  );
  try {
    ask(writer, 'enlist', { incarnation: worker('1') });
    run(writer, dir);
  } finally {
    writer.close();
    await rm(dir, { recursive: true });
  }
}

function ask(writer: Writer, name: string, input: unknown, bytes = new ArrayBuffer()): WriterAnswer[] {
  const requests = JSON.stringify([{ name, input, base: 0 }]);
  return JSON.parse(writer.group({ now: NOON, requests, bytes, restartWal: false, durable: null }).answers);
}

function accept(writer: Writer, mails: readonly ArrivedMail[], claimFor: IncarnationId | null): WriterAnswer[] {
  const packed = pack(mails);
  const bytes = new Uint8Array(Buffer.concat(packed.chunks)).buffer;
  return ask(writer, 'accept', { mails: packed.mails, claimFor }, bytes);
}

/** Mails that wait for twenty destinations. */
function queue(writer: Writer, count: number): void {
  const destination = (i: number) => mxDestination(`d${i % 20}.test` as Domain);
  const mails = Array.from({ length: count }, (_, i) =>
    mail(clock, { recipients: [recipient(1, { destination: destination(i) })] }),
  );
  accept(writer, mails, null);
}

/** SQL of everything that runs while `run` does. */
function statementsOf(context: TestContext, run: () => void): string[] {
  const seen: string[] = [];
  const spies = (['run', 'get', 'all', 'iterate'] as const).map((method) => {
    const original = StatementSync.prototype[method] as (...values: unknown[]) => unknown;
    return context.mock.method(StatementSync.prototype, method, function (this: StatementSync, ...values: unknown[]) {
      seen.push(this.sourceSQL);
      return original.apply(this, values);
    });
  });
  run();
  for (const spy of spies) spy.mock.restore();
  return seen;
}

it('M3: an accept runs the same statements and writes as much, whatever waits', async (context) => {
  await withWriter((writer, dir) => {
    const walBytes = (): number => statSync(join(dir, 'custody.db-wal')).size;
    const measure = (): { statements: string[]; bytes: number } => {
      for (let i = 0; i < 30; i++) accept(writer, [mail(clock)], worker('1').id);
      const before = walBytes();
      const statements = statementsOf(context, () => accept(writer, [mail(clock)], worker('1').id));
      for (let i = 0; i < 49; i++) accept(writer, [mail(clock)], worker('1').id);
      return { statements, bytes: walBytes() - before };
    };
    const empty = measure();
    for (let i = 0; i < 20; i++) queue(writer, 1000);
    const full = measure();
    assert.deepEqual(full.statements, empty.statements);
    assert.ok(full.bytes <= 1.5 * empty.bytes, `${full.bytes} instead of ${empty.bytes} octets`);
  });
});

it('M3, H5: no statement of the writer’s daily work looks at more than it takes', async (context) => {
  await withWriter((writer, dir) => {
    const due = { destination: 'mx:d1.test', tenant: null, fresh: false, ignoreDue: false, now: NOON };
    const me = worker('1').id;
    const outcomes = [{ n: 1, token: 1, outcome: { kind: 'discarded', reason: '' } }];
    const used = statementsOf(context, () => {
      queue(writer, 100);
      const sent = mail(clock);
      accept(writer, [sent], me);
      ask(writer, 'settle', { message: sent.id, worker: me, elapsedMs: 0, peer: null, outcomes, born: [] });
      ask(writer, 'claim', { request: { kind: 'due', ...due, limit: 5 }, worker: me });
      ask(writer, 'claim', { request: { kind: 'attention', now: NOON, limit: 5 }, worker: me });
      ask(writer, 'claim', { request: { kind: 'held', now: NOON, limit: 5 }, worker: me });
      ask(writer, 'beat', { worker: me });
      ask(writer, 'sweep', { limit: 5 });
      ask(writer, 'fillIndex', { budgetMs: 1000 });
      ask(writer, 'retire', { worker: me, clean: true, limit: 5 });
    });
    const db = new DatabaseSync(join(dir, 'custody.db'), { readOnly: true });
    for (const sql of new Set(used)) {
      const plan = explain(db, sql);
      assert.doesNotMatch(
        plan,
        /SCAN (?!recipient USING (COVERING )?INDEX recipient_no_|\(subquery)|TEMP B-TREE/m,
        `${sql}\n${plan}`,
      );
    }
    db.close();
  });
});

it('M3: depth skips through its indexes', async () => {
  await withWriter((writer, dir) => {
    queue(writer, 100);
    const db = new DatabaseSync(join(dir, 'custody.db'), { readOnly: true });
    const next = `SELECT destination, tenant FROM recipient INDEXED BY recipient_oldest
       WHERE phase = 0 AND claim_by IS NULL AND destination > ? ORDER BY destination, tenant LIMIT 1`;
    assert.doesNotMatch(explain(db, next), /SCAN|TEMP B-TREE/);
    db.close();
  });
});

it('design 1: a commit that fails on its way to the disk is never tried again', async (context) => {
  await withWriter((writer) => {
    accept(writer, [mail(clock)], null);
    const broken = failingCommit(context, 1034);
    assert.throws(() => writer.commit(), StoreBroken);
    assert.equal(broken.commits(), 1);
    broken.restore();
  });
});

it('design 1: while the tables have no room nothing new is taken, and what was taken comes in when they have', async (context) => {
  await withWriter((writer) => {
    const [taken, refused] = [mail(clock), mail(clock)];
    accept(writer, [taken], null);
    const full = failingCommit(context, 13);
    writer.commit();
    assert.deepEqual(accept(writer, [refused], null), [{ ok: false, fault: 'disk.full', detail: '' }]);
    full.restore();
    assert.equal(accept(writer, [refused], null)[0]?.ok, true);
    writer.commit();
    assert.equal(writer.live(), 2);
  });
});

it('design 1: a group that the tables have no room for is taken back out of the log', async (context) => {
  await withWriter((writer, dir) => {
    accept(writer, [mail(clock)], null);
    const sent = mail(clock);
    const full = failing(context, 'INSERT INTO journal', 13);
    assert.deepEqual(accept(writer, [sent], null), [{ ok: false, fault: 'disk.full', detail: '' }]);
    full.restore();
    accept(writer, [mail(clock)], null);
    writer.commit();
    assert.equal(writer.live(), 2);
    const logged = [
      ...replay(
        new Segments(dir, seedOf(dir)),
        placeAt(1, 0),
        () => [],
        () => Buffer.alloc(32),
        () => assert.fail('damage'),
      ),
    ];
    assert.ok(logged.every(({ words }) => !words.includes(sent.id)));
  });
});

it('H3: a store that ended without a commit has all that the log has', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-writer-'));
  const setup = { dir, keyFile: join(dir, 'secrets.key'), settings: CUSTODY_DEFAULTS };
  for (const encryptBodies of [true, false]) {
    const first = new Writer({ ...setup, encryptBodies }, assert.fail);
    const sent = [mail(clock), mail(clock)];
    accept(first, sent, null);
    first.abandon();
    const second = new Writer({ ...setup, encryptBodies }, assert.fail);
    const claim = { request: { kind: 'keys', keys: sent.map(({ id }) => [id, 1]) }, worker: worker('1').id };
    ask(second, 'enlist', { incarnation: worker('1') });
    const [answer] = ask(second, 'claim', claim);
    assert.ok(answer?.ok);
    assert.deepEqual(
      (answer.output as WireClaim[]).map(({ mail: { id }, body }) => [id, body?.size]),
      sent.map(({ id, size }) => [id, size]),
    );
    second.close();
  }
  await rm(dir, { recursive: true });
});

function failingCommit(context: TestContext, errcode: number): { commits: () => number; restore: () => void } {
  return failing(context, 'COMMIT', errcode);
}

/** Statements that begin so fail with this code of SQLite. */
function failing(context: TestContext, begin: string, errcode: number): { commits: () => number; restore: () => void } {
  const method = 'run' as const;
  const original = StatementSync.prototype[method] as (...values: unknown[]) => ReturnType<StatementSync['run']>;
  let calls = 0;
  const spy = context.mock.method(
    StatementSync.prototype,
    method,
    function (this: StatementSync, ...values: unknown[]) {
      if (!this.sourceSQL.startsWith(begin)) return original.apply(this, values);
      calls += 1;
      throw Object.assign(new Error('it failed'), { errcode });
    },
  );
  return { commits: () => calls, restore: () => spy.mock.restore() };
}

function explain(db: DatabaseSync, sql: string): string {
  if (!/^\s*(SELECT|UPDATE|DELETE|INSERT)/.test(sql)) return '';
  return db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map(({ detail }) => String(detail))
    .join('\n');
}

function seedOf(dir: string): number {
  using db = new DatabaseSync(join(dir, 'custody.db'), { readOnly: true });
  return seedIn(db) ?? assert.fail('no seed');
}
