/** The first mail through the real program: from a device to a server that others wrote, and what holds it where it may not go on. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SmtpPeer } from '#/testkit/index.ts';
import { mailClients } from '../support/clients.ts';
import { freePort } from '../support/free-port.ts';
import { eventually, Holdfast } from '../support/holdfast.ts';
import { orSkip } from '../support/or-skip.ts';
import { startPostfix } from '../support/postfix.ts';
import { GENTLE, startSink } from '../support/sink.ts';

const RESOURCES = `tenants:
  - id: acme
    name: Acme
    domains: [acme.test]
    users:
      - { address: bob@acme.test, password: "battery staple", aliases: [robert@acme.test] }
    relays:
      - { name: scanner-3f, kind: device, username: scanner-3f, password: "paper jam", senders: [scanner@acme.test] }
      - { name: server, kind: server, networks: [127.0.0.2/32, "::1/128"], senders: ["*@acme.test"] }
`;

const MAIL = [
  'From: Scanner <scanner@acme.test>',
  'To: Bob <bob@partner.test>',
  'Subject: =?utf-8?B?44K544Kt44Oj44Oz?= 3',
  'Date: Sat, 21 Nov 2026 12:00:00 +0900',
  'Message-ID: <scan-3@acme.test>',
  'X-Long: folded',
  '\tover two lines',
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: 8bit',
  '',
  '会議の資料です。',
  '.a line that begins with a dot',
  '..and one with two',
  '',
  'x'.repeat(900),
  'the last line',
  '',
].join('\r\n');

const AS_KEPT = MAIL.replaceAll('\r\n', '\n').trimEnd();

interface Traced {
  readonly id: string;
  readonly tenant: string;
  readonly from: string;
  readonly recipients: readonly {
    readonly address: string;
    readonly state: string;
    readonly reason: string;
    readonly lastReply: string | null;
  }[];
}

interface Audit {
  readonly balanced: boolean;
  readonly orphans: readonly unknown[];
  readonly tenants: readonly { readonly tenant: string; readonly accepted: number; readonly delivered: number }[];
}

/** The settings that send mail for some domains to a port of the loopback. */
function routesTo(port: number, domains: string, more = ''): string {
  return `routes:\n  - { domains: [${domains}], host: 127.0.0.1, port: ${port}, tls: none${more} }`;
}

function idIn(answer: string): string {
  const id = /250 2\.0\.0 Ok: queued as ([0-9A-Z]+)/.exec(answer)?.[1];
  assert.ok(id, `no queue ID in ${answer}`);
  return id;
}

/** Sends as the server of the tenant, by its network. */
async function relay(port: number, to: readonly string[], options = { localAddress: '127.0.0.2', host: '127.0.0.1' }) {
  using peer = await SmtpPeer.connect(port, options);
  await peer.hears('220');
  await peer.asks('EHLO server.acme.test', '250');
  await peer.asks('MAIL FROM:<alice@acme.test>', '250');
  for (const recipient of to) await peer.asks(`RCPT TO:<${recipient}>`, '250');
  await peer.asks('DATA', '354');
  peer.says('From: alice@acme.test', 'X-Test-Id: relayed', 'Subject: by network', '', 'text', '.');
  const id = idIn(await peer.hears('250'));
  await peer.asks('QUIT', '221');
  return id;
}

async function traced(holdfast: Holdfast, query: string): Promise<Traced> {
  const [mail] = await holdfast.json<Traced[]>('trace', query);
  assert.ok(mail, `no trace of ${query}`);
  return mail;
}

// A successor stands beside the old process for a moment, and until then the old settings hold.
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function untilState(holdfast: Holdfast, id: string, state: string): Promise<Traced> {
  let mail: Traced | null = null;
  const there = async () => {
    mail = await traced(holdfast, id);
    return mail.recipients.every((recipient) => recipient.state === state);
  };
  await eventually(`${id} is ${state}`, there, 30_000);
  return mail ?? (await traced(holdfast, id));
}

