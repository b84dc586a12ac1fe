import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Domain, MailAddress } from '#/model/index.ts';
import { directoryOf, type FakeUsage, GateFixture, TWO_TENANTS, tenantOf, testReturnPaths } from '#/testkit/index.ts';

// Everything that has ever opened a relay: each must be refused when a stranger says it.
const ATTEMPTS: readonly (readonly [string, RegExp])[] = [
  ['<victim@world.test>', /^550 5\.7\.1/],
  ['<@acme.test:victim@world.test>', /^550 5\.7\.1/],
  ['<@acme.test,@mx.example.test:victim@world.test>', /^550 5\.7\.1/],
  ['<victim%world.test@acme.test>', /^550 5\.1\.1/],
  ['<"victim@world.test"@acme.test>', /^550 5\.1\.1/],
  ['<"victim%world.test"@acme.test>', /^550 5\.1\.1/],
  ['<world.test!victim@acme.test>', /^550 5\.1\.1/],
  ['<victim@world.test@acme.test>', /^50[01]|^550/],
  ['<acme.test!victim@world.test>', /^550 5\.7\.1/],
  ['<victim@acme.test.world.test>', /^550 5\.7\.1/],
  ['<victim@[127.0.0.1]>', /^550 5\.7\.1/],
  ['<victim@[IPv6:::1]>', /^550 5\.7\.1/],
  ['<victim@localhost>', /^550 5\.7\.1/],
  ['<victim@world.test.>', /^50[01]|^550/],
  ['victim@world.test', /^550 5\.7\.1/],
  ['<victim>', /^501/],
  ['<>', /^501/],
];

test('RFC 2505 §2.1: a stranger can relay by no spelling of an address, whatever the sender', async () => {
  await using gate = await GateFixture.start();
  for (const sender of [
    '<x@world.test>',
    '<alice@acme.test>',
    '<>',
    '<x@[127.0.0.1]>',
    '<postmaster@mx.example.test>',
  ]) {
    using peer = await gate.greet();
    await peer.asks(`MAIL FROM:${sender}`, '250');
    for (const [address, refusal] of ATTEMPTS) await peer.asks(`RCPT TO:${address}`, refusal);
    await peer.asks('DATA', '554');
  }
  assert.equal(gate.intake.calls, 0);
});

test('RFC 2505 §2.1: HELO, LMTP and a catch-all open no relay either', async () => {
  const [acme] = TWO_TENANTS;
  assert.ok(acme);
  const tenants = [{ ...acme, catchAll: { 'acme.test': 'bob@acme.test' } }];
  await using gate = await GateFixture.start({ tenants, kinds: ['smtp', 'lmtp'] });
  using peer = await gate.connect();
  await peer.asks('HELO client', '250');
  await peer.asks('MAIL FROM:<x@world.test>', '250');
  await peer.asks('RCPT TO:<victim@world.test>', '550 5.7.1');
  await peer.asks('RCPT TO:<victim%world.test@acme.test>', '250');
  await peer.asks('DATA', '354');
  await peer.asks('.', '250');
  assert.deepEqual(
    gate.intake.mails[0]?.recipients.map(({ address }) => address),
    ['bob@acme.test'],
  );
  using local = await gate.greet({ kind: 'lmtp' });
  await local.asks('MAIL FROM:<x@world.test>', '250');
  await local.asks('RCPT TO:<victim@world.test>', '550 5.7.1');
});

test('M1: a relay known by its network sends to the world as its senders, and as nobody else', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet({ localAddress: '127.0.0.2' });
  await peer.asks('MAIL FROM:<x@world.test>', '550 5.7.1 You may not send as this address');
  assert.match(gate.usage.last.get('exchange') ?? '', /may not send as this address/);
  await peer.asks('MAIL FROM:<anyone@acme.test>', '250');
  await peer.asks('RCPT TO:<friend@world.test>', '250');
  await peer.asks('RCPT TO:<carol@beta.test>', '250');
  await peer.asks('RCPT TO:<sales@acme.test>', '250');
  await peer.asks('DATA', '354');
  await peer.asks('.', '250');
  const [mail, ...more] = gate.intake.mails;
  assert.deepEqual(more, []);
  assert.deepEqual(mail?.identity, { kind: 'relay', tenant: 'acme', name: 'exchange' });
  assert.deepEqual(
    mail.recipients.map(({ address, direction }) => [address, direction]),
    [
      ['friend@world.test', 'outbound'],
      ['carol@beta.test', 'outbound'],
      ['alice@acme.test', 'internal'],
      ['bob@acme.test', 'internal'],
      ['agent@partner.test', 'outbound'],
    ],
  );
  assert.equal(gate.usage.taken, 5);
  assert.equal(gate.usage.last.get('exchange'), null);
  assert.deepEqual(gate.resolver.asked, []);
});

