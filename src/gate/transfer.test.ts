import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directoryOf, GateFixture, type SmtpPeer, textOf, until } from '#/testkit/index.ts';

async function envelope(peer: SmtpPeer, ...recipients: readonly string[]): Promise<void> {
  await peer.asks('MAIL FROM:<x@world.test>', '250 2.1.0');
  for (const recipient of recipients) await peer.asks(`RCPT TO:<${recipient}>`, '250 2.1.5');
}

test('RFC 5321 §4.1.4: a mail from the world to a mailbox of ours goes into custody and the reply names it', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  await envelope(peer, 'bob@acme.test');
  await peer.asks('DATA', '354');
  peer.says('Subject: hello', 'Message-ID: <1@world.test>', '', 'text', '..dot', '.');
  const reply = await peer.hears(/^250 2\.0\.0 Ok: queued as [0-9A-Z]{16}$/);
  await peer.asks('QUIT', '221');
  await peer.hearsTheEnd();
  const [mail] = gate.intake.mails;
  assert.ok(reply.endsWith(` ${mail?.id}`));
  assert.equal(mail?.tenant, 'acme');
  assert.deepEqual(mail.facts, { from: '', subject: 'hello', messageId: '<1@world.test>' });
  assert.match(
    textOf(mail),
    /^Received: from client\.test \(\[127\.0\.0\.1\]\)\r\n\tby mx\.example\.test with ESMTP id/,
  );
  assert.match(textOf(mail), /for <bob@acme\.test>;/);
  assert.match(textOf(mail), /\r\nSubject: hello\r\nMessage-ID: <1@world\.test>\r\n\r\ntext\r\n\.dot\r\n$/);
  assert.equal(mail.size, textOf(mail).length);
  assert.equal(mail.hops, 1);
});

test('RFC 5321 §4.1.1.1: EHLO lists what the listener offers at this point', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.connect();
  const plain = await peer.asks('EHLO client.test', '250-mx.example.test');
  for (const keyword of [
    'PIPELINING',
    'SIZE 52428800',
    '8BITMIME',
    'SMTPUTF8',
    'ENHANCEDSTATUSCODES',
    'CHUNKING',
    'DSN',
    'STARTTLS',
    'LIMITS RCPTMAX=1000',
  ]) {
    assert.ok(
      plain.split('\r\n').some((line) => line.slice(4) === keyword),
      keyword,
    );
  }
  assert.doesNotMatch(plain, /AUTH|REQUIRETLS|XCLIENT/);
  await peer.startsTls();
  const secured = await peer.asks('EHLO client.test', '250');
  assert.match(secured, /AUTH PLAIN LOGIN\r\n|AUTH PLAIN LOGIN$/);
  assert.match(secured, /REQUIRETLS/);
  assert.doesNotMatch(secured, /STARTTLS/);
});

test('RFC 5321 §3.3 and RFC 3030 §2: commands out of order hear what is missing, and the session goes on', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.connect();
  await peer.asks('MAIL FROM:<x@world.test>', '503 5.5.1');
  await peer.asks('EHLO client.test', '250');
  await peer.asks('RCPT TO:<bob@acme.test>', '503 5.5.1');
  await peer.asks('DATA', '503 5.5.1');
  await peer.asks('MAIL FROM:<x@world.test>', '250');
  await peer.asks('MAIL FROM:<x@world.test>', '503 5.5.1');
  await peer.asks('DATA', '503 5.5.1');
  await peer.asks('RCPT TO:<nobody@acme.test>', '550 5.1.1');
  await peer.asks('DATA', '554 5.5.1');
  await peer.asks('RSET', '250 2.0.0');
  await peer.asks('VRFY bob', '252');
  await peer.asks('EXPN sales', '502');
  await peer.asks('HELP', '214');
  await peer.asks('NOOP', '250');
  await peer.asks('LHLO client.test', '502');
  await peer.asks('WHAT', '500');
});

