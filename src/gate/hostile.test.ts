import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GateFixture, type SmtpPeer, textOf } from '#/testkit/index.ts';

async function toBody(peer: SmtpPeer): Promise<void> {
  await peer.asks('MAIL FROM:<x@world.test>', '250');
  await peer.asks('RCPT TO:<bob@acme.test>', '250');
  await peer.asks('DATA', '354');
}

const SMUGGLED = 'MAIL FROM:<admin@acme.test>\r\nRCPT TO:<alice@acme.test>\r\nDATA\r\nforged\r\n.\r\n';

for (const end of [
  '\n.\n',
  '\n.\r\n',
  '\r\n.\n',
  '\r.\r',
  '\r.\r\n',
  '\r\n.\r',
  '\r\n\0.\r\n',
  '\n.\r',
  '\r\n.\r\r\n',
]) {
  test(`RFC 5321 §2.3.8: ${JSON.stringify(end)} ends no mail and smuggles none; the whole is refused once`, async () => {
    await using gate = await GateFixture.start();
    using peer = await gate.greet();
    await toBody(peer);
    peer.sends(`A: b\r\n\r\ntext${end}${SMUGGLED}`);
    // One refusal for the one mail: what was inside it was never a command.
    await peer.hears('554 5.6.0');
    await peer.asks('NOOP', '250 2.0.0 Ok');
    assert.equal(gate.intake.calls, 0);
  });
}

const LINES: readonly (readonly [string, string | Buffer, string, 'goes on' | 'ends'])[] = [
  ['a bare LF', 'NOOP\n', '500 5.5.2', 'ends'],
  ['a bare CR', 'NO\rOP\r\n', '500 5.5.2', 'goes on'],
  ['a NUL', 'NOOP \0\r\n', '500 5.5.2', 'goes on'],
  ['broken UTF-8', Buffer.from('4d41494c2046524f4d3a3cff40782e746573743e0d0a', 'hex'), '500 5.5.2', 'goes on'],
  ['a line of 4,000 octets', `NOOP ${'x'.repeat(4000)}\r\n`, '500 5.5.2', 'goes on'],
  ['a line without end', `NOOP ${'x'.repeat(100_000)}`, '500 5.5.2', 'ends'],
  ['a TLS handshake', Buffer.from('16030100', 'hex'), '554 5.5.1', 'ends'],
  ['a browser', 'POST / HTTP/1.1\r\nHost: x\r\n\r\n', '554 5.5.1', 'ends'],
  ['BDAT without a number', 'BDAT many\r\n', '501 5.5.4', 'ends'],
  ['BDAT with a negative number', 'BDAT -1 LAST\r\n', '501 5.5.4', 'ends'],
  ['an unknown parameter', 'MAIL FROM:<x@world.test> FOO=1\r\n', '555 5.5.4', 'goes on'],
  ['BINARYMIME, which is not offered', 'MAIL FROM:<x@world.test> BODY=BINARYMIME\r\n', '501 5.5.4', 'goes on'],
  ['a header in an address', 'MAIL FROM:<x@world.test\r\nBcc: y>\r\n', '501', 'goes on'],
  ['an internationalised address without SMTPUTF8', 'MAIL FROM:<é@world.test>\r\n', '550 5.6.7', 'goes on'],
];

for (const [what, octets, reply, then] of LINES) {
  test(`B3: ${what} is answered ${reply}, and the session ${then}`, async () => {
    await using gate = await GateFixture.start();
    using peer = await gate.greet();
    peer.sends(octets);
    await peer.hears(reply);
    if (then === 'ends') await peer.hearsTheEnd();
    else {
      if (what === 'a header in an address') await peer.hears('500');
      await peer.asks('NOOP', '250');
    }
  });
}

test('RFC 5321 §4.5.3.1.8: of 10,000 RCPTs a thousand are taken, the rest are told to come in another mail', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  await peer.asks('MAIL FROM:<x@world.test>', '250');
  peer.sends('RCPT TO:<bob@acme.test>\r\n'.repeat(10_000));
  for (let i = 0; i < 1_000; i++) await peer.hears('250');
  for (let i = 0; i < 9_000; i++) await peer.hears('452 4.5.3');
  await peer.asks('DATA', '354');
  await peer.asks('.', '250');
  assert.equal(gate.intake.mails[0]?.recipients.length, 1);
});

