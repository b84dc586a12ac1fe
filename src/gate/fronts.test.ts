import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { GateFixture, type SmtpPeer, TWO_TENANTS, textOf } from '#/testkit/index.ts';

const PROXY = { trustProxy: ['127.0.0.1/32'] };

test('M1: the address in a trusted PROXY header decides, version 1 and 2, before TLS too', async () => {
  await using gate = await GateFixture.start({ settings: PROXY, kinds: ['smtp', 'submissions'] });
  const v2 = Buffer.from('0d0a0d0a000d0a515549540a2111000c7f000002c0000201303900190a', 'hex')
    .subarray(0, 28)
    .toString('latin1');
  for (const first of ['PROXY TCP4 127.0.0.2 192.0.2.1 12345 25\r\n', v2]) {
    using peer = await gate.connect({ first });
    await peer.asks('EHLO client.test', '250');
    await peer.asks('MAIL FROM:<x@acme.test>', '250');
    await peer.asks('RCPT TO:<friend@world.test>', '250');
    await peer.asks('DATA', '354');
    await peer.asks('.', '250');
  }
  assert.match(textOf(gate.intake.mails[0]), /\(\[127\.0\.0\.2\]\)/);
  using secured = await gate.connect({ kind: 'submissions', tls: true, first: 'PROXY TCP6 2001:db8::1 ::1 1 2\r\n' });
  await secured.asks('EHLO client.test', /AUTH PLAIN/);
});

test('M1: a trusted network must send a PROXY header; from others it is an unknown command', async () => {
  await using gate = await GateFixture.start({ settings: PROXY });
  using silent = await gate.dial({ first: 'EHLO client.test\r\n' });
  await silent.hearsTheEnd();
  using stranger = await gate.connect({
    localAddress: '127.0.0.5',
    first: 'PROXY TCP4 127.0.0.2 192.0.2.1 12345 25\r\n',
  });
  await stranger.hears('500');
});

test('M1: XCLIENT is offered to and believed from trusted fronts only, and begins the session anew', async () => {
  await using gate = await GateFixture.start({ settings: { trustXclient: ['127.0.0.1/32'] } });
  using front = await gate.connect();
  assert.match(await front.asks('EHLO front.test', '250'), /XCLIENT NAME ADDR PORT/);
  await front.asks('XCLIENT ADDR=127.0.0.2 NAME=exchange.acme.test HELO=exchange', '220');
  await front.asks('MAIL FROM:<x@acme.test>', '503');
  await front.asks('EHLO front.test', '250');
  await front.asks('MAIL FROM:<x@acme.test>', '250');
  await front.asks('RCPT TO:<friend@world.test>', '250');
  await front.asks('DATA', '354');
  await front.asks('.', '250');
  assert.match(textOf(gate.intake.mails[0]), /^Received: from exchange \(exchange\.acme\.test \[127\.0\.0\.2\]\)/);
  await front.asks('XCLIENT ADDR=192.0.2.9 LOGIN=alice@acme.test', '220');
  await front.asks('EHLO front.test', '250');
  await front.asks('MAIL FROM:<alice@acme.test>', '250');
  await front.asks('RCPT TO:<friend@world.test>', '250');
  await front.asks('RSET', '250');
  await front.asks('XCLIENT ADDR=192.0.2.9', '220');
  await front.asks('EHLO front.test', '250');
  await front.asks('MAIL FROM:<alice@acme.test>', '250');
  await front.asks('RCPT TO:<friend@world.test>', '550 5.7.1');
  using other = await gate.greet({ localAddress: '127.0.0.5' });
  await other.asks('XCLIENT ADDR=127.0.0.2', '502');
});

const SECRET = 'a secret of the transport rule, long';
const [ACME, BETA] = TWO_TENANTS;
const CLOUD = [
  {
    ...(ACME ?? { id: 'acme', domains: ['acme.test'] }),
    relays: [
      {
        name: 'm365',
        kind: 'microsoft365' as const,
        networks: ['127.0.0.4/32'],
        senders: ['*@acme.test'],
        connectorSecret: {
          kind: 'sha256' as const,
          hex: createHash('sha256').update(SECRET).digest('hex'),
          scram: null,
        },
      },
    ],
  },
  BETA ?? { id: 'beta', domains: ['beta.test'] },
];