test('H3: all replies of a pipelined turn arrive in one write, in order', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  const before = peer.pieces.length;
  peer.says('MAIL FROM:<x@world.test>', 'RCPT TO:<bob@acme.test>', 'RCPT TO:<no@acme.test>', 'DATA');
  await peer.hears('250 2.1.0');
  await peer.hears('250 2.1.5');
  await peer.hears('550 5.1.1');
  await peer.hears('354');
  assert.equal(peer.pieces.length - before, 1);
});

test('H3: no reply is written before the commit that it reports, and later ones wait behind it', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  gate.intake.hold();
  peer.says('MAIL FROM:<x@world.test>', 'RCPT TO:<bob@acme.test>', 'BDAT 11 LAST');
  peer.sends('A: b\r\n\r\nc\r\nMAIL FROM:<y@world.test>\r\nNOOP\r\n');
  await peer.hears('250 2.1.0');
  await peer.hears('250 2.1.5');
  await peer.hearsNothing();
  assert.equal(gate.intake.calls, 1);
  assert.equal(gate.intake.mails.length, 0);
  const before = peer.pieces.length;
  gate.intake.release();
  await peer.hears(/queued as/);
  await peer.hears('250 2.1.0');
  await peer.hears('250 2.0.0 Ok');
  assert.equal(peer.pieces.length - before, 1);
});

test('H3: a second mail, QUIT and STARTTLS pipelined behind a pending commit wait for it', async () => {
  for (const last of ['QUIT', 'STARTTLS']) {
    await using gate = await GateFixture.start();
    using peer = await gate.greet();
    gate.intake.hold();
    const one = 'MAIL FROM:<x@world.test>\r\nRCPT TO:<bob@acme.test>\r\nBDAT 11 LAST\r\nA: b\r\n\r\nc\r\n';
    peer.sends(`${one}${one}${last}\r\n`);
    await peer.hears('250 2.1.0');
    await peer.hears('250 2.1.5');
    await peer.hearsNothing();
    assert.equal(gate.intake.calls, 1);
    gate.intake.release();
    await peer.hears(/queued as/);
    await peer.hears('250 2.1.0');
    await peer.hears('250 2.1.5');
    await peer.hears(/queued as/);
    await peer.hears(last === 'QUIT' ? '221' : '220');
    assert.equal(gate.intake.mails.length, 2);
  }
});

test('H3: when custody fails the peer hears 451, never 250, and may try again in the same session', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  gate.intake.fault = 'store.unavailable';
  await envelope(peer, 'bob@acme.test');
  await peer.asks('DATA', '354');
  await peer.asks('.', '451 4.3.0');
  gate.intake.fault = 'disk.full';
  await envelope(peer, 'bob@acme.test');
  await peer.asks('DATA', '354');
  await peer.asks('.', '452 4.3.1');
  gate.intake.fault = null;
  await envelope(peer, 'bob@acme.test');
  await peer.asks('DATA', '354');
  await peer.asks('.', '250 2.0.0');
  assert.equal(gate.intake.mails.length, 1);
});

test('H3: a commit that forgets its deadline is answered 451, and its late success says nothing more', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  gate.intake.hold();
  await envelope(peer, 'bob@acme.test');
  await peer.asks('DATA', '354');
  peer.says('.');
  await peer.hearsNothing();
  await gate.clock.advance(40_000, 5_000);
  await peer.hears('451 4.3.0');
  gate.intake.release();
  await peer.hearsNothing();
  await peer.asks('NOOP', /^250 2\.0\.0 Ok$/);
});

test('M3: a closed door is told at MAIL and again before the final reply', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  gate.intake.open = { open: false, why: 'disk' };
  await peer.asks('MAIL FROM:<x@world.test>', '452 4.3.1');
  gate.intake.open = { open: true };
  await envelope(peer, 'bob@acme.test');
  await peer.asks('DATA', '354');
  gate.intake.open = { open: false, why: 'store' };
  await peer.asks('.', '451 4.3.0');
  assert.equal(gate.intake.calls, 0);
});

