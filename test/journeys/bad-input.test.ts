/** Everything that a hostile or broken peer may say, to the real program on real sockets: each gets its answer, nothing is half stored. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SmtpPeer } from '#/testkit/index.ts';
import { eventually, Holdfast, pause } from '../support/holdfast.ts';

const RESOURCES = `tenants:
  - id: acme
    name: Acme
    domains: [acme.test]
    users: [{ address: bob@acme.test, password: "battery staple" }]
    relays:
      - { name: server, kind: server, networks: [127.0.0.2/32], senders: ["*@acme.test"] }
`;

/** One installation under attack, and how many recipients it has said 250 for. */
interface Siege {
  readonly holdfast: Holdfast;
  accepted: number;
}

/** A connection of the tenant's server, past EHLO. */
async function greet({ holdfast }: Siege): Promise<SmtpPeer> {
  const peer = await SmtpPeer.connect(holdfast.ports.smtp, { localAddress: '127.0.0.2' });
  await peer.hears('220');
  await peer.asks('EHLO server.acme.test', '250');
  return peer;
}

async function begin(peer: SmtpPeer): Promise<void> {
  await peer.asks('MAIL FROM:<alice@acme.test>', '250');
  await peer.asks('RCPT TO:<carol@world.test>', '250');
}

async function sendGood(siege: Siege): Promise<void> {
  using peer = await greet(siege);
  await begin(peer);
  await peer.asks('DATA', '354');
  await peer.asks('Subject: good\r\n\r\ntext\r\n.', '250 2.0.0 Ok: queued as');
  siege.accepted += 1;
  await peer.asks('QUIT', '221');
}

const SMUGGLED = 'MAIL FROM:<boss@acme.test>\r\nRCPT TO:<victim@world.test>\r\nDATA\r\nforged\r\n.\r\n';
const FALSE_ENDS = [
  '\n.\n',
  '\n.\r\n',
  '\r\n.\n',
  '\r.\r',
  '\r.\r\n',
  '\r\n.\r',
  '\n.\r',
  '\r\n.\r\r\n',
  '\r\n\0.\r\n',
];

async function smuggling(siege: Siege): Promise<void> {
  for (const end of FALSE_ENDS) {
    using peer = await greet(siege);
    await begin(peer);
    await peer.asks('DATA', '354');
    peer.sends(`Subject: a\r\n\r\ntext${end}${SMUGGLED}`);
    await peer.hears('554 5.6.0');
    await peer.asks('NOOP', '250 2.0.0 Ok');
  }
}

const LINES: readonly (readonly [Buffer | string, string])[] = [
  ['NOOP\n', '500 5.5.2'],
  ['NO\rOP\r\n', '500 5.5.2'],
  ['NOOP \0\r\n', '500 5.5.2'],
  [Buffer.from('4d41494c2046524f4d3a3cff40782e746573743e0d0a', 'hex'), '500 5.5.2'],
  [`NOOP ${'x'.repeat(4_000)}\r\n`, '500 5.5.2'],
  [`NOOP ${'x'.repeat(200_000)}`, '500 5.5.2'],
  [Buffer.from('16030100', 'hex'), '554 5.5.1'],
  ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', '554 5.5.1'],
  ['MAIL FROM:<a@acme.test> FOO=1\r\n', '555 5.5.4'],
  ['MAIL FROM:<a@acme.test\r\nBcc: y>\r\n', '501'],
  ['MAIL FROM:<é@acme.test>\r\n', '550 5.6.7'],
  ['RCPT TO:<a@world.test>\r\n', '503'],
  ['DATA\r\n', '503'],
];

async function badLines(siege: Siege): Promise<void> {
  for (const [octets, reply] of LINES) {
    using peer = await greet(siege);
    peer.sends(octets);
    await peer.hears(reply);
  }
}

async function badBodies(siege: Siege): Promise<void> {
  for (const body of [
    'Subject: a\r\n\r\nnul \0\r\n',
    'Subject: a\r\n\r\nbare \n LF\r\n',
    'Subject: a\r\n\r\nbare \r CR\r\n',
  ]) {
    using peer = await greet(siege);
    await begin(peer);
    await peer.asks('DATA', '354');
    peer.sends(`${body}.\r\n`);
    await peer.hears('554 5.6.0');
    await peer.asks('NOOP', '250');
  }
}