test('design 1: mail to another tenant’s alias goes to the mailbox, and tells the name that the sender wrote', async () => {
  const [acme, beta] = TWO_TENANTS;
  assert.ok(acme !== undefined && beta !== undefined);
  const tenants = [acme, { ...beta, users: [['carol@beta.test', 'c.cook@beta.test']] }];
  await using gate = await GateFixture.start({ tenants });
  using peer = await gate.greet({ localAddress: '127.0.0.2' });
  await peer.asks('MAIL FROM:<anyone@acme.test>', '250');
  await peer.asks('RCPT TO:<gone@beta.test>', '550 5.1.1');
  await peer.asks('RCPT TO:<c.cook@beta.test>', '250');
  await peer.asks('DATA', '354');
  await peer.asks('.', '250');
  const [mail, ...more] = gate.intake.mails;
  assert.deepEqual(more, []);
  assert.equal(mail?.tenant, 'acme');
  assert.deepEqual(
    mail.recipients.map(({ address, original, direction }) => [address, original, direction]),
    [['carol@beta.test', 'c.cook@beta.test', 'outbound']],
  );
});

test('M1: an IPv4 relay network is known on a dual-stack socket, and its neighbour is a stranger', async () => {
  await using gate = await GateFixture.start({ host: '::' });
  for (const [localAddress, reply] of [
    ['127.0.0.2', '250'],
    ['127.0.0.3', '550 5.7.1'],
  ] as const) {
    using peer = await gate.greet({ localAddress, to: '127.0.0.1' });
    await peer.asks('MAIL FROM:<x@acme.test>', '250');
    await peer.asks('RCPT TO:<friend@world.test>', reply);
  }
});

test('M1: mail comes in over IPv6, and an IPv6 stranger can’t relay', async () => {
  await using gate = await GateFixture.start({ host: '::1' });
  using peer = await gate.greet();
  await peer.asks('MAIL FROM:<x@world.test>', '250');
  await peer.asks('RCPT TO:<friend@world.test>', '550 5.7.1');
  await peer.asks('RCPT TO:<bob@acme.test>', '250');
  await peer.asks('DATA', '354');
  await peer.asks('.', '250');
});

test('M1: over the limit of ten minutes every sender hears 450; over the day’s, people 550 and servers 450', async () => {
  const cases: readonly (readonly [FakeUsage['over'], 'person' | 'server', string])[] = [
    ['over per10m', 'person', '450 4.7.1'],
    ['over perDay', 'person', '550 5.7.1'],
    ['over per10m', 'server', '450 4.7.1'],
    ['over perDay', 'server', '450 4.7.1'],
  ];
  await using gate = await GateFixture.start({ kinds: ['smtp', 'submission'] });
  for (const [over, who, refusal] of cases) {
    gate.usage.left = 2;
    gate.usage.over = over;
    using peer = who === 'server' ? await gate.greet({ localAddress: '127.0.0.2' }) : await gate.signedIn();
    await peer.asks('MAIL FROM:<alice@acme.test>', '250');
    await peer.asks('RCPT TO:<a@world.test>', '250');
    await peer.asks('RCPT TO:<A@world.test>', '250');
    await peer.asks('RCPT TO:<b@world.test>', '250');
    await peer.asks('RCPT TO:<c@world.test>', refusal);
    // Given back when nothing comes of it.
    await peer.asks('RSET', '250');
    assert.equal(gate.usage.left, 2);
    await peer.asks('MAIL FROM:<alice@acme.test>', '250');
    await peer.asks('RCPT TO:<a@world.test>', '250');
    gate.intake.fault = 'store.busy';
    await peer.asks('DATA', '354');
    await peer.asks('.', '451');
    assert.equal(gate.usage.left, 2);
    gate.intake.fault = null;
  }
});

test('M1: the legacy listener serves a known device without TLS or sign-in, and no stranger', async () => {
  await using gate = await GateFixture.start({ kinds: ['legacy'] });
  using device = await gate.greet({ kind: 'legacy', localAddress: '127.0.0.2' });
  await device.asks('MAIL FROM:<printer@acme.test>', '250');
  await device.asks('RCPT TO:<friend@world.test>', '250');
  using stranger = await gate.greet({ kind: 'legacy' });
  await stranger.asks('MAIL FROM:<x@world.test>', '530 5.7.0');
});

