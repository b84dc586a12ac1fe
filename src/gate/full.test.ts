import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directoryOf, GateFixture, tenantOf } from '#/testkit/index.ts';

const TENANTS = [
  {
    id: 'acme',
    domains: ['acme.test'],
    catchAll: { 'acme.test': 'alice@acme.test' },
    users: [['alice@acme.test', 'a.archer@acme.test'], ['bob@acme.test'], ['postmaster@acme.test']],
    groups: { 'all@acme.test': ['alice@acme.test', 'bob@acme.test'] },
    quotaBytes: 1_000_000,
  },
];
const SIGNED_IN = ['smtp', 'submission', 'lmtp'] as const;

function start() {
  return GateFixture.start({ tenants: TENANTS, kinds: SIGNED_IN });
}

test('O6: a full mailbox is told at RCPT with 452 4.2.2, by whatever name and door, and only while it is full', async () => {
  await using gate = await start();
  gate.mailboxRoom.set('alice@acme.test', 0);
  const doors = [await gate.greet(), await gate.greet({ kind: 'lmtp' }), await gate.signedIn('alice@acme.test')];
  for (const peer of doors) {
    await peer.asks(`MAIL FROM:<alice@acme.test>`, '250');
    for (const name of ['alice', 'A.ARCHER', 'alice+news', 'whoever'])
      assert.match(await peer.asks(`RCPT TO:<${name}@acme.test>`, '452'), /^452 4\.2\.2/, name);
    await peer.asks('RCPT TO:<bob@acme.test>', '250');
    gate.mailboxRoom.clear();
    await peer.asks('RCPT TO:<alice@acme.test>', '250');
    gate.mailboxRoom.set('alice@acme.test', 0);
  }
});

test('O6: one full member of a group refuses nobody, nor does a postmaster without room: their mail waits', async () => {
  await using gate = await start();
  for (const name of ['alice', 'postmaster']) gate.mailboxRoom.set(`${name}@acme.test`, 0);
  const peer = await gate.greet();
  await peer.asks('MAIL FROM:<x@world.test>', '250');
  await peer.asks('RCPT TO:<all@acme.test>', '250');
  await peer.asks('RCPT TO:<Postmaster@acme.test>', '250');
  await peer.asks('RCPT TO:<Postmaster>', '250');
});

test('RFC 1870 §6.1: an announced mail is taken where it fits, waits for room where it may fit later, and is refused where it never will', async () => {
  await using gate = await start();
  gate.mailboxRoom.set('alice@acme.test', 50_000);
  const peer = await gate.greet();
  for (const [parameter, reply] of [
    ['SIZE=50000', /^250/],
    ['SIZE=50001', /^452 4\.2\.2/],
    ['SIZE=1000000', /^452 4\.2\.2/],
    ['SIZE=1000001', /^552 5\.2\.2/],
    ['', /^250/],
  ] as const) {
    await peer.asks(`MAIL FROM:<x@world.test> ${parameter}`.trim(), '250');
    assert.match(await peer.asks('RCPT TO:<alice@acme.test>', /^\d/), reply, parameter);
    await peer.asks('RSET', '250');
  }
});

test('O6: a mailbox that is not known to need room takes even what is larger than its quota: rules may send it on', async () => {
  await using gate = await start();
  const peer = await gate.greet();
  await peer.asks('MAIL FROM:<x@world.test> SIZE=1000001', '250');
  await peer.asks('RCPT TO:<alice@acme.test>', '250');
});

test('O6: a mailbox of unknown room takes mail, and so does one whose quota was lifted', async () => {
  await using gate = await start();
  const peer = await gate.greet();
  await peer.asks('MAIL FROM:<x@world.test> SIZE=900000', '250');
  await peer.asks('RCPT TO:<bob@acme.test>', '250');
  await peer.asks('RSET', '250');
  gate.mailboxRoom.set('bob@acme.test', 0);
  const [tenant] = TENANTS;
  assert.ok(tenant);
  const { quotaBytes: _, ...unlimited } = tenant;
  gate.directory.switchTo(directoryOf([tenantOf(unlimited)]));
  await peer.asks('MAIL FROM:<x@world.test> SIZE=9000000', '250');
  await peer.asks('RCPT TO:<bob@acme.test>', '250');
});
