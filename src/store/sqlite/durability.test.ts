import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import type { IncarnationId, MailId } from '#/model/index.ts';
import type { ClaimRequest } from '#/ports/index.ts';
import { assertBalanced } from '../contract/questions.ts';
import {
  claimOfAccepted,
  DELIVERED,
  mail,
  PARTNER,
  recipient,
  settlementOf,
  soon,
  textOf,
  worker,
} from '../contract/samples.ts';
import { Fixture } from './fixture.ts';
import type { SqliteCustody } from './index.ts';
import { isAheadOfTables, openSqliteReader } from './index.ts';

it('H3: after kill -9 under load, all that was acknowledged is there and the books balance', async () => {
  await using fixture = await Fixture.make();
  const child = spawn(process.execPath, [new URL('./kill-me.ts', import.meta.url).pathname, fixture.dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length === 300) child.kill('SIGKILL');
  }
  const custody = await fixture.open();
  for (const line of acknowledged) {
    const [id = '', state] = line.split(' ');
    const [trace] = await custody.trace({ ids: [id as MailId] }, 1, soon());
    assert.ok(trace, `${id} is lost`);
    if (state === 'settled') assert.equal(trace.recipients[0]?.state, 'delivered');
    else if (trace.recipients[0]?.state === 'queued')
      assert.ok(textOf(await custody.body(trace.id, soon())).endsWith(id));
  }
  await assertBalanced(custody);
  const [beat] = await custody.beats(soon());
  await custody.retire(beat?.incarnation.id as IncarnationId, false, soon());
  assert.deepEqual(await custody.sweep(soon()), []);
  assert.deepEqual((await custody.scrub(null, 100_000, soon())).orphans, []);
});

it('H3: a store that is closed in the middle of its work has all of it, once', async () => {
  await using fixture = await Fixture.make();
  for (const count of [3, 600, 1_100]) {
    const custody = await fixture.open();
    const before = (await custody.books(soon()))[0]?.accepted ?? 0;
    const accepted = Array.from({ length: count }, () => custody.accept([mail(fixture.clock)], null, soon()));
    // Some of it is in a commit then, some waits behind it.
    await accepted[Math.floor(count / 2)];
    await custody[Symbol.asyncDispose]();
    await Promise.all(accepted);
    const again = await fixture.open();
    assert.equal((await again.books(soon()))[0]?.accepted, before + count);
    await assertBalanced(again);
    await again[Symbol.asyncDispose]();
  }
});

it('design 4: a data directory has one writer at a time', async () => {
  await using fixture = await Fixture.make();
  const first = await fixture.open();
  await assert.rejects(fixture.open(), { code: 'store.locked' });
  await first[Symbol.asyncDispose]();
  await fixture.open();
});

it('B5: a file of a release that we do not know is left alone', async () => {
  await using fixture = await Fixture.make();
  await (await fixture.open())[Symbol.asyncDispose]();
  fixture.tamper('PRAGMA user_version = 99');
  await assert.rejects(fixture.open(), { code: 'store.foreign' });
});

it('design 1: locked content is not opened without its key', async () => {
  await using fixture = await Fixture.make();
  const custody = await fixture.open();
  await custody.accept([mail(fixture.clock)], null, soon());
  await custody[Symbol.asyncDispose]();
  await rm(fixture.keyFile);
  await assert.rejects(fixture.open(), { code: 'key.missing' });
  await writeFile(fixture.keyFile, `${'0'.repeat(64)}\n`);
  await assert.rejects(fixture.open(), { code: 'key.missing' });
});

it('H3: calls share a flush and never the fate', async () => {
  await using fixture = await Fixture.make();
  const custody = await fixture.open();
  const wrong = mail(fixture.clock, { hops: null as never });
  const good = [mail(fixture.clock), mail(fixture.clock)];
  const outcomes = await Promise.allSettled(
    [good[0], wrong, good[1]].map((each) => custody.accept([each ?? wrong], null, soon())),
  );
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  await assert.rejects(custody.accept([mail(fixture.clock), wrong], null, soon()));
  assert.equal((await custody.books(soon()))[0]?.accepted, 2);
  await assertBalanced(custody);
});