test('M1: legacy and LMTP turn away hosts outside the own networks, with the reason', async () => {
  const settings = { limits: { ownNetworks: ['10.0.0.0/8'] } };
  await using gate = await GateFixture.start({ kinds: ['legacy', 'lmtp'], settings });
  for (const kind of ['legacy', 'lmtp'] as const) {
    using peer = await gate.dial({ kind });
    await peer.hears('554 5.7.1');
    await peer.hearsTheEnd();
  }
});

test('C5, M1: a kept connection hears of a new generation at its next mail: who was taken out sends no more', async () => {
  const [acme, ...others] = TWO_TENANTS;
  assert.ok(acme);
  await using gate = await GateFixture.start({ kinds: ['smtp', 'submission'] });
  using server = await gate.greet({ localAddress: '127.0.0.2' });
  using person = await gate.signedIn();
  for (const peer of [server, person]) {
    await peer.asks('MAIL FROM:<alice@acme.test>', '250');
    await peer.asks('RCPT TO:<a@world.test>', '250');
  }
  gate.directory.switchTo(directoryOf([{ ...acme, relays: [], users: [] }, ...others].map(tenantOf)));
  for (const peer of [server, person]) {
    await peer.asks('RCPT TO:<b@world.test>', '250');
    await peer.asks('RSET', '250');
  }
  await server.asks('MAIL FROM:<alice@acme.test>', '250');
  await server.asks('RCPT TO:<a@world.test>', '550 5.7.1');
  await person.asks('MAIL FROM:<alice@acme.test>', '530');
});

test('C5, M1: a kept connection stays whose it is, with what the new generation allows', async () => {
  await using gate = await GateFixture.start({ kinds: ['smtp', 'submission'] });
  using server = await gate.greet({ localAddress: '127.0.0.2' });
  using person = await gate.signedIn();
  gate.directory.switchTo(directoryOf(TWO_TENANTS.map(tenantOf)));
  for (const peer of [server, person]) {
    await peer.asks('MAIL FROM:<alice@acme.test>', '250');
    await peer.asks('RCPT TO:<a@world.test>', '250');
    await peer.asks('DATA', '354');
    await peer.asks('.', '250');
  }
  assert.equal(gate.intake.mails.length, 2);
});

test('RFC 7208 §D.3: a bounce to an address that we wrote goes back to the first sender; nothing else goes there, and nobody makes one', async () => {
  const [acme] = TWO_TENANTS;
  assert.ok(acme);
  const tenants = [{ ...acme, catchAll: { 'acme.test': 'bob@acme.test' } }];
  await using gate = await GateFixture.start({ tenants });
  const paths = testReturnPaths(gate.clock);
  const address = paths.rewrite('x@world.test' as MailAddress, 'acme.test' as Domain);
  assert.ok(address !== null);
  using peer = await gate.greet();
  for (const sender of ['<y@world.test>', '<x@world.test>']) {
    await peer.asks(`MAIL FROM:${sender}`, '250');
    await peer.asks(`RCPT TO:<${address}>`, '550 5.1.1');
    await peer.asks('RSET', '250');
  }
  await peer.asks('MAIL FROM:<>', '250');
  const forged = address.replace(/=[A-Z2-7]{8}=/, '=ABCDEFGH=');
  const old = address.replace(/(?<==[A-Z2-7]{8}=)../, 'AA');
  for (const wrong of [forged, old, address.replace('world.test', 'victim.test'), 'SRS0=a=b=c=d@acme.test'])
    await peer.asks(`RCPT TO:<${wrong}>`, '550 5.1.1');
  await peer.asks(`RCPT TO:<${address.replace('acme.test', 'world.test')}>`, '550 5.7.1');
  await peer.asks(`RCPT TO:<${address}>`, '250');
  await peer.asks('DATA', '354');
  await peer.asks('Subject: failed\r\n\r\n.', '250');
  const [mail] = gate.intake.mails;
  const [recipient] = mail?.recipients ?? [];
  assert.deepEqual(
    [mail?.sender, mail?.tenant, recipient?.address, recipient?.direction, recipient?.original],
    [null, 'acme', 'x@world.test', 'outbound', address],
  );
});