test('RFC 3030 §2: chunks make one mail; BDAT 0 LAST ends it; a chunk without a mail is swallowed and refused', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  peer.sends('BDAT 6 LAST\r\nRSET\r\n');
  await peer.hears('503');
  await envelope(peer, 'bob@acme.test');
  peer.sends('BDAT 8\r\nA: b\r\n\r\n');
  await peer.hears('250 2.0.0 8 octets');
  await peer.asks('DATA', '503 5.5.1');
  peer.sends('BDAT 7\r\n.\r\nNO\r\n');
  await peer.hears('250 2.0.0 15 octets');
  await peer.asks('BDAT 0 LAST', /queued as/);
  assert.match(textOf(gate.intake.mails[0]), /A: b\r\n\r\n\.\r\nNO\r\n$/);
});

test('RFC 3030 §2: RSET between chunks forgets the mail', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  await envelope(peer, 'bob@acme.test');
  peer.sends('BDAT 4\r\nA: b');
  await peer.hears('250');
  await peer.asks('RSET', '250');
  await peer.asks('BDAT 0 LAST', '503');
  assert.equal(gate.intake.calls, 0);
});

test('design 1: a stranger’s mail to two tenants becomes one mail for each, committed together', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  await envelope(peer, 'bob@acme.test', 'carol@beta.test', 'alice@acme.test');
  await peer.asks('DATA', '354');
  const reply = await peer.asks('.', /queued as ([0-9A-Z]{16})-1 \1-2$/);
  assert.equal(gate.intake.accepted.length, 1);
  const [acme, beta] = gate.intake.mails;
  assert.ok(reply.includes(`${acme?.id} ${beta?.id}`));
  assert.deepEqual(
    acme?.recipients.map(({ n, address, direction }) => [n, address, direction]),
    [
      [1, 'bob@acme.test', 'inbound'],
      [2, 'alice@acme.test', 'inbound'],
    ],
  );
  assert.deepEqual(
    beta?.recipients.map(({ address }) => address),
    ['carol@beta.test'],
  );
  assert.doesNotMatch(textOf(acme), /for </);
});

test('design 1: aliases and groups are expanded at the door, once each, with the name that was given', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  await envelope(peer, 'A.Archer@acme.test');
  await peer.asks('RCPT TO:<sales@acme.test> NOTIFY=SUCCESS ORCPT=rfc822;sales@acme.test', '250');
  await peer.asks('DATA', '354');
  await peer.asks('.', '250');
  const recipients = gate.intake.mails[0]?.recipients ?? [];
  assert.deepEqual(
    recipients.map(({ address, original, direction, destination }) => [address, original, direction, destination]),
    [
      ['alice@acme.test', 'A.Archer@acme.test', 'inbound', 'local'],
      ['bob@acme.test', 'sales@acme.test', 'inbound', 'local'],
      ['agent@partner.test', 'sales@acme.test', 'outbound', 'mx:partner.test'],
    ],
  );
  assert.deepEqual(recipients[1]?.orcpt, { type: 'rfc822', address: 'sales@acme.test' });
  assert.deepEqual(recipients[0]?.notify, { success: false, failure: true, delay: true });
  assert.equal(recipients[1]?.notify.success, true);
});

test('RFC 5321 §6.3: a mail that has passed too many hops is refused as a loop', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  await envelope(peer, 'bob@acme.test');
  await peer.asks('DATA', '354');
  for (let i = 0; i < 51; i++) peer.says(`Received: from h${i}`);
  await peer.asks('\r\nx\r\n.', '554 5.4.6');
  assert.equal(gate.intake.calls, 0);
});

test('RFC 1870 §6: a mail too large is refused at MAIL by what was declared, and at its end by what came', async () => {
  await using gate = await GateFixture.start({ settings: { messageBytesMax: 1000 } });
  using peer = await gate.greet();
  await peer.asks('MAIL FROM:<x@world.test> SIZE=1001', '552 5.3.4');
  await envelope(peer, 'bob@acme.test');
  await peer.asks('DATA', '354');
  await peer.asks(`A: b\r\n\r\n${'x'.repeat(1100)}\r\n.`, '552 5.3.4');
  await peer.asks('NOOP', '250');
  assert.equal(gate.intake.calls, 0);
});