async function assertBalanced(holdfast: Holdfast, expected: Partial<Audit['tenants'][number]>): Promise<void> {
  const audit = await holdfast.json<Audit>('audit', '--full');
  assert.deepEqual([audit.balanced, audit.orphans], [true, []]);
  assert.partialDeepStrictEqual(audit.tenants, [expected]);
}

test('M1: mail of a device, by any mail program, arrives whole at a real Postfix, and the trace shows its way', async (t: TestContext) => {
  await using postfix = orSkip(t, await startPostfix({ acceptFor: ['partner.test'] }));
  if (postfix === undefined) return;
  const settings = routesTo(postfix.port, 'partner.test');
  await using holdfast = await Holdfast.start({ settings, resources: RESOURCES });
  const file = join(holdfast.folder, 'scan.eml');
  await writeFile(file, MAIL);
  const device = { port: holdfast.ports.submission, user: 'scanner-3f', password: 'paper jam', file };
  const envelope = { from: 'scanner@acme.test', to: 'bob@partner.test' };
  const clients = await mailClients((reason) => t.diagnostic(`left out: ${reason}`));
  const ids: string[] = [];
  for (const client of clients) ids.push(idIn(await client.submit({ ...device, ...envelope })));
  t.diagnostic(`sent by ${clients.map(({ name }) => name).join(', ')}`);

  const kept = await postfix.waitForMessages(clients.length);
  for (const id of ids) {
    const mail = kept.find((text) => text.includes(id));
    assert.ok(mail, `${id} did not arrive`);
    assert.match(mail, /^Return-Path: <scanner@acme\.test>$/m);
    const received = new RegExp(
      `^Received: from \\S+[\\s\\S]*?by mx\\.holdfast\\.test[\\s\\S]*?with ESMTPSA[\\s\\S]*?id ${id}`,
      'm',
    );
    assert.match(mail, received);
    // swaks puts an empty line of its own at the end.
    assert.ok(mail.trimEnd().endsWith(AS_KEPT), `not as it was sent: ${mail}`);
  }
  const [id = ''] = ids;
  const page = await holdfast.cli('trace', id);
  assert.match(page.stdout, /Delivered to bob@partner\.test/);
  assert.match(page.stdout, /accept +accepted .*\n[\s\S]*deliver +delivered +.*250 2\.0\.0 Ok: queued as /);
  const found = await traced(holdfast, 'scanner@acme.test');
  assert.deepEqual([found.tenant, found.from], ['acme', 'scanner@acme.test']);
  await assertBalanced(holdfast, { tenant: 'acme', accepted: ids.length, delivered: ids.length });
});

test('design 5: until outbound is on mail is held and says what to do; then a release sends it', async () => {
  await using sink = await startSink();
  await using holdfast = await Holdfast.start({ resources: RESOURCES });
  const id = await relay(holdfast.ports.smtp, ['carol@elsewhere.test']);
  const page = await holdfast.cli('trace', id);
  assert.match(page.stdout, /Held on its way to carol@elsewhere\.test/);
  assert.match(page.stdout, /outbound/i);
  assert.match(page.stdout, new RegExp(`To let it go on: +holdfast queue release ${id}`));

  await holdfast.configure(`outbound: on\n${routesTo(sink.port, '"*"')}`);
  const before = (await holdfast.pids()).get('gate+deliver');
  holdfast.reload();
  await eventually('a new process runs with the new settings', async () => {
    const now = (await holdfast.pids()).get('gate+deliver');
    return now !== undefined && now !== before && !isAlive(before ?? 0);
  });
  await holdfast.ready();
  assert.equal((await traced(holdfast, id)).recipients[0]?.state, 'held', 'nothing leaves unasked');
  const released = await holdfast.cli('queue', 'release', id);
  assert.equal(released.code, 0, released.stderr);
  await untilState(holdfast, id, 'delivered');
  assert.deepEqual([...sink.taken], [['relayed carol@elsewhere.test', 1]]);
  await assertBalanced(holdfast, { tenant: 'acme', accepted: 1, delivered: 1 });
});

