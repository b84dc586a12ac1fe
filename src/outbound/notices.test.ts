import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDsn } from '#/codec/dsn/index.ts';
import type { ArrivedMail, MailAddress } from '#/model/index.ts';
import { claimOf, routeKey, routeTo, type Script, ScriptedServer, startBench, usualKeywords } from '#/testkit/index.ts';
import { Notices } from './notices.ts';

/** Offers one claim to a server with a script, and returns what was settled. */
async function deliver(
  script: Script,
  options: Parameters<typeof claimOf>[0],
  bench: Parameters<typeof startBench>[0] = {},
) {
  await using server = await ScriptedServer.start(script);
  const lmtp = script.lmtp ?? false;
  await using it = startBench({ routes: [routeTo(server.port, { lmtp })], ...bench });
  const claim = claimOf(options);
  it.work.offer(routeKey(server.port, { lmtp }), [claim]);
  await it.work.until({ settled: 1, released: 1 });
  return { claim, born: it.work.born, kinds: it.work.kinds() };
}

const refuseB: Script['answer'] = (step, line) =>
  step === 'rcpt' && line.includes('b@') ? '550 5.1.1 <b@peer.test> nobody here' : null;

function textOf(mail: ArrivedMail | undefined): string {
  const { body } = mail ?? {};
  return body?.kind === 'memory' ? Buffer.concat(body.chunks).toString() : '';
}

function fieldsOf(mail: ArrivedMail | undefined) {
  return parseDsn(Buffer.from(textOf(mail)));
}

test('RFC 3464 §2.3: a refused recipient is reported with its cause, in the settlement that ends it, the others are not', async () => {
  const recipient = { orcpt: { type: 'rfc822', address: 'B@peer.test' } };
  const { born, claim, kinds } = await deliver(
    { answer: refuseB },
    { to: ['a@peer.test', 'b@peer.test'], needs: { envid: 'env-1' }, recipient },
  );
  assert.deepEqual(kinds, ['delivered', 'bounced']);
  assert.equal(born.length, 1);
  const [mail] = born;
  const { id, parent, purpose, origin, sender, tenant, identity } = mail ?? {};
  assert.notEqual(id, claim.mail.id);
  assert.deepEqual([parent, purpose, origin, sender, tenant], [claim.mail.id, 'dsn', 'generated', null, 'acme']);
  assert.equal(identity?.kind, 'system');
  assert.deepEqual(
    mail?.recipients.map(({ address, notify }) => [address, notify.failure]),
    [['alice@acme.test', false]],
  );
  const parsed = fieldsOf(mail);
  assert.equal(parsed?.message.get('original-envelope-id'), 'env-1');
  assert.equal(parsed?.message.get('reporting-mta'), 'dns; mx.holdfast.test');
  assert.equal(parsed?.recipients.length, 1);
  const fields = parsed?.recipients[0];
  assert.equal(fields?.get('final-recipient'), 'rfc822; b@peer.test');
  assert.equal(fields?.get('original-recipient'), 'rfc822; B@peer.test');
  assert.equal(fields?.get('action'), 'failed');
  assert.equal(fields?.get('status'), '5.1.1');
  assert.equal(fields?.get('remote-mta'), 'dns; 127.0.0.1');
  assert.match(fields?.get('diagnostic-code') ?? '', /^smtp; 550 5\.1\.1 <b@peer\.test> nobody here$/);
});

test('H4: a report that can not be made keeps no outcome back, and is logged', async () => {
  await using server = await ScriptedServer.start({ answer: refuseB });
  await using it = startBench({ routes: [routeTo(server.port)] });
  it.notices.notice = () => Promise.reject(new Error('no report can be made'));
  it.work.offer(routeKey(server.port), [claimOf({ to: ['a@peer.test', 'b@peer.test'] })]);
  await it.work.until({ settled: 1, released: 1 });
  assert.deepEqual(it.work.kinds(), ['delivered', 'bounced']);
  assert.deepEqual(it.work.born, []);
  assert.ok(it.log.some((line) => line.includes('outbound.notice_failed')));
});

test('RFC 3464 §2: the header section of the original comes back, its body does not', async () => {
  const { born } = await deliver(
    { answer: refuseB },
    { to: ['b@peer.test'], content: 'Subject: Offer 7\r\nX-Own: 1\r\n\r\nSECRET\r\n' },
  );
  assert.match(textOf(born[0]), /^Subject: Not delivered: Offer 7\r$/m);
  assert.match(textOf(born[0]), /^X-Own: 1\r$/m);
  assert.doesNotMatch(textOf(born[0]), /SECRET/);
});

test('RFC 3461 §4.1: NOTIFY without FAILURE, the null reverse-path, and reports themselves get no report', async () => {
  const never = { notify: { success: false, failure: false, delay: false } };
  const quiet = [{ recipient: never }, { mail: { sender: null } }];
  for (const options of quiet) {
    const { born, kinds } = await deliver({ answer: refuseB }, { to: ['b@peer.test'], ...options });
    assert.deepEqual([born, kinds], [[], ['bounced']]);
  }
});

