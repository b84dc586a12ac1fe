import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { TenantId } from '#/model/index.ts';
import {
  directoryOf,
  GateFixture,
  makeAuthority,
  type PeerTls,
  type RelaySketch,
  type SmtpPeer,
  type TenantSketch,
  tenantOf,
  testCertificate,
  testLoopStamps,
  textOf,
} from '#/testkit/index.ts';
import { ConnectorIndex } from './connectors.ts';

const SECRETS = { acme: 'acmes-secret-0123456789abcd', beta: 'betas-secret-0123456789abcd' } as const;
const CLOUD_NAME = 'mail.protection.outlook.com';
const authority = await makeAuthority();
const stranger = await makeAuthority();
const cloud = await authority.issue([CLOUD_NAME]);

function relay(tenant: keyof typeof SECRETS, more: Partial<RelaySketch> = {}): RelaySketch {
  const hex = createHash('sha256').update(SECRETS[tenant]).digest('hex');
  const connectorSecret = { kind: 'sha256', hex, scram: null } as const;
  return { name: `${tenant}-365`, kind: 'microsoft365', senders: [`*@${tenant}.test`], connectorSecret, ...more };
}

/** Two companies in one cloud. */
function tenants(more: Partial<RelaySketch> = {}): TenantSketch[] {
  return (['acme', 'beta'] as const).map((id) => ({
    id,
    domains: [`${id}.test`],
    users: [[`bob@${id}.test`]],
    relays: [relay(id, more)],
  }));
}

function start(sketches: readonly TenantSketch[] = tenants(), settings = {}): Promise<GateFixture> {
  return GateFixture.start({
    tenants: sketches,
    settings,
    kinds: ['smtp', 'submission'],
    tls: () => testCertificate({ authority: authority.cert }),
  });
}

async function secured(gate: GateFixture, tls: PeerTls, localAddress = '127.0.0.1'): Promise<SmtpPeer> {
  const peer = await gate.greet({ localAddress });
  await peer.startsTls(tls);
  await peer.asks('EHLO cloud.test', '250');
  return peer;
}

/** Tells a mail for the world as `sender`, with these header lines; hears the reply to RCPT, and where that is 250, to the mail. */
async function relays(peer: SmtpPeer, sender: string, ...header: readonly string[]): Promise<string> {
  await peer.asks(`MAIL FROM:<${sender}>`, '250');
  const answer = await peer.asks('RCPT TO:<friend@world.test>', /^[25]/);
  if (!answer.startsWith('250')) return answer;
  await peer.asks('DATA', '354');
  peer.says(...header, 'Subject: s', '', 'text', '.');
  return peer.hears(/^\d/);
}

test('design 6: the certificate of the shared cloud makes RCPT provisional, and the secret says whose mail it is', async () => {
  await using gate = await start();
  using peer = await secured(gate, cloud);
  for (const id of ['acme', 'beta'] as const) {
    assert.match(await relays(peer, `ann@${id}.test`, `X-Holdfast-Connector: ${SECRETS[id]}`), /^250 2\.0\.0/);
  }
  assert.deepEqual(
    gate.intake.mails.map(({ identity }) => identity),
    ['acme', 'beta'].map((tenant) => ({ kind: 'relay', tenant, name: `${tenant}-365` })),
  );
  for (const mail of gate.intake.mails) assert.doesNotMatch(textOf(mail), /Connector/);
  assert.equal(gate.usage.last.get('acme-365'), null);
});

test('design 6: nobody is identified by the certificate alone; the refusal says what to do, and the relay’s list why', async () => {
  await using gate = await start();
  const field = 'X-Holdfast-Connector:';
  const cases = [
    [[], /came without the X-Holdfast-Connector/],
    [[`${field} wrong-secret-0123456789ab`], /wrong secret in the X-Holdfast-Connector/],
    [[`${field} ${SECRETS.acme}`, `${field} ${SECRETS.acme}`], /more than one X-Holdfast-Connector/],
  ] as const;
  for (const [header, error] of cases) {
    using peer = await secured(gate, cloud);
    const answer = await relays(peer, 'ann@acme.test', ...header);
    assert.match(answer, /^550 5\.7\.1 No relaying without the secret of your connector: let its rule add/);
    assert.match(gate.usage.last.get('acme-365') ?? '', error);
  }
  assert.equal(gate.usage.last.has('beta-365'), false, 'the other company is not troubled');
  using peer = await secured(gate, cloud);
  assert.match(await relays(peer, 'ann@acme.test', `${field} ${SECRETS.beta}`), /^550 5\.7\.1 You may not send as/);
  assert.equal(gate.intake.calls, 0);
});

