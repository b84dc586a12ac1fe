/** Mail to many recipients that is broken off half-way: who has it already must not get it again (H4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BlobRef,
  type Call,
  type Change,
  Fault,
  INSPECT_DESTINATION,
  isCopy,
  type MailAddress,
  type Outcome,
  type PolicyVersion,
  pinned,
  type TenantId,
  type Verdict,
} from '#/model/index.ts';
import { claimOf, routeKey, routeTo, type Script, ScriptedServer, startBench, usualKeywords } from '#/testkit/index.ts';

const TO = ['a@peer.test', 'b@peer.test', 'c@peer.test', 'd@peer.test'];
const ONE_AT_A_TIME = [...usualKeywords, 'LIMITS RCPTMAX=1'];

async function pair(script: Script, options: Parameters<typeof startBench>[0] = {}) {
  const server = await ScriptedServer.start(script);
  const bench = startBench({ routes: [routeTo(server.port)], ...options });
  const close = async (): Promise<void> => {
    await bench[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  };
  return { server, bench, work: bench.work, key: routeKey(server.port), [Symbol.asyncDispose]: close };
}

function byRecipient(settlement: { outcomes: readonly { n: number; outcome: Outcome }[] } | undefined): string[] {
  return [...(settlement?.outcomes ?? [])].sort((a, b) => a.n - b.n).map(({ outcome }) => outcome.kind);
}

test('H4: a connection lost between two transactions of one mail leaves every recipient with one outcome', async () => {
  await using it = await pair({
    keywords: ONE_AT_A_TIME,
    answer: (step, _line, count, session) =>
      step === 'content' && count === 1 && it.server.sessions[0] === session ? 'drop' : null,
  });
  it.work.offer(it.key, [claimOf({ to: TO })]);
  await it.work.until({ released: 1 });
  assert.equal(it.work.returned.length, 0);
  assert.deepEqual(byRecipient(it.work.settlements[0]), ['deferred', 'delivered', 'delivered', 'delivered']);
});

test('H4: served recipients stay served when the rest finds no connection any more', async () => {
  await using it = await pair({
    keywords: ONE_AT_A_TIME,
    answer: (step, _line, count, session) => {
      if (it.server.sessions[0] !== session) return '554 5.3.2 not now';
      return step === 'content' && count === 2 ? 'drop' : null;
    },
  });
  const recipient = { attempts: 1, lastAttemptAt: Date.now() };
  it.work.offer(it.key, [claimOf({ to: TO, recipient })], { probe: true });
  await it.work.until({ released: 1 });
  assert.equal(it.work.returned.length, 0);
  assert.equal(byRecipient(it.work.settlements[0])[0], 'delivered');
});

test('H4: served recipients stay served when the server is stopped between two transactions', async () => {
  let arrived: () => void = () => {};
  const second = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  await using it = await pair({
    keywords: ONE_AT_A_TIME,
    answer: (step, _line, count) => {
      if (step !== 'content' || count !== 2) return null;
      arrived();
      return 'hang';
    },
  });
  it.work.offer(it.key, [claimOf({ to: TO })]);
  await second;
  await it.bench[Symbol.asyncDispose]();
  assert.equal(it.work.released, 1);
  assert.equal(it.work.returned.length, 0);
  assert.deepEqual(byRecipient(it.work.settlements[0]), ['delivered', 'deferred', 'returned', 'returned']);
});

test('H5: a large mail to a slow peer is not begun anew for ever: only a peer that stands still is too slow', async () => {
  const piece = Buffer.from('x'.repeat(62).concat('\r\n').repeat(100));
  const ref = { key: 'k', size: 10 * piece.length, sha256: '' };
  const read = async function* (_tenant: TenantId, _ref: BlobRef, call: Call) {
    for (let i = 0; i < 10; i++) {
      await sleep(30);
      if (performance.now() > call.deadlineAt) throw new Fault('call.late');
      yield piece;
    }
  };
  const body = { kind: 'blob', ref, size: ref.size } as const;
  await using it = await pair({}, { custody: { body: async () => body }, blobs: { read }, limits: { openMs: 200 } });
  it.work.offer(it.key, [claimOf({ body })]);
  await it.work.until({ settled: 1 });
  assert.deepEqual(it.work.kinds(), ['delivered']);
});

for (const code of ['body.missing', 'body.damaged', 'key.missing'] as const) {
  test(`H5: mail whose content is gone is set aside and raised, not tried for ever: ${code}`, async () => {
    const ref = { key: 'k', size: 100, sha256: '' };
    const gone = (): never => {
      throw new Fault(code);
    };
    const half = async function* () {
      yield Buffer.from('Subject: half\r\n\r\n');
      gone();
    };
    await using it = await pair({}, { custody: { body: async () => gone() }, blobs: { read: half } });
    const lost = [claimOf({ content: null, to: TO }), claimOf({ body: { kind: 'blob', ref, size: 100 } })];
    it.work.offer(it.key, [claimOf(), ...lost, claimOf()]);
    await it.work.until({ settled: 4 });
    assert.deepEqual(it.work.kinds().sort(), ['delivered', 'delivered', ...Array(5).fill('held')]);
    const outcomes = it.work.settlements.flatMap((each) => each.outcomes.map(({ outcome }) => outcome));
    for (const outcome of outcomes)
      if (outcome.kind === 'held') assert.match(outcome.detail, /restore it from a backup/);
    const raised = it.bench.log.filter((line) => line.startsWith('outbound.content-lost'));
    assert.equal(raised.length, 2);
    assert.match(raised[0] ?? '', /"incident":true/);
    assert.equal(it.server.mails.length, 2);
  });
}

test('H1: mail that waited since before a rule concerned it is not sent but moved before inspection, and rerouted mail too', async () => {
  await using it = await pair({}, { policy: { concerns: (_, direction) => direction === 'outbound' } });
  const moved = [{ n: 1, outcome: { kind: 'moved', destination: INSPECT_DESTINATION } }];
  for (const key of [it.key, pinned(it.key)]) {
    it.work.offer(key, [claimOf({ to: ['a@peer.test'] })]);
    await it.work.until({ settled: 1 });
    assert.deepEqual(it.work.settlements.pop()?.outcomes, moved);
  }
  it.work.offer(it.key, [claimOf({ to: ['a@peer.test'], recipient: { judged: true } })]);
  await it.work.until({ settled: 1 });
  assert.deepEqual(byRecipient(it.work.settlements.pop()), ['delivered']);
});

test('H1: who a rule adds as Bcc gets a copy of what has left, with the outcome of the first who is served, and of nobody who is not', async () => {
  const bcc = 'boss@acme.test' as MailAddress;
  const archive = 'vault@acme.test' as MailAddress;
  const changes: readonly Change[] = [
    { kind: 'archiveCopy', to: [archive] },
    { kind: 'tagSubject', text: '[out]' },
    { kind: 'addBcc', to: [bcc] },
  ];
  const verdict: Verdict = {
    ...{ kind: 'pass', rule: 'copy', version: 'v' as PolicyVersion },
    ...{ reason: { en: '', ja: '' }, changes, notify: [] },
  };
  await using it = await pair({
    answer: (step, line) => (step === 'rcpt' && line.includes('b@peer.test') ? '450 4.2.0 later' : null),
  });
  for (const to of [['b@peer.test'], ['b@peer.test', 'a@peer.test']]) {
    it.work.offer(it.key, [claimOf({ to, recipient: { judged: true, verdict } })]);
    await it.work.until({ settled: 1 });
    const settlement = it.work.settlements.pop();
    const copies = (settlement?.born ?? []).filter(({ purpose }) => purpose === 'mail');
    if (to.length === 1) {
      assert.deepEqual(copies, []);
      continue;
    }
    const [copy] = copies;
    assert.deepEqual([copies.length, copy?.bornOf, copy?.once], [1, 2, `bcc ${bcc}`]);
    assert.deepEqual([copy?.recipients[0]?.address, copy?.parent], [bcc, settlement?.claim.mail.id]);
    assert.equal(copy?.hops, settlement?.claim.mail.hops);
    assert.ok(copy !== undefined && isCopy(copy.identity));
    assert.match(copy.body.kind === 'memory' ? Buffer.concat(copy.body.chunks).toString() : '', /^Subject: \[out\]/m);
  }
});