async function manyRecipients(siege: Siege): Promise<void> {
  using peer = await greet(siege);
  await peer.asks('MAIL FROM:<alice@acme.test>', '250');
  peer.sends(Array.from({ length: 10_000 }, (_, i) => `RCPT TO:<r${i}@world.test>\r\n`).join(''));
  for (let i = 0; i < 1_000; i++) await peer.hears('250 2.1.5');
  for (let i = 0; i < 9_000; i++) await peer.hears('452 4.5.3');
  await peer.asks('DATA', '354');
  await peer.asks('Subject: to many\r\n\r\ntext\r\n.', '250 2.0.0 Ok: queued as');
  siege.accepted += 1_000;
}

async function injectedBehindStartTls(siege: Siege): Promise<void> {
  using peer = await greet(siege);
  peer.sends(`STARTTLS\r\n${SMUGGLED}`);
  await peer.hears('501 5.5.1');
  await peer.hearsTheEnd();
  using other = await greet(siege);
  await begin(other);
  await other.startsTls();
  await other.asks('DATA', '503');
}

async function miscountedChunks(siege: Siege): Promise<void> {
  using negative = await greet(siege);
  await begin(negative);
  await negative.asks('BDAT -1 LAST', '501 5.5.4');
  using huge = await greet(siege);
  await begin(huge);
  await huge.asks('BDAT 99999999999999999999 LAST', '501 5.5.4');
  using early = await greet(siege);
  early.sends('BDAT 6 LAST\r\nNOOP\r\nNOOP\r\n');
  await early.hears('503');
  await early.hears('250 2.0.0 Ok');
  // Fewer octets than it said, then it leaves: nothing is stored.
  using short = await greet(siege);
  await begin(short);
  short.sends('BDAT 1000 LAST\r\nSubject: short\r\n\r\nand gone');
  short.endsSpeaking();
  await short.hearsTheEnd();
  // More octets than it said: what is over is no command.
  using long = await greet(siege);
  await begin(long);
  const content = 'Subject: long\r\n\r\ntext\r\n';
  long.sends(`BDAT ${content.length} LAST\r\n${content}and more\r\n`);
  await long.hears('250 2.0.0 Ok: queued as');
  siege.accepted += 1;
  await long.hears('500 5.5.1');
}

async function cutOffBodies(siege: Siege): Promise<void> {
  for (const part of [
    '',
    'Subject: cut',
    'Subject: cut\r\n\r\ntext\r\n',
    'Subject: cut\r\n\r\ntext\r\n.',
    'x'.repeat(300_000),
  ]) {
    using peer = await greet(siege);
    await begin(peer);
    await peer.asks('DATA', '354');
    peer.sends(part);
    peer.endsSpeaking();
    await peer.hearsTheEnd();
  }
}

async function abusedSignIn({ holdfast }: Siege): Promise<void> {
  const open = async (localAddress: string, tls = true): Promise<SmtpPeer> => {
    const peer = await SmtpPeer.connect(holdfast.ports.submission, { localAddress });
    await peer.hears('220');
    await peer.asks('EHLO x', '250');
    if (tls) await peer.startsTls();
    if (tls) await peer.asks('EHLO x', '250');
    return peer;
  };
  using clear = await open('127.0.0.3', false);
  await clear.asks('AUTH PLAIN AGEAYg==', /^5(?:04|30|38)/);
  await clear.asks('MAIL FROM:<bob@acme.test>', '530');
  using odd = await open('127.0.0.3');
  await odd.asks('AUTH NONSENSE', '504');
  await odd.asks('AUTH PLAIN not+base64!', '501');
  await odd.asks('AUTH LOGIN', '334');
  await odd.asks('*', '501');
  await odd.asks('AUTH PLAIN', '334');
  await odd.asks('A'.repeat(20_000), '500 5.5.6');
  using guesser = await open('127.0.0.4');
  const guess = Buffer.from('\0bob@acme.test\0guess').toString('base64');
  let answer = '';
  for (let tries = 0; tries < 30 && !answer.startsWith('421'); tries++) {
    guesser.says(`AUTH PLAIN ${guess}`);
    answer = await guesser.hears(/^(?:535|454|421)/);
  }
  assert.match(answer, /^421/, 'guessing has an end');
  await guesser.hearsTheEnd();
}