test('RFC 7505 §4.2: a sender whose domain takes no mail is refused; without an answer in time the mail is taken', async () => {
  await using gate = await GateFixture.start();
  gate.resolver.mxAnswers.set('mute.test', { kind: 'null-mx' });
  using peer = await gate.greet();
  await peer.asks('MAIL FROM:<x@mute.test>', '550 5.7.27');
  await peer.asks('MAIL FROM:<x@mute.test>', '550 5.7.27');
  assert.deepEqual(gate.resolver.asked, ['mute.test']);
  gate.resolver.silent = true;
  peer.says('MAIL FROM:<x@slow.test>');
  await peer.hearsNothing();
  await gate.clock.advance(3_000);
  await peer.hears('250 2.1.0');
});

test('RFC 2033 §4.2: LMTP answers once for each accepted recipient, each with its own mail', async () => {
  await using gate = await GateFixture.start({ kinds: ['lmtp'] });
  using peer = await gate.connect({ kind: 'lmtp' });
  await peer.asks('EHLO client.test', '500 5.5.1');
  await peer.asks('LHLO client.test', '250');
  await envelope(peer, 'bob@acme.test', 'carol@beta.test');
  await peer.asks('RCPT TO:<no@acme.test>', '550 5.1.1');
  await peer.asks('RCPT TO:<x@world.test>', '550 5.7.1');
  await peer.asks('DATA', '354');
  await peer.asks('.', /queued as [0-9A-Z]{16}-1$/);
  await peer.hears(/queued as [0-9A-Z]{16}-2$/);
  await envelope(peer, 'bob@acme.test', 'carol@beta.test');
  await peer.asks('DATA', '354');
  await peer.asks('bare\nline\r\n.', '554 5.6.0');
  await peer.hears('554 5.6.0');
  await peer.asks('NOOP', '250');
});

test('RFC 5321 §4.5.1: Postmaster is always somebody, with and without a domain', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  await envelope(peer, 'Postmaster', 'postmaster@acme.test', 'postmaster@beta.test');
  await peer.asks('DATA', '354');
  await peer.asks('.', '250');
  assert.deepEqual(
    gate.intake.mails.map(({ tenant, recipients }) => [tenant, recipients.map(({ address }) => address)]),
    [
      ['holdfast', ['postmaster@mx.example.test']],
      ['acme', ['it@acme.test']],
    ],
  );
});

test('C5: while the directory is stale an unknown mailbox is refused for now, not for good', async () => {
  await using gate = await GateFixture.start();
  const { tenants } = gate.directory.current();
  gate.directory.switchTo(directoryOf(tenants, { stale: true }));
  using peer = await gate.greet();
  await peer.asks('MAIL FROM:<x@world.test>', '250');
  await peer.asks('RCPT TO:<new@acme.test>', '451 4.3.0');
  await peer.asks('RCPT TO:<bob@acme.test>', '250');
});

test('C5: a transaction keeps the directory it began with', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  await peer.asks('MAIL FROM:<x@world.test>', '250');
  gate.directory.switchTo(directoryOf([]));
  await peer.asks('RCPT TO:<bob@acme.test>', '250');
  await peer.asks('RSET', '250');
  await peer.asks('MAIL FROM:<x@world.test>', '250');
  await peer.asks('RCPT TO:<bob@acme.test>', '550 5.7.1');
});

test('B3: a large mail goes to the blob store while it arrives, byte for byte', async () => {
  await using gate = await GateFixture.start({ settings: { limits: { bodyBytesInMemoryMax: 64 * 1024 } } });
  using peer = await gate.greet();
  await envelope(peer, 'bob@acme.test', 'carol@beta.test');
  await peer.asks('DATA', '354');
  const body = `Subject: large\r\n\r\n${'0123456789abcdef\r\n'.repeat(40_000)}`;
  peer.sends(body);
  await peer.asks('.', '250 2.0.0');
  const [acme, beta] = gate.intake.mails;
  assert.equal(acme?.body.kind, 'blob');
  assert.equal(acme.facts.subject, 'large');
  assert.ok(textOf(acme, gate.blobs).endsWith(body));
  assert.equal(acme.size, textOf(acme, gate.blobs).length);
  // Never shared across tenants.
  assert.notEqual(acme.body.kind === 'blob' && acme.body.ref.key, beta?.body.kind === 'blob' && beta.body.ref.key);
});