it('H5: a claim whose caller has gone is given back', async () => {
  await using fixture = await Fixture.make();
  const custody = await fixture.open();
  const w1 = worker('1');
  await custody.enlist(w1, soon());
  await custody.accept([mail(fixture.clock)], null, soon());
  const request = {
    kind: 'due',
    destination: PARTNER,
    tenant: null,
    fresh: false,
    ignoreDue: false,
    now: fixture.clock.now(),
    limit: 9,
  } as const;
  await claimLate(custody, request);
  for (let tries = 0; (await custody.depth(soon())).length === 0; tries++) {
    assert.ok(tries < 500, 'it stays claimed');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
});

it('H5: held mail waits on as it was when a claim of it is answered too late', async () => {
  await using fixture = await Fixture.make();
  const custody = await fixture.open();
  await custody.enlist(worker('1'), soon());
  const sent = mail(fixture.clock, { recipients: [recipient(1, { held: 'operator' })] });
  await custody.accept([sent], null, soon());
  const before = await custody.trace({ ids: [sent.id] }, 1, soon());
  await claimLate(custody, { kind: 'held', now: Number.MAX_SAFE_INTEGER, limit: 9 });
  const named = { kind: 'named', filter: { ids: [sent.id] }, limit: 9 } as const;
  for (let tries = 0; (await custody.claim(named, worker('1').id, soon())).length === 0; tries++) {
    assert.ok(tries < 500, 'it stays claimed');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.deepEqual(await custody.trace({ ids: [sent.id] }, 1, soon()), before);
});

it('H5: a sweep mends rows that nothing would move, and names them', async () => {
  await using fixture = await Fixture.make();
  const custody = await fixture.open();
  const w1 = worker('1');
  await custody.enlist(w1, soon());
  const recipients = [recipient(1), recipient(2, { held: 'operator' })];
  const [bare, lost] = [mail(fixture.clock, { recipients }), mail(fixture.clock)];
  await custody.accept([bare], null, soon());
  await custody.accept([lost], w1.id, soon());
  fixture.tamper(
    'UPDATE recipient SET due = NULL, attention_at = NULL WHERE claim_by IS NULL; DELETE FROM incarnation',
  );
  const orphans = await custody.sweep(soon());
  assert.deepEqual(
    orphans.map(({ message, recipient: n, fault, mended }) => [message, n, fault, mended]),
    [
      [lost.id, 1, 'claimed by a dead worker', true],
      [bare.id, 1, 'no due time', true],
      [bare.id, 2, 'held without a deadline', true],
    ],
  );
  assert.deepEqual(await custody.sweep(soon()), []);
  assert.equal((await custody.depth(soon()))[0]?.waiting, 2);
  await assertBalanced(custody);
});

it('H5: a scrub finds content that is missing or differs, and rows without a message', async () => {
  await using fixture = await Fixture.make();
  const custody = await fixture.open();
  const sent = [mail(fixture.clock), mail(fixture.clock), mail(fixture.clock), mail(fixture.clock)];
  await custody.accept(sent, null, soon());
  const [missing, damaged, gone, fine] = sent.map(({ id }) => id);
  // One points to a segment that is not there, the other to the content of a third.
  fixture.tamper(`UPDATE message SET log_at = log_at + 99 * 4294967296 WHERE id = '${missing}';
    UPDATE message SET log_at = (SELECT log_at FROM message WHERE id = '${fine}') WHERE id = '${damaged}';
    DELETE FROM message WHERE id = '${gone}'`);
  const { orphans } = await custody.scrub(null, 10, soon());
  assert.deepEqual(
    orphans.map(({ message, fault }) => [message, fault]),
    [
      [gone, 'no message row'],
      [missing, 'body missing'],
      [damaged, 'body differs from acceptance'],
    ],
  );
  await assert.rejects(custody.body(missing as MailId, soon()), { code: 'body.missing' });
  await assert.rejects(custody.body(damaged as MailId, soon()), { code: 'body.damaged' });
  await custody.body(fine as MailId, soon());
});

it('H5: books that were tampered with do not balance', async () => {
  await using fixture = await Fixture.make();
  const custody = await fixture.open();
  await custody.accept([mail(fixture.clock), mail(fixture.clock)], null, soon());
  fixture.tamper('DELETE FROM recipient WHERE message = (SELECT min(id) FROM message)');
  const [tenant] = await custody.recount(soon());
  assert.equal(tenant?.balanced, false);
  assert.deepEqual([tenant?.books.accepted, tenant?.books.queued, tenant?.live.queued], [2, 1, 2]);
});

it('design 5: a reader can tell that a killed store has more in its log than in its tables', async () => {
  await using fixture = await Fixture.make();
  const custody = await fixture.open();
  await custody.accept([mail(fixture.clock)], null, soon());
  await custody.kill();
  assert.equal(isAheadOfTables(fixture.dir), true);
  const again = await fixture.open();
  await again[Symbol.asyncDispose]();
  assert.equal(isAheadOfTables(fixture.dir), false);
});

it('design 5: trace and books are read beside a running server and of a stopped one', async () => {
  await using fixture = await Fixture.make();
  const custody = await fixture.open();
  const w1 = worker('1');
  await custody.enlist(w1, soon());
  const sent = mail(fixture.clock);
  await custody.accept([sent], w1.id, soon());
  await custody.settle(settlementOf(claimOfAccepted(sent), DELIVERED), w1.id, soon());
  for (let stopped = 0; stopped < 2; stopped++) {
    await using reader = await openSqliteReader(fixture.dir);
    assert.equal((await reader.trace({ ids: [sent.id] }, 1, soon()))[0]?.recipients[0]?.state, 'delivered');
    assert.equal((await reader.recount(soon()))[0]?.balanced, true);
    await custody[Symbol.asyncDispose]();
  }
});

it('B3: after a writer that ended, calls are refused at once and the failure is told', async () => {
  await using fixture = await Fixture.make();
  const custody = await fixture.open();
  await custody.kill();
  await assert.rejects(custody.accept([mail(fixture.clock)], null, soon()), { code: 'store.unavailable' });
});

it('H5: a large body stays where it is until the last message that names it has ended', async () => {
  await using fixture = await Fixture.make();
  const clock = fixture.clock;
  const ref = { key: 'large-1', size: 3_000_000, sha256: 'ab'.repeat(32) };
  const there = new Set([ref.key]);
  const condemned: string[] = [];
  const custody = await fixture.open({
    create: () => assert.fail('nothing is written here'),
    read: () => assert.fail('nothing is read here'),
    has: async (_tenant, { key }) => there.has(key),
    condemn: async (_tenant, keys) => void condemned.push(...keys),
    purge: async () => 0,
  });
  const w1 = worker('1');
  await custody.enlist(w1, soon());
  const body = { kind: 'blob', ref, size: ref.size } as const;
  const sent = [mail(clock, { body }), mail(clock, { body })] as const;
  await custody.accept(sent, null, soon());
  const request = { kind: 'named', filter: {}, limit: 9 } as const;
  const [first, second] = await custody.claim(request, w1.id, soon());
  assert.ok(first && second);
  assert.deepEqual(first.body, body);
  assert.deepEqual(await custody.body(sent[0].id, soon()), body);
  await custody.settle(settlementOf(first, DELIVERED), w1.id, soon());
  assert.deepEqual(condemned, []);
  assert.deepEqual(await custody.blobsInUse([ref.key, 'other'], soon()), new Set([ref.key]));
  there.clear();
  await assert.rejects(custody.body(sent[1].id, soon()), { code: 'body.missing' });
  assert.equal((await custody.scrub(null, 9, soon())).orphans[0]?.fault, 'body missing');
  await custody.settle(settlementOf(second, DELIVERED), w1.id, soon());
  assert.deepEqual(condemned, [ref.key]);
});

/** A claim that comes to be, and whose caller has gone by then. */
async function claimLate(custody: SqliteCustody, request: ClaimRequest): Promise<void> {
  const late = assert.rejects(custody.claim(request, worker('1').id, { deadlineAt: performance.now() + 10 }), {
    code: 'call.late',
  });
  await new Promise((resolve) => setImmediate(resolve));
  // The answer comes while this loop is not listening: the deadline is seen first.
  for (const begin = performance.now(); performance.now() - begin < 100; );
  await late;
}
