import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GateFixture, type SmtpPeer } from '#/testkit/index.ts';
import { Admission } from './admission.ts';

test('M3: a flood on the MX port fills its share, and a device and a known relay still get in', async () => {
  const settings = { connectionsMax: 8, reservedForSignedIn: 3 };
  await using gate = await GateFixture.start({ kinds: ['smtp', 'submission'], settings });
  using flood = new DisposableStack();
  for (let i = 0; i < 5; i++) flood.use(await gate.greet());
  for (let i = 0; i < 3; i++) {
    using late = await gate.dial();
    await late.hears('421 4.3.2');
    await late.hearsTheEnd();
  }
  using device = await gate.signedIn('scanner');
  await device.asks('MAIL FROM:<scanner@acme.test>', '250');
  using relay = await gate.greet({ localAddress: '127.0.0.2' });
  await relay.asks('MAIL FROM:<x@acme.test>', '250');
  using last = await gate.greet({ kind: 'submission' });
  using full = await gate.dial({ kind: 'submission' });
  await full.hears('421 4.3.2');
  await last.asks('QUIT', '221');
});

test('M3: a place comes back when its connection ends, however it ends', async () => {
  const settings = { connectionsMax: 2, reservedForSignedIn: 1 };
  await using gate = await GateFixture.start({ settings });
  const ends: readonly ((peer: SmtpPeer) => Promise<void> | void)[] = [
    (peer) => peer[Symbol.dispose](),
    (peer) => peer.endsSpeaking(),
    async (peer) => void (await peer.asks('QUIT', '221')),
    async (peer) => void (await peer.asks('GET /', '554')),
  ];
  for (const end of ends) {
    const peer = await gate.greet();
    await end(peer);
    await peer.hearsTheEnd();
    peer[Symbol.dispose]();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  using again = await gate.greet();
  await again.asks('NOOP', '250');
});

test('B3: one address gets no more than its bound; a relay network has none', async () => {
  await using gate = await GateFixture.start({ settings: { limits: { connectionsPerAddressMax: 2 } } });
  using stack = new DisposableStack();
  for (let i = 0; i < 2; i++) stack.use(await gate.greet());
  using third = await gate.dial();
  await third.hears('421 4.7.0');
  for (let i = 0; i < 4; i++) stack.use(await gate.greet({ localAddress: '127.0.0.2' }));
  stack.use(await gate.greet({ localAddress: '127.0.0.5' }));
});

test('M3: under pressure silent strangers go sooner, known ones don’t', async () => {
  await using gate = await GateFixture.start({ settings: { connectionsMax: 3, reservedForSignedIn: 1 } });
  using stranger = await gate.greet();
  using second = await gate.greet();
  using relay = await gate.greet({ localAddress: '127.0.0.2' });
  await gate.clock.advance(32_000);
  await stranger.hears('421 4.4.2');
  await second.hears('421 4.4.2');
  await relay.asks('NOOP', '250');
});

test('B3: IPv6 callers are counted by the /64 that everybody has', () => {
  const admission = new Admission({ connectionsMax: 100, reservedForSignedIn: 0, connectionsPerAddressMax: 1 });
  const enter = (address: string): unknown => admission.enter(address, { reserved: false, known: false });
  const first = enter('2001:db8::1');
  assert.equal(enter('2001:db8::2'), 'too many from this address');
  assert.equal(typeof enter('2001:db8:0:1::1'), 'object');
  if (typeof first === 'object' && first !== null && 'release' in first && typeof first.release === 'function') {
    first.release();
    first.release();
  }
  assert.equal(admission.count, 1);
  assert.equal(typeof enter('2001:db8::2'), 'object');
});