test('B3: a client that never counts its recipients is sent away in the end', async () => {
  await using gate = await GateFixture.start({ settings: { recipientsMax: 2, limits: { surplusRecipientsMax: 3 } } });
  using peer = await gate.greet();
  peer.says('MAIL FROM:<x@world.test>', ...Array<string>(6).fill('RCPT TO:<bob@acme.test>'));
  for (const reply of ['250', '250', '250', '452', '452', '452', '421']) await peer.hears(reply);
  await peer.hearsTheEnd();
});

test('B3: guessing mailboxes ends after a hundred', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  peer.says('MAIL FROM:<x@world.test>', ...Array.from({ length: 101 }, (_, i) => `RCPT TO:<u${i}@acme.test>`));
  await peer.hears('250');
  for (let i = 0; i < 100; i++) await peer.hears('550 5.1.1');
  await peer.hears('421 4.7.0');
  await peer.hearsTheEnd();
});

test('B3: twenty refused commands end the session, and so do a thousand that move no mail', async () => {
  await using gate = await GateFixture.start();
  for (const [line, answer, times] of [
    ['WHAT', '500', 20],
    ['NOOP', '250', 999],
  ] as const) {
    using peer = await gate.greet();
    peer.sends(`${line}\r\n`.repeat(times + 1));
    for (let i = 0; i < times; i++) await peer.hears(answer);
    await peer.hears('421 4.7.0');
    await peer.hearsTheEnd();
  }
});

test('RFC 3207 §4: commands pipelined behind STARTTLS are refused, not run, and the connection ends', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  peer.sends('STARTTLS\r\nMAIL FROM:<injected@world.test>\r\nRCPT TO:<bob@acme.test>\r\n');
  await peer.hears('501 5.5.1');
  await peer.hearsTheEnd();
});

test('RFC 3207 §4.2: nothing said before TLS counts after it, and a second STARTTLS is refused', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  await peer.asks('MAIL FROM:<x@world.test>', '250');
  await peer.asks('RCPT TO:<bob@acme.test>', '250');
  await peer.startsTls();
  await peer.asks('DATA', '503');
  await peer.asks('MAIL FROM:<x@world.test>', '503');
  await peer.asks('EHLO client.test', '250');
  await peer.asks('STARTTLS', '503 5.5.1');
});

test('B3: a body full of single octets and dots arrives as it was sent', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  await toBody(peer);
  for (const octet of 'A: b\r\n\r\n..\r\n.x\r\n') {
    peer.sends(octet);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await peer.asks('.', '250');
  assert.match(textOf(gate.intake.mails[0]), /A: b\r\n\r\n\.\r\nx\r\n$/);
});

test('RFC 3030 §2: a chunk with bare line ends or of too many octets refuses the mail, and counting goes on', async () => {
  await using gate = await GateFixture.start({ settings: { messageBytesMax: 100 } });
  using peer = await gate.greet();
  for (const chunk of ['a\nMAIL FROM:<evil@world.test>\nQUIT\n', `${'x'.repeat(200)}\r\n`]) {
    peer.says('MAIL FROM:<x@world.test>', 'RCPT TO:<bob@acme.test>', `BDAT ${chunk.length} LAST`);
    peer.sends(`${chunk}NOOP\r\n`);
    await peer.hears('250');
    await peer.hears('250');
    await peer.hears(/^55[24]/);
    await peer.hears('250 2.0.0 Ok');
  }
  assert.equal(gate.intake.calls, 0);
});

test('B3: a header without end is refused, and a mail without any header is one', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  await toBody(peer);
  peer.sends(`X: ${`${'y'.repeat(70)}\r\n `.repeat(4_000)}\r\n`);
  await peer.asks('.', '554 5.6.0');
  await toBody(peer);
  await peer.asks('just text\r\n.', '250');
  assert.match(textOf(gate.intake.mails[0]), /\+0000\r\n\r\njust text\r\n$/);
});

test('design 6: marks of ours that a peer brings are taken off at the door', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  await toBody(peer);
  peer.says(
    'X-Holdfast-Connector: guess',
    'Subject: s',
    'X-HOLDFAST-STAMP: forged;',
    ' folded',
    'A: b',
    '',
    'text',
    '.',
  );
  await peer.hears('250');
  assert.match(textOf(gate.intake.mails[0]), /\+0000\r\nSubject: s\r\nA: b\r\n\r\ntext\r\n$/);
});