test('design 6: the secret without the cloud’s certificate or network is worth nothing', async () => {
  await using gate = await start();
  const certificates: readonly PeerTls[] = [
    {},
    await authority.issue(['mail.example.test', 'protection.outlook.com.evil.test', 'xprotection.outlook.com']),
    await stranger.issue([CLOUD_NAME]),
    await authority.issue([CLOUD_NAME], { past: true }),
  ];
  for (const tls of certificates) {
    using peer = await secured(gate, tls);
    const answer = await relays(peer, 'ann@acme.test', `X-Holdfast-Connector: ${SECRETS.acme}`);
    assert.match(answer, /^550 5\.7\.1 No relaying from here/);
  }
  assert.equal(gate.intake.calls, 0);
});

test('design 6: a name below the cloud’s domain is its certificate too', async () => {
  await using gate = await start();
  using peer = await secured(gate, await authority.issue(['other.test', 'apc01.mail.protection.outlook.com']));
  assert.match(await relays(peer, 'ann@acme.test', `X-Holdfast-Connector: ${SECRETS.acme}`), /^250/);
});

test('design 6: a relay’s own network stands in for the certificate, another relay’s does not', async () => {
  const [acme, beta] = tenants();
  assert.ok(acme && beta);
  const sketches = [{ ...acme, relays: [relay('acme', { kind: 'google', networks: ['127.0.0.4/32'] })] }, beta];
  await using gate = await start(sketches);
  using google = await gate.greet({ localAddress: '127.0.0.4' });
  assert.match(await relays(google, 'ann@acme.test', `X-Holdfast-Connector: ${SECRETS.acme}`), /^250/);
  const borrowed = await relays(google, 'ann@beta.test', `X-Holdfast-Connector: ${SECRETS.beta}`);
  assert.match(borrowed, /^550 5\.7\.1 No relaying without the secret/);
});

test('design 6: the cloud’s certificate opens no other door, and dies with XCLIENT', async () => {
  await using gate = await start(tenants(), { trustXclient: ['127.0.0.1/32'] });
  using submission = await gate.greet({ kind: 'submission' });
  await submission.startsTls(cloud);
  await submission.asks('EHLO cloud.test', '250');
  await submission.asks('MAIL FROM:<ann@acme.test>', '530 5.7.0');
  using front = await secured(gate, cloud);
  await front.asks('XCLIENT ADDR=192.0.2.9', '220');
  await front.asks('EHLO client.test', '250');
  assert.match(
    await relays(front, 'ann@acme.test', `X-Holdfast-Connector: ${SECRETS.acme}`),
    /^550 5\.7\.1 No relaying from/,
  );
});

test('M1: mail of the cloud for our own people comes in without any secret, and unknown people are refused at once', async () => {
  await using gate = await start();
  using peer = await secured(gate, cloud);
  await peer.asks('MAIL FROM:<somebody@world.test>', '250');
  await peer.asks('RCPT TO:<nobody@acme.test>', '550 5.1.1');
  await peer.asks('RCPT TO:<bob@acme.test>', '250');
  await peer.asks('DATA', '354');
  await peer.asks('.', '250');
  assert.equal(gate.intake.mails[0]?.identity.kind, 'peer');
  assert.equal(gate.usage.last.size, 0);
});

test('design 6: clients are asked for a certificate only where a cloud of ours can be told by one', () => {
  const wants = (more: Partial<RelaySketch>): boolean =>
    new ConnectorIndex().wantsCertificates(directoryOf(tenants(more).map(tenantOf)));
  assert.equal(wants({}), true);
  for (const kind of ['server', 'device', 'google'] as const) assert.equal(wants({ kind }), false, kind);
});

test('design 6: while the rule in the cloud is changed, the secret before counts as well, and a third does not', async () => {
  const hex = createHash('sha256').update('acmes-former-secret-0123456').digest('hex');
  await using gate = await start([
    {
      id: 'acme',
      domains: ['acme.test'],
      relays: [relay('acme', { formerSecret: { kind: 'sha256', hex, scram: null } })],
    },
  ]);
  using peer = await secured(gate, cloud);
  for (const secret of [SECRETS.acme, 'acmes-former-secret-0123456'])
    assert.match(await relays(peer, 'ann@acme.test', `X-Holdfast-Connector: ${secret}`), /^250/);
  assert.match(
    await relays(peer, 'ann@acme.test', 'X-Holdfast-Connector: acmes-other-secret-01234567'),
    /^550 5\.7\.1/,
  );
});

test('design 6: mail that goes back to its cloud may be for people whom only the cloud knows, and for its names as they are', async () => {
  await using gate = await start(tenants({ returnsTo: 'acme-test.mail.protection.outlook.com' }));
  using peer = await secured(gate, cloud);
  await peer.asks('MAIL FROM:<ann@acme.test>', '250');
  for (const to of ['cloudy@acme.test', 'bob@acme.test', 'friend@world.test'])
    await peer.asks(`RCPT TO:<${to}>`, '250');
  await peer.asks('RCPT TO:<nobody@beta.test>', '550 5.1.1');
  await peer.asks('DATA', '354');
  peer.says(`X-Holdfast-Connector: ${SECRETS.acme}`, 'Subject: s', '', 'text', '.');
  await peer.hears('250');
  const [mail] = gate.intake.mails;
  assert.equal(mail?.tenant, 'acme');
  assert.deepEqual(
    mail?.recipients.map(({ address, direction }) => [address, direction]),
    [
      ['cloudy@acme.test', 'internal'],
      ['bob@acme.test', 'internal'],
      ['friend@world.test', 'outbound'],
    ],
  );
});