async function fromCloud(
  gate: GateFixture,
  sender: string,
  recipients: readonly string[],
  header: string,
): Promise<SmtpPeer> {
  const peer = await gate.greet({ localAddress: '127.0.0.4' });
  await peer.asks(`MAIL FROM:<${sender}>`, '250');
  for (const recipient of recipients) await peer.asks(`RCPT TO:<${recipient}>`, '250');
  await peer.asks('DATA', '354');
  peer.says(`${header}Subject: s`, '', 'text', '.');
  return peer;
}

test('design 6: a shared cloud relays only with the secret of its tenant, and the secret stays here', async () => {
  await using gate = await GateFixture.start({ tenants: CLOUD });
  const header = `X-Holdfast-Connector: ${SECRET}\r\nX-Holdfast-Stamp: ours\r\n`;
  using peer = await fromCloud(gate, 'alice@acme.test', ['friend@world.test', 'bob@acme.test'], header);
  await peer.hears('250');
  const [mail] = gate.intake.mails;
  assert.deepEqual(mail?.identity, { kind: 'relay', tenant: 'acme', name: 'm365' });
  assert.deepEqual(
    mail.recipients.map(({ direction }) => direction),
    ['outbound', 'internal'],
  );
  assert.match(textOf(mail), /\+0000\r\nSubject: s\r\n/, 'a stamp that nobody here wrote goes too');
  assert.equal(gate.usage.taken, 2);
});

test('design 6: without the secret, with a wrong one or with two, the cloud is a stranger', async () => {
  await using gate = await GateFixture.start({ tenants: CLOUD });
  const right = `X-Holdfast-Connector: ${SECRET}\r\n`;
  for (const header of ['', 'X-Holdfast-Connector: guess\r\n', right + right]) {
    using relayed = await fromCloud(gate, 'alice@acme.test', ['bob@acme.test', 'friend@world.test'], header);
    await relayed.hears('550 5.7.1 No relaying');
    using inbound = await fromCloud(gate, 'x@world.test', ['bob@acme.test'], header);
    await inbound.hears('250');
  }
  assert.deepEqual(
    gate.intake.mails.map(({ identity }) => identity.kind),
    ['peer', 'peer', 'peer'],
  );
  using wrongSender = await fromCloud(gate, 'x@world.test', ['friend@world.test'], right);
  await wrongSender.hears('550 5.7.1 You may not send as this address');
});

test('design 6: a cloud’s limits are taken at its final reply, and a large mail is proven while it arrives', async () => {
  await using gate = await GateFixture.start({
    tenants: CLOUD,
    settings: { limits: { bodyBytesInMemoryMax: 10_000 } },
  });
  const header = `X-Holdfast-Connector: ${SECRET}\r\nX-Filler: ${'x'.repeat(20_000)}\r\n`;
  using peer = await fromCloud(gate, 'alice@acme.test', ['friend@world.test'], header);
  await peer.hears('250');
  assert.equal(gate.intake.mails[0]?.body.kind, 'blob');
  assert.doesNotMatch(textOf(gate.intake.mails[0], gate.blobs), /Connector/);
  gate.usage.left = 0;
  using over = await fromCloud(gate, 'alice@acme.test', ['friend@world.test'], header);
  await over.hears('450 4.7.1');
});

test('M3: connections that come through an XCLIENT front count as their callers’', async () => {
  const settings = { trustXclient: ['127.0.0.1/32'], limits: { connectionsPerAddressMax: 2 } };
  await using gate = await GateFixture.start({ settings });
  const fronts = await Promise.all([1, 2, 3, 4].map(() => gate.greet()));
  const [first, second, third, other] = fronts;
  assert.ok(first && second && third && other);
  await first.asks('XCLIENT ADDR=192.0.2.9', '220');
  await second.asks('XCLIENT ADDR=192.0.2.9', '220');
  await third.asks('XCLIENT ADDR=192.0.2.9', '421');
  await third.hearsTheEnd();
  await other.asks('XCLIENT ADDR=192.0.2.10', '220');
  // The front's next caller takes the place over.
  await first.asks('XCLIENT ADDR=192.0.2.10', '220');
  await other.asks('XCLIENT ADDR=192.0.2.9', '220');
  for (const front of fronts) front[Symbol.dispose]();
});