test('RFC 5321 §4.5.5: a report that is refused is discarded, and nobody is told', async () => {
  const mail = { purpose: 'dsn', sender: null } as const;
  const refused = await deliver({ answer: refuseB }, { to: ['b@peer.test'], mail });
  assert.deepEqual([refused.kinds, refused.born], [['discarded'], []]);
});

test('RFC 5321 §4.5.4.1: the sender of mail that expired is told, with the last answer of the peer', async () => {
  await using bench = startBench();
  const reply = { code: 451, enhanced: '4.3.0', text: 'busy', host: 'mx.peer.test' };
  const born = await bench.notices.notice(claimOf(), [{ n: 1, outcome: { kind: 'expired', reply } }], 'failure');
  const fields = fieldsOf(born ?? undefined)?.recipients[0];
  assert.deepEqual([fields?.get('action'), fields?.get('status')], ['failed', '5.4.7']);
  assert.match(fields?.get('diagnostic-code') ?? '', /451 4\.3\.0 busy/);
});

const success = { notify: { success: true, failure: true, delay: false } };

test('RFC 3461 §6.2: a wished success is reported as relayed, as delivered by LMTP, and not by us where the peer will', async () => {
  const relayed = await deliver({}, { recipient: success });
  assert.equal(fieldsOf(relayed.born[0])?.recipients[0]?.get('action'), 'relayed');
  const delivered = await deliver({ lmtp: true }, { recipient: success });
  assert.equal(fieldsOf(delivered.born[0])?.recipients[0]?.get('action'), 'delivered');
  const theirs = await deliver({ keywords: [...usualKeywords, 'DSN'] }, { recipient: success });
  assert.deepEqual(theirs.born, []);
});

test('RFC 3464 §4.2: where an alias leads is not told', async () => {
  const recipient = { original: 'info@acme.test' as MailAddress };
  const { born } = await deliver({ answer: refuseB }, { to: ['b@peer.test'], recipient });
  assert.equal(fieldsOf(born[0])?.recipients[0]?.get('final-recipient'), 'rfc822; info@acme.test');
});

test('RFC 6533 §3: a report to an internationalised sender is internationalised, and so announced', async () => {
  const sender = 'jürgen@acme.test' as MailAddress;
  const { born } = await deliver(
    { answer: refuseB },
    { to: ['b@peer.test'], mail: { sender }, needs: { smtpUtf8: true, eightBit: true } },
  );
  assert.equal(born[0]?.needs.smtpUtf8, true);
  assert.match(textOf(born[0]), /report-type=global-delivery-status/);
});

test('contract: a tenant that reads Japanese is told in Japanese and in English', async () => {
  const { born } = await deliver({ answer: refuseB }, { to: ['b@peer.test'] }, { language: 'ja' });
  assert.match(Buffer.from(textOf(born[0])).toString(), /Content-Transfer-Encoding: base64/);
  const parts = textOf(born[0])
    .split(/^--/m)
    .map((part) => part.slice(part.indexOf('\r\n\r\n')));
  assert.match(Buffer.from(parts[1] ?? '', 'base64').toString(), /宛先[\s\S]*was not delivered/);
});

test('RFC 3464 §2.3.3: a delay notice says until when it is tried, with the header read from custody', async () => {
  await using bench = startBench();
  const header = 'Subject: from custody\r\n\r\n';
  const chunks = [Buffer.from(header)];
  const directory = { current: () => ({ tenant: () => undefined, domain: () => undefined }) };
  const notices = new Notices(
    { hostname: 'mx.holdfast.test', expireMs: 432_000_000 },
    {
      custody: { body: () => Promise.resolve({ kind: 'memory', chunks, size: header.length }) },
      blobs: null,
      directory: directory as never,
      routing: bench.routes,
      returnPaths: { original: () => null },
      clock: { now: () => Date.UTC(2026, 10, 21), monotonic: () => 0, sleep: () => Promise.resolve() },
    },
  );
  const lastReply = { code: 451, enhanced: '4.7.1', text: 'greylisted', host: 'mx.peer.test' };
  const claim = claimOf({
    content: null,
    recipient: { state: 'deferred', attempts: 5, lastReply, lastAttemptAt: Date.UTC(2026, 10, 20) },
  });
  const outcomes = [{ n: 1, outcome: { kind: 'returned', due: 0, delayNotified: true } }] as const;
  const mail = await notices.notice(claim, outcomes, 'delay');
  const fields = fieldsOf(mail ?? undefined)?.recipients[0];
  assert.deepEqual([fields?.get('action'), fields?.get('status')], ['delayed', '4.7.1']);
  assert.match(fields?.get('will-retry-until') ?? '', /\d{4}/);
  assert.match(fields?.get('last-attempt-date') ?? '', /^Fri, 20 Nov 2026/);
  assert.match(textOf(mail ?? undefined), /^Subject: from custody\r$/m);
  assert.equal(await notices.notice(claim, outcomes, 'failure'), null);
});