test('design 6: who comes from the cloud without the secret finds nobody whom only the cloud knows', async () => {
  await using gate = await start(tenants({ returnsTo: 'acme-test.mail.protection.outlook.com' }));
  for (const header of [[], [`X-Holdfast-Connector: ${SECRETS.beta}`]]) {
    using peer = await secured(gate, cloud);
    await peer.asks('MAIL FROM:<ann@acme.test>', '250');
    await peer.asks('RCPT TO:<cloudy@acme.test>', '250');
    await peer.asks('DATA', '354');
    peer.says(...header, 'Subject: s', '', 'text', '.');
    await peer.hears(/^550 5\.(?:1\.1|7\.1)/);
    await peer.asks('MAIL FROM:<somebody@world.test>', '250');
    await peer.asks('RCPT TO:<cloudy@acme.test>', '550 5.1.1');
  }
  assert.equal(gate.intake.calls, 0);
});

const STAMPED = ['Message-ID: <1@acme.test>', 'Subject: s', '', 'Good day, here is what you asked for.'] as const;

function stampFor(gate: GateFixture, hop: number, { tenant = 'acme', ageMs = 0 } = {}): string {
  const head = Buffer.from(`${STAMPED.join('\r\n')}\r\n`);
  const at = gate.clock.now() - ageMs;
  const value = testLoopStamps(gate.clock).write({ hop, at }, tenant as TenantId, head);
  return `X-Holdfast-Stamp: ${value}`;
}

/** What is kept of stamps of such a mail that comes by this door with these fields. */
async function kept(
  gate: GateFixture,
  peer: SmtpPeer,
  to: string,
  ...header: readonly string[]
): Promise<readonly string[]> {
  await peer.asks('MAIL FROM:<ann@acme.test>', '250');
  await peer.asks(`RCPT TO:<${to}>`, '250');
  await peer.asks('DATA', '354');
  peer.says(...header, ...STAMPED, '.');
  await peer.hears('250 2.0.0');
  const text = textOf(gate.intake.mails.at(-1) ?? assert.fail('no mail'));
  return text.match(/^X-Holdfast-Stamp: .*$/gim)?.map((line) => line.trim()) ?? [];
}

test('design 6: a loop stamp counts from the tenant’s own connector, for 15 minutes, and nobody else’s is kept', async () => {
  await using gate = await start();
  using peer = await secured(gate, cloud);
  const proof = `X-Holdfast-Connector: ${SECRETS.acme}`;
  const ours = stampFor(gate, 1);
  const old = stampFor(gate, 2, { ageMs: 16 * 60_000 });
  const theirs = stampFor(gate, 2, { tenant: 'beta' });
  const forged = ours.replace('hop=1', 'hop=2');
  assert.deepEqual(await kept(gate, peer, 'friend@world.test', proof, forged, ours, theirs, old), [ours]);
  for (const stamp of [old, theirs, forged, 'X-Holdfast-Stamp: x'])
    assert.deepEqual(await kept(gate, peer, 'friend@world.test', proof, stamp), [], stamp);
  const second = stampFor(gate, 2);
  assert.deepEqual(await kept(gate, peer, 'friend@world.test', proof, ours, second), [second], 'the last one counts');
  assert.deepEqual(await kept(gate, peer, 'bob@acme.test', ours), [], 'of the cloud without the secret');
  using stranger = await gate.greet();
  assert.deepEqual(await kept(gate, stranger, 'bob@acme.test', proof, ours), [], 'of a stranger');
});

test('design 6: a mail that keeps coming round is refused, in words that say what to mend', async () => {
  await using gate = await start();
  using peer = await secured(gate, cloud);
  const send = async (stamp: string): Promise<string> => {
    await peer.asks('MAIL FROM:<ann@acme.test>', '250');
    await peer.asks('RCPT TO:<friend@world.test>', '250');
    await peer.asks('DATA', '354');
    peer.says(`X-Holdfast-Connector: ${SECRETS.acme}`, stamp, ...STAMPED, '.');
    return peer.hears(/^\d/);
  };
  assert.match(await send(stampFor(gate, 2)), /^250/);
  assert.match(await send(stampFor(gate, 3)), /^554 5\.4\.6 The message goes round between here and your cloud/);
  assert.match(
    gate.usage.last.get('acme-365') ?? '',
    /let the rule that sends mail here leave out what has the field X-Holdfast-Stamp/,
  );
});
