/** Mail that a rule changes, on its way out: what peers and mailboxes get, at each attempt. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BlobRef, type Change, LOCAL_DESTINATION, type PolicyVersion, type Verdict } from '#/model/index.ts';
import type { LocalMail } from '#/ports/index.ts';
import { claimOf, routeKey, routeTo, ScriptedServer, startBench, usualKeywords } from '#/testkit/index.ts';

const CONTENT = 'From: alice@acme.test\r\nTo: bob@peer.test, carol@peer.test\r\nSubject: Hello\r\n\r\n.Hi\r\n';
const TAGGED = CONTENT.replace('Subject: Hello', 'Subject: [ext]\r\n Hello');
const TAG: Change = { kind: 'tagSubject', text: '[ext]' };

function verdict(...changes: readonly Change[]): Verdict {
  const reason = { en: '', ja: '' };
  return { kind: 'pass', rule: 'r', version: '1' as PolicyVersion, reason, changes, notify: [] };
}

function asked(...changes: readonly Change[]) {
  return { content: CONTENT, recipient: { verdict: verdict(...changes) } };
}

test('H1: what leaves is what the rule asks for, and the same octets each time', async () => {
  await using server = await ScriptedServer.start({ keywords: usualKeywords });
  await using bench = startBench({ routes: [routeTo(server.port)] });
  const claims = [claimOf(asked(TAG)), claimOf(asked(TAG)), claimOf({ content: CONTENT })];
  bench.work.offer(routeKey(server.port), claims);
  await bench.work.until({ settled: 3 });
  assert.deepEqual(
    server.mails.map(({ content }) => content),
    [TAGGED, TAGGED, CONTENT],
  );
  assert.deepEqual(bench.work.kinds().sort(), ['delivered', 'delivered', 'delivered']);
  const sizes = server.sessions.flatMap(({ lines }) => lines).filter((line) => line.startsWith('MAIL'));
  assert.match(sizes[0] ?? '', new RegExp(`SIZE=${TAGGED.length}\\b`));
});

test('H7: a redelivered mail says when it was accepted, whatever its header section is, and the same octets each time', async () => {
  const damaged = 'no header section at all\r\n';
  const late: Change = { kind: 'markLate', note: 'Delayed by a fault' };
  for (const content of [CONTENT, damaged]) {
    await using server = await ScriptedServer.start({ keywords: usualKeywords });
    await using bench = startBench({ routes: [routeTo(server.port)] });
    const claim = claimOf({ content, recipient: { verdict: verdict(late) } });
    bench.work.offer(routeKey(server.port), [claim, claim]);
    await bench.work.until({ settled: 2 });
    const at = new Date(claim.mail.receivedAt).toISOString();
    const marked = `X-Holdfast-Redelivered: ${at}\r\nComments: Delayed by a fault\r\n${content}`;
    assert.deepEqual(
      server.mails.map((mail) => mail.content),
      [marked, marked],
    );
  }
});

test('H7: a tag of the rule and the mark of the campaign go together, into mailboxes too', async () => {
  const late: Change = { kind: 'markLate', note: null };
  const got: LocalMail[] = [];
  const deliver = async (mail: LocalMail) => {
    got.push(mail);
    const reply = { code: 250, enhanced: '2.0.0', text: 'Stored', host: null };
    return mail.recipients.map(({ n }) => ({ n, kind: 'stored', reply }) as const);
  };
  await using bench = startBench({ local: { deliver }, localDomains: ['acme.test'] });
  const claim = claimOf({ ...asked(late, TAG), to: ['alice@acme.test'] });
  bench.work.offer(LOCAL_DESTINATION, [claim]);
  await bench.work.until({ settled: 1 });
  const body = got[0]?.body;
  const at = new Date(claim.mail.receivedAt).toISOString();
  const text = body?.kind === 'memory' ? Buffer.concat(body.chunks).toString() : '';
  assert.equal(text, `X-Holdfast-Redelivered: ${at}\r\n${TAGGED}`);
});

test('H1: large content and content that has to be read first is changed too', async () => {
  const ref: BlobRef = { key: 'k', size: CONTENT.length, sha256: '' };
  const blob = { kind: 'blob', ref, size: ref.size } as const;
  const read = async function* () {
    yield Buffer.from(CONTENT.slice(0, 30));
    yield Buffer.from(CONTENT.slice(30));
  };
  const memory = { kind: 'memory', chunks: [Buffer.from(CONTENT)], size: CONTENT.length } as const;
  for (const body of [blob, memory]) {
    await using server = await ScriptedServer.start({});
    await using bench = startBench({
      routes: [routeTo(server.port)],
      custody: { body: async () => body },
      blobs: { read },
    });
    bench.work.offer(routeKey(server.port), [
      claimOf({ ...asked(TAG), body: blob }),
      claimOf({ ...asked(TAG), content: null }),
    ]);
    await bench.work.until({ settled: 2 });
    assert.deepEqual(
      server.mails.map(({ content }) => content),
      [TAGGED, TAGGED],
    );
  }
});

test('H1: a change that can’t be made never leads to the mail as it was: it is held, and the trace says why', async () => {
  await using server = await ScriptedServer.start({});
  await using bench = startBench({ routes: [routeTo(server.port)] });
  bench.work.offer(routeKey(server.port), [
    claimOf(asked({ kind: 'stripAttachments', parts: ['2'], text: null })),
    claimOf(),
  ]);
  await bench.work.until({ settled: 2 });
  const [outcome] = bench.work.settlements.flatMap(({ outcomes }) => outcomes.map((one) => one.outcome));
  assert.ok(outcome?.kind === 'held' && outcome.reason === 'set-aside');
  assert.match(outcome.detail, /not found in it any more\. Discard it/);
  assert.equal(server.mails.length, 1);
});

test('RFC 8689: mail whose rule requires TLS does not leave without', async () => {
  await using open = await ScriptedServer.start({});
  await using bench = startBench({ routes: [routeTo(open.port)] });
  bench.work.offer(routeKey(open.port), [claimOf(asked({ kind: 'requireTls' }))]);
  await bench.work.until({ settled: 1 });
  assert.deepEqual(bench.work.kinds(), ['bounced']);
  assert.equal(open.mails.length, 0);
});

test('H1: mailboxes get the changed mail', async () => {
  const got: LocalMail[] = [];
  const reply = { code: 250, enhanced: '2.0.0', text: 'kept', host: null };
  const deliver = async (mail: LocalMail) => {
    got.push(mail);
    return mail.recipients.map(({ n }) => ({ n, kind: 'stored', reply }) as const);
  };
  await using bench = startBench({ local: { deliver }, localDomains: ['acme.test'] });
  bench.work.offer(LOCAL_DESTINATION, [claimOf({ ...asked(TAG), to: ['alice@acme.test'] })]);
  await bench.work.until({ settled: 1 });
  const body = got[0]?.body;
  assert.equal(body?.kind === 'memory' ? Buffer.concat(body.chunks).toString() : '', TAGGED);
});