test('B3: a blob store that fails refuses that mail, leaves nothing half stored, and the session goes on', async () => {
  await using gate = await GateFixture.start({ settings: { limits: { bodyBytesInMemoryMax: 64 * 1024 } } });
  using peer = await gate.greet();
  gate.blobs.fault = 'disk.full';
  await envelope(peer, 'bob@acme.test');
  await peer.asks('DATA', '354');
  peer.sends(`Subject: large\r\n\r\n${'0123456789abcdef\r\n'.repeat(40_000)}`);
  await peer.asks('.', '452 4.3.1');
  assert.equal(gate.blobs.contents.size, 0);
  assert.equal(gate.blobs.aborted, gate.blobs.begun);
  await peer.asks('NOOP', '250');
});

test('B3: a connection lost in the middle of a large mail leaves no blob behind', async () => {
  await using gate = await GateFixture.start({ settings: { limits: { bodyBytesInMemoryMax: 64 * 1024 } } });
  {
    using peer = await gate.greet();
    await envelope(peer, 'bob@acme.test');
    await peer.asks('DATA', '354');
    peer.sends(`Subject: large\r\n\r\n${'0123456789abcdef\r\n'.repeat(40_000)}`);
    await until(() => gate.blobs.begun > 0);
  }
  await until(() => gate.blobs.aborted > 0, 'the removal of the blob');
  assert.equal(gate.intake.calls, 0);
});

test('B3: when contents fill the memory, new ones are told to come later', async () => {
  await using gate = await GateFixture.start({ settings: { limits: { bodyBytesHardMax: 1000 } } });
  using first = await gate.greet();
  using second = await gate.greet();
  await envelope(first, 'bob@acme.test');
  await envelope(second, 'bob@acme.test');
  await first.asks('DATA', '354');
  first.sends('x'.repeat(2000));
  await new Promise((resolve) => setTimeout(resolve, 50));
  await second.asks('DATA', '451 4.3.0');
  await first.asks('\r\n.', '250');
  await second.asks('DATA', '354');
});

test('RFC 5321 §4.1.1.10: what a client said before it closed its side is still answered', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.connect();
  gate.intake.hold();
  peer.says('HELO c', 'MAIL FROM:<x@world.test>', 'RCPT TO:<bob@acme.test>', 'DATA', 'A: b', '', 'c', '.', 'QUIT');
  peer.endsSpeaking();
  for (const reply of ['250', '250', '250', '354']) await peer.hears(reply);
  gate.intake.release();
  await peer.hears(/queued as/);
  await peer.hears('221');
});

test('RFC 8601 §5: results under our name that come with a mail are forged and taken off, those of others stay', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  await envelope(peer, 'bob@acme.test');
  await peer.asks('DATA', '354');
  const forged = [
    'MX.example.test; dkim=pass',
    '(a (b) \\) c)',
    '"mx.example.test" 1; spf=pass',
    ';',
    'mx.example.test',
  ];
  peer.says(
    `Authentication-Results: ${forged[0]}`,
    `authentication-results: ${forged[1]}`,
    `\t${forged[2]}`,
    'Authentication-Results: other.test; dkim=pass',
    'Authentication-Results: mx.example.test.evil.test; dkim=pass',
    `Authentication-Results : ${forged[4]}`,
    'Subject: s',
    '',
    'Authentication-Results: mx.example.test; in the body',
    '.',
  );
  await peer.hears('250');
  const text = textOf(gate.intake.mails[0]);
  assert.deepEqual(text.match(/^authentication-results.*$/gim), [
    'Authentication-Results: other.test; dkim=pass',
    'Authentication-Results: mx.example.test.evil.test; dkim=pass',
    'Authentication-Results: mx.example.test; in the body',
  ]);
});