test('design 5: local mail waits as "no local delivery"; with an LMTP route it goes to the mail store next door', async () => {
  const starting = [Holdfast.start({ resources: RESOURCES }), Holdfast.start({ resources: RESOURCES })] as const;
  await using store = await starting[0];
  await using holdfast = await starting[1];
  const waits = await relay(holdfast.ports.smtp, ['robert@acme.test']);
  const held = await traced(holdfast, waits);
  assert.deepEqual(
    held.recipients.map(({ address, state, reason }) => [address, state, reason]),
    [['bob@acme.test', 'held', 'no local delivery']],
  );

  await holdfast.configure(routesTo(store.ports.lmtp, 'acme.test', ', lmtp: true'));
  assert.equal(await holdfast.stop(), 0);
  await holdfast.launch();
  const goes = await relay(holdfast.ports.smtp, ['bob@acme.test']);
  const mail = await untilState(holdfast, goes, 'delivered');
  const there = /queued as ([0-9A-Z]+)/.exec(mail.recipients[0]?.lastReply ?? '')?.[1];
  assert.ok(there, `the answer of the mail store is kept: ${mail.recipients[0]?.lastReply}`);
  assert.equal((await traced(store, there)).recipients[0]?.address, 'bob@acme.test');
  assert.equal((await holdfast.cli('queue', 'release', waits)).code, 0);
  await untilState(holdfast, waits, 'delivered');
  await assertBalanced(holdfast, { tenant: 'acme', accepted: 2, delivered: 2 });
});

test('RFC 2033 §4.2: LMTP answers for each recipient, and one mail is stored for those that were taken', async () => {
  await using holdfast = await Holdfast.start({ resources: RESOURCES });
  using peer = await SmtpPeer.connect(holdfast.ports.lmtp);
  await peer.hears('220');
  await peer.asks('EHLO nearby.test', '500 5.5.1');
  await peer.asks('LHLO nearby.test', '250');
  await peer.asks('MAIL FROM:<x@world.test>', '250');
  await peer.asks('RCPT TO:<bob@acme.test>', '250');
  await peer.asks('RCPT TO:<nobody@acme.test>', '550 5.1.1');
  await peer.asks('RCPT TO:<robert@acme.test>', '250');
  await peer.asks('DATA', '354');
  peer.says('Subject: two answers', '', 'text', '.');
  const first = idIn(await peer.hears('250'));
  assert.equal(idIn(await peer.hears('250')), first);
  await peer.asks('QUIT', '221');
  const mail = await traced(holdfast, first);
  assert.deepEqual(
    mail.recipients.map(({ address }) => address),
    ['bob@acme.test'],
  );
  await assertBalanced(holdfast, { tenant: 'acme', accepted: 1 });
});

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));

test('RFC 5321 §4.1.3: mail comes in and goes out over IPv6', { skip: !hasIpv6 && 'no ::1 here' }, async () => {
  const [port, host] = [await freePort('::1'), '::1'];
  await using sink = await startSink(Math.random, 0, host);
  sink.temper = { ...GENTLE };
  const settings = `routes:\n  - { domains: ["*"], host: "::1", port: ${sink.port}, tls: none }`;
  const env = { HOLDFAST_LISTEN_SMTP: `[::1]:${port}` };
  await using holdfast = await Holdfast.start({ settings, resources: RESOURCES, env });
  const id = await relay(port, ['carol@elsewhere.test'], { localAddress: '::1', host });
  await untilState(holdfast, id, 'delivered');
  assert.deepEqual([...sink.taken], [['relayed carol@elsewhere.test', 1]]);
  await assertBalanced(holdfast, { tenant: 'acme', accepted: 1, delivered: 1 });
});