/** Octets without sense on one port; the other side may answer what it likes, and must not wait for us for ever. */
async function babble(target: number | string): Promise<void> {
  const socket: Socket = typeof target === 'number' ? connect(target, '127.0.0.1') : connect(target);
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.resume();
  const closed = once(socket, 'close').then(
    () => undefined,
    () => undefined,
  );
  socket.write(randomBytes(4_096));
  socket.write(Buffer.from('\r\n'.repeat(20)));
  await Promise.race([closed, pause(250)]);
  // A local socket knows no reset.
  if (typeof target === 'number') socket.resetAndDestroy();
  else socket.destroy();
  await closed;
}

async function babbleEverywhere({ holdfast }: Siege): Promise<void> {
  const sockets = ['holdfast.sock', 'janitor.sock', 'steward.sock'].map((name) => join(holdfast.data, name));
  for (const target of [...Object.values(holdfast.ports), ...sockets]) {
    await Promise.all(Array.from({ length: 5 }, () => babble(target)));
  }
  assert.equal((await holdfast.admin('/livez')).status, 200);
}

async function openAndDrop({ holdfast }: Siege): Promise<void> {
  const ports = [holdfast.ports.smtp, holdfast.ports.submissions, holdfast.ports.lmtp];
  const visit = async (i: number): Promise<void> => {
    const socket = connect({ port: ports[i % 3] ?? 0, host: '127.0.0.1', localAddress: `127.0.0.${10 + (i % 5)}` });
    socket.on('error', () => {});
    await once(socket, 'connect');
    if (i % 2 === 0) socket.write('EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<bob@acme.test>\r\nDATA\r\nhalf');
    await pause(i % 7);
    if (i % 3 === 0) socket.destroy();
    else socket.resetAndDestroy();
  };
  await Promise.all(Array.from({ length: 300 }, (_, i) => visit(i)));
  const gone = async (): Promise<boolean> => (await holdfast.metric('holdfast_gate_connections')) === 0;
  await eventually('all connections are given back', gone, 20_000);
}

const ATTACKS: Readonly<Record<string, (siege: Siege) => Promise<void>>> = {
  'RFC 5321 §2.3.8: a false end of data smuggles nothing': smuggling,
  'RFC 5321 §4.5.3.1: lines that can’t be read are refused, each in its way': badLines,
  'RFC 5321 §4.1.1.4: NUL and bare line ends in a body are refused once': badBodies,
  'RFC 5321 §4.5.3.1.8: of 10,000 recipients a thousand are taken': manyRecipients,
  'RFC 3207 §4: what is pipelined behind STARTTLS is not run': injectedBehindStartTls,
  'RFC 3030 §2: chunks that are counted wrong store nothing that was not whole': miscountedChunks,
  'H3: a body that is cut off is not stored': cutOffBodies,
  'RFC 4954 §4: signing in can’t be abused': abusedSignIn,
  'B3: random octets on every port and local socket do no harm': babbleEverywhere,
  'B3: 300 connections opened and dropped leave nothing behind': openAndDrop,
};

test('B3: whatever a peer says, the processes stay, the books balance, and what had its 250 is what is there', async (t: TestContext) => {
  await using holdfast = await Holdfast.start({ resources: RESOURCES });
  const siege: Siege = { holdfast, accepted: 0 };
  const pids = await holdfast.pids();
  await sendGood(siege);
  for (const [title, attack] of Object.entries(ATTACKS)) await t.test(title, () => attack(siege));
  await sendGood(siege);
  assert.deepEqual(await holdfast.pids(), pids, 'no process ended');
  await holdfast.ready();
  const audit = await holdfast.json<{ balanced: boolean; orphans: unknown[]; tenants: { accepted: number }[] }>(
    'audit',
    '--full',
  );
  assert.deepEqual([audit.balanced, audit.orphans], [true, []]);
  assert.deepEqual(
    audit.tenants.map(({ accepted }) => accepted),
    [siege.accepted],
  );
  assert.equal((await holdfast.cli('trace', 'victim@world.test')).code, 1, 'nothing was smuggled');
});
