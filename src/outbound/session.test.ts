import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BlobRef, Fault, pinned } from '#/model/index.ts';
import type { Custody, MailSigner } from '#/ports/index.ts';
import {
  claimOf,
  plainContent,
  routeKey,
  routeTo,
  type Script,
  ScriptedServer,
  startBench,
  usualKeywords,
} from '#/testkit/index.ts';

/** A server, and a deliverer with a route to it. */
async function pair(script: Script = {}, options: Parameters<typeof startBench>[0] = {}) {
  const server = await ScriptedServer.start(script);
  const lmtp = script.lmtp ?? false;
  const bench = startBench({ routes: [routeTo(server.port, { lmtp })], ...options });
  const close = async (): Promise<void> => {
    await bench[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  };
  return { server, work: bench.work, key: routeKey(server.port, { lmtp }), [Symbol.asyncDispose]: close };
}

test('RFC 2920 §3.1: the envelope leaves in one write, the content with the next envelope in another', async () => {
  await using it = await pair();
  it.work.offer(it.key, [claimOf({ to: ['a@peer.test', 'b@peer.test'] }), claimOf({ to: ['c@peer.test'] })]);
  await it.work.until({ settled: 2, released: 1 });
  const [session] = it.server.sessions;
  assert.match(
    session?.reads[1] ?? '',
    /^MAIL FROM:<alice@acme\.test>.*\r\nRCPT TO:<a@peer.test>\r\nRCPT TO:<b@peer.test>\r\nDATA\r\n$/,
  );
  assert.match(
    session?.reads[2] ?? '',
    /^From: [\s\S]*Good day\.\r\n\.\r\nMAIL FROM:[\s\S]*RCPT TO:<c@peer.test>\r\nDATA\r\n$/,
  );
  assert.deepEqual(it.work.kinds(), ['delivered', 'delivered', 'delivered']);
  assert.equal(it.server.sessions.length, 1);
});

test('RFC 5321 §4.1.1: a peer without PIPELINING gets one command at a time', async () => {
  await using it = await pair({ keywords: [] });
  it.work.offer(it.key, [claimOf({ to: ['a@peer.test', 'b@peer.test'] })]);
  await it.work.until({ settled: 1 });
  const lines = it.server.sessions[0]?.reads.map((read) => read.split('\r\n')[0]);
  const [ehlo, ...rest] = lines ?? [];
  assert.equal(ehlo, 'EHLO mx.holdfast.test');
  assert.deepEqual(rest.slice(0, 4), [
    'MAIL FROM:<alice@acme.test>',
    'RCPT TO:<a@peer.test>',
    'RCPT TO:<b@peer.test>',
    'DATA',
  ]);
  assert.deepEqual(it.work.kinds(), ['delivered', 'delivered']);
});

test('RFC 5321 §3.2: a server that knows no EHLO is greeted with HELO', async () => {
  await using it = await pair({
    answer: (step, line) => (step === 'hello' && line.startsWith('EHLO') ? '502 5.5.1 no' : null),
  });
  it.work.offer(it.key, [claimOf()]);
  await it.work.until({ settled: 1 });
  assert.deepEqual(it.server.sessions[0]?.lines.slice(0, 2), ['EHLO mx.holdfast.test', 'HELO mx.holdfast.test']);
  assert.deepEqual(it.work.kinds(), ['delivered']);
});

test('RFC 5321 §4.5.2: leading dots arrive as they were, and nothing in a body ends it', async () => {
  const content = 'Subject: dots\r\n\r\n.\r\n..two\r\n.one\r\nend';
  await using it = await pair();
  it.work.offer(it.key, [claimOf({ content })]);
  await it.work.until({ settled: 1 });
  assert.equal(it.server.mails[0]?.content, `${content}\r\n`);
});

test('H4: each recipient has the outcome of its own reply', async () => {
  const answers: Record<string, string> = {
    'no@peer.test': '550 5.1.1 nobody',
    'later@peer.test': '451 4.7.1 greylisted',
  };
  await using it = await pair({
    answer: (step, line) => (step === 'rcpt' ? (answers[line.slice(9, -1)] ?? null) : null),
  });
  it.work.offer(it.key, [claimOf({ to: ['no@peer.test', 'yes@peer.test', 'later@peer.test'] })]);
  await it.work.until({ settled: 1 });
  assert.deepEqual(it.work.kinds(), ['bounced', 'delivered', 'deferred']);
  assert.deepEqual(it.server.mails[0]?.recipients, ['yes@peer.test']);
  assert.equal(it.work.settlements[0]?.peer, `127.0.0.1[127.0.0.1]:${it.server.port}`);
});

test('H4: a refusal of the content falls on those whose RCPT was taken, and only on them', async () => {
  await using it = await pair({
    answer: (step, line) => {
      if (step === 'rcpt' && line.includes('no@')) return '452 4.2.2 full';
      return step === 'content' ? '554 5.7.1 spam' : null;
    },
  });
  it.work.offer(it.key, [claimOf({ to: ['no@peer.test', 'yes@peer.test'] })]);
  await it.work.until({ settled: 1 });
  assert.deepEqual(it.work.kinds(), ['deferred', 'bounced']);
});

test('RFC 2920 §3.1: DATA that is taken without a recipient gets an empty message, and the session goes on', async () => {
  await using it = await pair({
    answer: (step, _line, count) => {
      if (step === 'rcpt' && count === 1) return '550 5.1.1 nobody';
      return step === 'data' && count === 1 ? '354 go on all the same' : null;
    },
  });
  it.work.offer(it.key, [claimOf(), claimOf({ to: ['b@peer.test'] })]);
  await it.work.until({ settled: 2 });
  assert.deepEqual(it.work.kinds(), ['bounced', 'delivered']);
  assert.equal(it.server.sessions.length, 1);
});

test('RFC 5321 §4.1.1.5: after a refused transaction the next one begins with RSET', async () => {
  await using it = await pair({
    answer: (step, _line, count) => (step === 'rcpt' && count === 1 ? '550 5.1.1 no' : null),
  });
  it.work.offer(it.key, [claimOf(), claimOf()]);
  await it.work.until({ settled: 2 });
  assert.deepEqual(
    it.server.sessions[0]?.lines.map((line) => line.slice(0, 4)),
    ['EHLO', 'MAIL', 'RCPT', 'DATA', 'RSET', 'MAIL', 'RCPT', 'DATA'],
  );
});

test('RFC 5321 §4.5.3.1.10: recipients that were too many go at once in a transaction of their own', async () => {
  let taken = 0;
  await using it = await pair({
    answer: (step) => {
      if (step === 'mail') taken = 0;
      return step === 'rcpt' && ++taken > 2 ? '452 4.5.3 too many' : null;
    },
  });
  it.work.offer(it.key, [claimOf({ to: ['a@peer.test', 'b@peer.test', 'c@peer.test', 'd@peer.test', 'e@peer.test'] })]);
  await it.work.until({ settled: 1 });
  assert.deepEqual(it.work.kinds(), Array(5).fill('delivered'));
  assert.deepEqual(
    it.server.mails.map(({ recipients }) => recipients.length),
    [2, 2, 1],
  );
  assert.equal(it.server.sessions.length, 1);
});

test('H4: a refusal of DATA is not told of recipients that were too many for its transaction', async () => {
  await using it = await pair({
    answer: (step, _line, count) => {
      if (step === 'rcpt' && count === 2) return '452 4.5.3 too many';
      return step === 'data' && count === 1 ? '554 5.7.1 not from you' : null;
    },
  });
  it.work.offer(it.key, [claimOf({ to: ['a@peer.test', 'b@peer.test'] })]);
  await it.work.until({ settled: 1 });
  assert.deepEqual(it.work.kinds(), ['bounced', 'delivered']);
});

test('RFC 9422 §4: RCPTMAX and MAILMAX are obeyed', async () => {
  await using it = await pair({ keywords: [...usualKeywords, 'LIMITS RCPTMAX=2 MAILMAX=2'] });
  it.work.offer(it.key, [claimOf({ to: ['a@peer.test', 'b@peer.test', 'c@peer.test'] }), claimOf()]);
  await it.work.until({ settled: 2 });
  assert.deepEqual(
    it.server.mails.map(({ recipients }) => recipients.length),
    [2, 1, 1],
  );
  assert.equal(it.server.sessions.length, 2);
});

test('RFC 2033 §4.2: LMTP answers for each recipient that was taken, and each has its outcome', async () => {
  const answers: Record<string, string> = { 'b@peer.test': '452 4.2.2 full', 'c@peer.test': '550 5.2.1 closed' };
  await using it = await pair({
    lmtp: true,
    answer: (step, line) => (step === 'content' ? (answers[line] ?? null) : null),
  });
  it.work.offer(it.key, [claimOf({ to: ['a@peer.test', 'b@peer.test', 'c@peer.test'] }), claimOf()]);
  await it.work.until({ settled: 2 });
  assert.equal(it.server.sessions[0]?.lines[0], 'LHLO mx.holdfast.test');
  assert.deepEqual(it.work.kinds(), ['delivered', 'deferred', 'bounced', 'delivered']);
});

test('RFC 1870 §6.1: a mail larger than the peer takes is refused without sending it', async () => {
  await using it = await pair({ keywords: ['PIPELINING', 'SIZE 20'] });
  it.work.offer(it.key, [claimOf()]);
  await it.work.until({ settled: 1 });
  const outcome = it.work.outcome();
  assert.equal(outcome?.kind === 'bounced' && outcome.reply.enhanced, '5.3.4');
  assert.equal(
    it.server.sessions[0]?.lines.some((line) => line.startsWith('MAIL')),
    false,
  );
});

test('RFC 6152 §3: 8-bit content is not sent to a peer that takes 7 bits; content that was only announced so is', async () => {
  await using it = await pair({ keywords: ['PIPELINING'] });
  const needs = { eightBit: true };
  it.work.offer(it.key, [claimOf({ needs, content: 'Subject: x\r\n\r\nGrüße\r\n' }), claimOf({ needs })]);
  await it.work.until({ settled: 2 });
  assert.deepEqual(it.work.kinds(), ['bounced', 'delivered']);
  const outcome = it.work.outcome();
  assert.equal(outcome?.kind === 'bounced' && outcome.reply.enhanced, '5.6.3');
  assert.equal(it.server.sessions[0]?.lines[1], 'MAIL FROM:<alice@acme.test>');
});

test('RFC 6531 §3.2: internationalised mail is refused where SMTPUTF8 is missing, except where only a domain needs it', async () => {
  await using it = await pair({ keywords: ['PIPELINING', '8BITMIME'] });
  const needs = { smtpUtf8: true };
  it.work.offer(it.key, [
    claimOf({ needs, to: ['bob@bücher.test', 'jürgen@peer.test'] }),
    claimOf({ needs: { smtpUtf8: true, eightBit: true }, content: 'Subject: Grüße\r\n\r\nx\r\n' }),
  ]);
  await it.work.until({ settled: 2 });
  assert.deepEqual(it.work.kinds().toSorted(), ['bounced', 'bounced', 'delivered']);
  assert.deepEqual(it.server.mails[0]?.recipients, ['bob@xn--bcher-kva.test']);
});

test('RFC 3461 §4.3: DSN parameters go on to a peer that announces DSN', async () => {
  await using it = await pair({ keywords: [...usualKeywords, 'DSN'] });
  const recipient = {
    notify: { success: true, failure: true, delay: false },
    orcpt: { type: 'rfc822', address: 'x+y@peer.test' },
  };
  it.work.offer(it.key, [claimOf({ needs: { ret: 'hdrs', envid: 'QQ 314' }, recipient })]);
  await it.work.until({ settled: 1 });
  const lines = it.server.sessions[0]?.lines;
  assert.match(lines?.[1] ?? '', / RET=HDRS ENVID=QQ\+20314$/);
  assert.match(lines?.[2] ?? '', / NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;x\+2By@peer.test$/);
  assert.deepEqual(it.work.born, []);
});

test('H4: a connection that is lost after the final dot defers the mail and says that the peer may have it', async () => {
  await using it = await pair({ answer: (step) => (step === 'content' ? 'drop' : null) });
  it.work.offer(it.key, [claimOf()]);
  await it.work.until({ settled: 1 });
  const outcome = it.work.outcome();
  assert.match(outcome?.kind === 'deferred' ? outcome.reply.text : '', /may have taken it/);
  assert.equal(outcome?.kind === 'deferred' && outcome.mayHaveArrived, true);
});

test('M5: a kept connection that the peer has closed meanwhile costs no attempt', async () => {
  await using it = await pair({
    answer: (step, _line, count, session) =>
      step === 'mail' && count === 2 && session.lines.length > 0 ? 'drop' : null,
  });
  it.work.offer(it.key, [claimOf()]);
  await it.work.until({ settled: 1, released: 1 });
  it.work.offer(it.key, [claimOf()]);
  await it.work.until({ settled: 2 });
  assert.deepEqual(it.work.kinds(), ['delivered', 'delivered']);
  assert.equal(it.server.sessions.length, 2);
});

test('M5: a mail whose envelope ran ahead of a lost connection is tried again on a fresh one', async () => {
  let dropped = false;
  await using it = await pair({
    answer: (step) => {
      if (step !== 'content' || dropped) return null;
      dropped = true;
      return 'drop';
    },
  });
  it.work.offer(it.key, [claimOf(), claimOf({ to: ['c@peer.test'] })]);
  await it.work.until({ settled: 2 });
  assert.deepEqual(it.work.kinds(), ['deferred', 'delivered']);
});

test('RFC 5321 §3.8: 421 within a session defers what was asked and tells the queue that the peer wants less', async () => {
  await using it = await pair({
    answer: (step, _line, count) => (step === 'rcpt' && count === 2 ? '421 4.3.2 closing' : null),
  });
  it.work.offer(it.key, [claimOf(), claimOf(), claimOf()]);
  await it.work.until({ settled: 3, released: 1 });
  assert.deepEqual(it.work.kinds().toSorted(), ['deferred', 'delivered', 'delivered']);
  assert.equal(it.work.troubles[0]?.kind, 'busy');
});

test('B3: a peer that hangs at any step loses the connection at its deadline, and the mail is deferred', async (t) => {
  for (const step of ['connect', 'hello', 'mail', 'rcpt', 'data', 'content'] as const) {
    await t.test(`B3: at ${step}`, async () => {
      const limits = { greetingMs: 150, commandMs: 150, dataMs: 150, finalMs: 150 };
      await using it = await pair({ answer: (at) => (at === step ? 'hang' : null) }, { limits });
      const bench = it.work;
      bench.offer(it.key, [claimOf()]);
      await bench.until({ settled: 1, released: 1 });
      assert.deepEqual(bench.kinds(), ['deferred']);
    });
  }
});

test('B3: a peer that drops or refuses at any step leaves neither a slot nor a claim behind', async (t) => {
  for (const step of ['connect', 'hello', 'mail', 'rcpt', 'data', 'content'] as const) {
    for (const answer of ['drop', '451 4.3.0 no', '554 5.3.0 no', 'nonsense\r\n'] as const) {
      await t.test(`B3: ${answer.trim()} at ${step}`, async () => {
        await using it = await pair({ answer: (at) => (at === step ? answer : null) });
        it.work.offer(it.key, [claimOf({ to: ['a@peer.test', 'b@peer.test'] }), claimOf()]);
        await it.work.until({ released: 1 });
        assert.equal(it.work.settlements.length + it.work.returned.length, it.work.taken);
        assert.ok(it.work.settlements.length > 0);
        const final = answer.startsWith('554') && step !== 'connect' && step !== 'hello';
        assert.deepEqual([...new Set(it.work.kinds())], [final ? 'bounced' : 'deferred']);
      });
    }
  }
});

test('M5: a destination that hangs slows no other', async () => {
  await using good = await ScriptedServer.start();
  await using bad = await ScriptedServer.start({ answer: (step) => (step === 'connect' ? 'hang' : null) });
  await using bench = startBench({ routes: [routeTo(good.port)] });
  bench.work.offer(pinned(routeKey(bad.port)), [claimOf(), claimOf()], { slots: 2 });
  bench.work.offer(
    routeKey(good.port),
    Array.from({ length: 50 }, () => claimOf()),
  );
  await bench.work.until({ settled: 50 });
  assert.deepEqual([...new Set(bench.work.kinds())], ['delivered']);
});

test('M5: connections are kept for the next mail, bounded in number of mails, and closed with QUIT', async () => {
  await using it = await pair({}, { limits: { routeReuseMax: 3, idleMs: 100 } });
  for (let i = 1; i <= 4; i++) {
    it.work.offer(it.key, [claimOf()]);
    await it.work.until({ settled: i, released: i });
  }
  assert.equal(it.server.sessions.length, 2);
  while (it.server.open > 0) await new Promise((done) => setTimeout(done, 20));
  assert.deepEqual(
    it.server.sessions.map(({ lines }) => lines.at(-1)),
    ['QUIT', 'QUIT'],
  );
});

test('H5: without a living lease nothing is begun, and nothing is completed', async () => {
  await using it = await pair({
    answer: (step) => {
      if (step === 'rcpt') it.work.leaseHolds = false;
      return null;
    },
  });
  it.work.offer(it.key, [claimOf(), claimOf()]);
  await it.work.until({ released: 1 });
  assert.deepEqual(it.work.kinds(), ['returned']);
  assert.deepEqual(it.server.mails, []);
});

test('B3: stopping ends what runs within its grace time, and gives the rest back', async () => {
  await using server = await ScriptedServer.start({ answer: (step) => (step === 'content' ? 'hang' : null) });
  const bench = startBench({ routes: [routeTo(server.port)] });
  bench.work.offer(routeKey(server.port), [claimOf(), claimOf(), claimOf()]);
  while (server.sessions[0]?.lines.includes('DATA') !== true) await new Promise((done) => setTimeout(done, 10));
  await bench[Symbol.asyncDispose]();
  assert.equal(bench.work.released, 1);
  assert.deepEqual(bench.work.kinds(), ['deferred']);
  assert.equal(bench.work.returned.length, 1);
});

test('H4: content outside the claim is read from custody, large content streams from the blobs', async () => {
  const large = Buffer.from(`Subject: large\r\n\r\n${'.line of a large mail\r\n'.repeat(100_000)}`);
  const ref: BlobRef = { key: 'k', size: large.length, sha256: '' };
  const small = Buffer.from('Subject: small\r\n\r\nfrom custody\r\n');
  async function* pieces() {
    for (let at = 0; at < large.length; at += 65_537) yield large.subarray(at, at + 65_537);
  }
  const inBlob = { kind: 'blob', ref, size: large.length } as const;
  const ofLarge = claimOf({ body: inBlob });
  const body: Custody['body'] = async (id) =>
    id === ofLarge.mail.id ? inBlob : { kind: 'memory', chunks: [small], size: small.length };
  await using it = await pair({}, { custody: { body }, blobs: { read: pieces } });
  it.work.offer(it.key, [claimOf(), claimOf({ content: null }), ofLarge, claimOf()]);
  await it.work.until({ settled: 4 }, 10_000);
  assert.deepEqual(it.work.kinds(), Array(4).fill('delivered'));
  assert.equal(it.server.mails[1]?.content, small.toString());
  assert.ok(it.server.mails[2]?.content === large.toString(), 'the large content arrived as it was');
});

test('RFC 6376 §5: signatures stand in front of small and of large content, count in its size, and are made once a claim', async () => {
  const large = Buffer.from(`Subject: large\r\n\r\n${'a line of a large mail\r\n'.repeat(10_000)}`);
  const ref: BlobRef = { key: 'k', size: large.length, sha256: '' };
  const inBlob = { kind: 'blob', ref, size: large.length } as const;
  async function* pieces() {
    for (let at = 0; at < large.length; at += 65_537) yield large.subarray(at, at + 65_537);
  }
  const seen: number[] = [];
  const signer: MailSigner = {
    mayConcern: ({ size }) => size !== 7,
    async sign(_mail, content) {
      let bytes = 0;
      for await (const piece of content) bytes += piece.length;
      seen.push(bytes);
      return Buffer.from('DKIM-Signature: x\r\n');
    },
  };
  const options = { custody: { body: async () => inBlob }, blobs: { read: pieces }, signer };
  await using it = await pair({ keywords: [...usualKeywords, 'SIZE 10000000', 'LIMITS RCPTMAX=1'] }, options);
  const unsigned = claimOf({ mail: { size: 7 } });
  it.work.offer(it.key, [
    claimOf({ to: ['a@peer.test', 'b@peer.test'] }),
    claimOf({ body: inBlob, mail: { size: large.length } }),
    unsigned,
  ]);
  await it.work.until({ settled: 3 });
  const field = 'DKIM-Signature: x\r\n';
  assert.deepEqual(
    it.server.mails.map(({ content }) => content),
    [field + plainContent, field + plainContent, field + large.toString(), plainContent],
  );
  assert.deepEqual(seen, [plainContent.length, large.length]);
  const sizes = it.server.sessions[0]?.lines
    .filter((line) => line.startsWith('MAIL'))
    .map((line) => /SIZE=(\d+)/.exec(line)?.[1]);
  assert.deepEqual(sizes?.slice(1, 3), [
    String(plainContent.length + field.length),
    String(large.length + field.length),
  ]);
});

test('H5: a mail whose own copy can not be read is given back, and no half of it is completed', async () => {
  async function* broken() {
    yield Buffer.from('Subject: half\r\n\r\n');
    throw new Error('damaged');
  }
  const ref: BlobRef = { key: 'k', size: 100, sha256: '' };
  const inBlob = { kind: 'blob', ref, size: 100 } as const;
  const ofLarge = claimOf({ body: inBlob });
  const body: Custody['body'] = (id) =>
    id === ofLarge.mail.id ? Promise.resolve(inBlob) : Promise.reject(new Error('no body here'));
  await using it = await pair({}, { custody: { body }, blobs: { read: broken } });
  it.work.offer(it.key, [claimOf({ content: null }), ofLarge, claimOf()]);
  await it.work.until({ settled: 3 });
  assert.deepEqual(it.work.kinds(), ['returned', 'returned', 'delivered']);
  assert.equal(it.server.mails.length, 1);
});

test('H5, M4: while the store of large content is away its mail is deferred with the reason, at no cost to the peer, and small mail goes', async () => {
  const away = (): never => {
    throw new Fault('store.unavailable');
  };
  async function* fails(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('Subject: half\r\n\r\n');
    away();
  }
  const ref: BlobRef = { key: 'k', size: 100, sha256: '' };
  const inBlob = { kind: 'blob', ref, size: 100 } as const;
  const [noticed, inTheMiddle] = [claimOf({ body: inBlob }), claimOf({ body: inBlob })];
  const body: Custody['body'] = async (id) => (id === noticed.mail.id ? away() : inBlob);
  await using it = await pair({}, { custody: { body }, blobs: { read: fails } });
  it.work.offer(it.key, [claimOf(), noticed, claimOf()]);
  await it.work.until({ settled: 3 });
  assert.deepEqual(it.work.kinds(), ['delivered', 'deferred', 'delivered']);
  assert.equal(it.server.sessions.length, 1, 'the session goes on');
  it.work.offer(it.key, [inTheMiddle]);
  await it.work.until({ settled: 4 });
  assert.equal(it.work.kinds().at(-1), 'deferred');
  const deferred = it.work.settlements.flatMap(({ outcomes }) => outcomes.map(({ outcome }) => outcome));
  for (const outcome of deferred)
    if (outcome.kind === 'deferred') assert.match(outcome.reply.text, /our store of large content/);
  assert.equal(it.server.mails.length, 2);
});

test('H4: a peer that answers twice has taken nothing of the next mail, whatever its answers look like', async () => {
  // The second 250 to the content is heard as the answer to the next MAIL, and so on: DATA seems to be answered by 250.
  await using it = await pair({ answer: (step) => (step === 'content' ? '250 2.0.0 taken\r\n250 2.0.0 taken' : null) });
  it.work.offer(it.key, [claimOf({ to: ['a@peer.test'] }), claimOf({ to: ['b@peer.test'] })]);
  await it.work.until({ settled: 2 });
  assert.deepEqual(it.work.kinds().sort(), ['deferred', 'delivered']);
});
