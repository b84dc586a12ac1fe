import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GateFixture } from '#/testkit/index.ts';

const MINUTE = 60_000;

test('RFC 5321 §4.5.3.2.7: a silent peer is told why and closed after five minutes, not before', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  await gate.clock.advance(4 * MINUTE, MINUTE);
  await peer.asks('NOOP', '250');
  await gate.clock.advance(4 * MINUTE, MINUTE);
  await peer.hearsNothing();
  await gate.clock.advance(2 * MINUTE, MINUTE);
  await peer.hears('421 4.4.2');
  await peer.hearsTheEnd();
});

test('B3: a command that comes octet by octet buys no time', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  for (let i = 0; i < 6; i++) {
    peer.sends('N');
    await new Promise((resolve) => setTimeout(resolve, 5));
    await gate.clock.advance(MINUTE, MINUTE);
  }
  await peer.hears('421 4.4.2');
});

test('B3: a body that stops, and a body that only trickles, are cut off; a slow honest one is not', async () => {
  await using gate = await GateFixture.start();
  using stopped = await gate.greet();
  using trickling = await gate.greet();
  using honest = await gate.greet();
  for (const peer of [stopped, trickling, honest]) {
    await peer.asks('MAIL FROM:<x@world.test>', '250');
    await peer.asks('RCPT TO:<bob@acme.test>', '250');
    await peer.asks('DATA', '354');
  }
  for (let minute = 0; minute < 7; minute++) {
    if (minute < 6) trickling.sends('x');
    honest.sends(`${'x'.repeat(70)}\r\n`.repeat(2_000));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await gate.clock.advance(MINUTE, MINUTE / 2);
    if (minute === 4) await stopped.hears('421 4.4.2');
  }
  await trickling.hears('421 4.4.2');
  await honest.asks('.', '250');
  assert.equal(gate.intake.mails.length, 1);
});

test('M3: who holds a submission connection without signing in is sent away after a minute', async () => {
  await using gate = await GateFixture.start({ kinds: ['submission'] });
  using peer = await gate.greet({ kind: 'submission' });
  using alice = await gate.signedIn();
  await gate.clock.advance(62_000);
  await peer.hears('421 4.4.2');
  await alice.asks('NOOP', '250');
});

test('B3: a handshake or PROXY header that never comes is cut off', async () => {
  const settings = { trustProxy: ['127.0.0.3/32'] };
  await using gate = await GateFixture.start({ kinds: ['smtp', 'submissions'], settings });
  using silent = await gate.dial({ kind: 'submissions' });
  using proxy = await gate.dial({ localAddress: '127.0.0.3' });
  using half = await gate.greet();
  await half.asks('STARTTLS', '220');
  await new Promise((resolve) => setTimeout(resolve, 20));
  await gate.clock.advance(40_000, 1_000);
  await silent.hearsTheEnd();
  await proxy.hearsTheEnd();
  await half.hearsTheEnd();
  await gate.clock.advance(2_000);
  assert.equal(gate.meter.values.get('holdfast_gate_connections'), 0);
});

test('B3: a handshake of garbage, and one broken off, leave no connection behind', async () => {
  await using gate = await GateFixture.start({ kinds: ['smtp', 'submissions'] });
  using garbage = await gate.dial({ kind: 'submissions', first: 'EHLO client.test\r\nMAIL FROM:<x@world.test>\r\n' });
  await garbage.hearsTheEnd();
  {
    using broken = await gate.greet();
    await broken.asks('STARTTLS', '220');
    broken.sends(Buffer.from('1603010200', 'hex'));
  }
  using after = await gate.greet();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await gate.clock.advance(2_000);
  assert.equal(gate.meter.values.get('holdfast_gate_connections'), 1);
  await after.asks('NOOP', '250');
});

test('B3: a sign-in that forgets its deadline ends with a clear answer', async () => {
  await using gate = await GateFixture.start({ kinds: ['submission'] });
  gate.signIn.password = () => new Promise(() => undefined);
  using peer = await gate.greet({ kind: 'submission' });
  await peer.startsTls();
  await peer.asks('EHLO client.test', '250');
  peer.says(`AUTH PLAIN ${Buffer.from('\0alice@acme.test\0secret').toString('base64')}`);
  await peer.hearsNothing();
  await gate.clock.advance(40_000);
  await peer.hears('421');
});

test('B3: a peer that never reads its replies is not read either, and is cut off in the end', async () => {
  await using gate = await GateFixture.start({
    settings: { limits: { unsentReplyBytesMax: 0, idleCommandsMax: 1e9 } },
  });
  using peer = await gate.greet();
  peer.stopsReading();
  for (let i = 0; i < 200; i++) peer.sends('HELP\r\n'.repeat(10_000));
  await new Promise((resolve) => setTimeout(resolve, 200));
  await gate.clock.advance(7 * MINUTE, MINUTE);
  await gate.clock.advance(10_000);
  assert.equal(gate.meter.values.get('holdfast_gate_connections'), 0);
});

test('H3: a gate that closes lets a running transaction end, and tells idle peers to come again', async () => {
  await using gate = await GateFixture.start();
  using idle = await gate.greet();
  await gate.clock.advance(10_000, 1_000);
  using busy = await gate.greet();
  await busy.asks('MAIL FROM:<x@world.test>', '250');
  await busy.asks('RCPT TO:<bob@acme.test>', '250');
  await busy.asks('DATA', '354');
  const closed = gate.close();
  await idle.hears('421 4.3.2');
  await idle.hearsTheEnd();
  await assert.rejects(gate.dial());
  await busy.asks('.', /queued as/);
  await gate.clock.advance(1_000, 100);
  await busy.hears('421 4.3.2');
  await gate.clock.advance(20_000, 1_000);
  await closed;
  assert.equal(gate.intake.mails.length, 1);
});

test('M6: who has just come to a gate that closes may send one mail, and nobody may send another or dawdle', async () => {
  await using gate = await GateFixture.start();
  using silent = await gate.connect();
  using one = await gate.connect();
  using dawdler = await gate.greet();
  const closed = gate.close();
  await gate.clock.advance(1_000, 100);
  await one.asks('EHLO client.test', '250');
  await dawdler.asks('NOOP', '250');
  await gate.clock.advance(2_500, 100);
  await silent.hears('421 4.3.2');
  await one.asks('MAIL FROM:<x@world.test>', '250');
  await one.asks('RCPT TO:<bob@acme.test>', '250');
  await one.asks('DATA', '354');
  await gate.clock.advance(2_000, 100);
  await dawdler.hears('421 4.3.2');
  await one.asks('.', /queued as/);
  await gate.clock.advance(1_000, 100);
  await one.hears('421 4.3.2');
  await gate.clock.advance(20_000, 1_000);
  await closed;
  assert.equal(gate.intake.mails.length, 1);
});
