/** Held mail and approvals in the whole program: senders and approvers decide, outsiders are refused, nothing is lost. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WebBrowser } from '#/testkit/index.ts';
import { eventually, Holdfast } from '../support/holdfast.ts';
import { TestClient } from '../support/load.ts';
import { type Sink, startSink } from '../support/sink.ts';

const RESOURCES = `tenants:
  - id: acme
    name: Acme
    domains: [acme.test]
    users:
      - { address: alice@acme.test, password: "correct horse" }
      - { address: bob@acme.test, password: "battery staple" }
      - { address: carol@acme.test, password: "staple battery" }
    relays:
      - { name: server, kind: server, networks: [127.0.0.2/32], senders: ["*@acme.test"] }
    policies:
      - name: card numbers
        when: { direction: outbound, detects: { creditCard: { min: 1 } } }
        action: { approve: { by: [alice@acme.test], expire: 10d } }
      - name: many external domains
        when: { direction: outbound, externalDomains: { min: 3 } }
        action: { hold: 15m }
  - id: globex
    name: Globex
    domains: [globex.test]
    users: [{ address: eve@globex.test, password: "eve eve eve eve", roles: [admin] }]
`;

let holdfast: Holdfast;
let sink: Sink;

before(async () => {
  sink = await startSink();
  const routes = `routes:\n  - { domains: [acme.test, "*"], host: 127.0.0.1, port: ${sink.port}, tls: none }`;
  const settings = `outbound: on\nroles: [[gate, deliver], inspect, web, janitor]\n${routes}`;
  holdfast = await Holdfast.start({ resources: RESOURCES, settings, web: true });
});

after(async () => {
  await holdfast[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
});

/** Mail of bob; the queue ID. */
async function send(id: string, companies: number, text: string): Promise<string> {
  const client = await TestClient.open(holdfast.ports.smtp, '127.0.0.2', 60_000);
  assert.ok(client, 'nobody greets');
  await client.say('MAIL FROM:<bob@acme.test>');
  for (let i = 0; i < companies; i++) await client.say(`RCPT TO:<${id}@company${i}.example>`);
  await client.say('DATA');
  const head = ['From: <bob@acme.test>', `Subject: ${id}`, `X-Test-Id: ${id}`, `Message-ID: <${id}@acme.test>`];
  const reply = await client.say([...head, '', text, '.'].join('\r\n'));
  client.close();
  const [, queueId] = /queued as (\S+)/.exec(reply ?? '') ?? [];
  assert.ok(queueId, `not accepted: ${reply}`);
  return queueId;
}

async function inState(id: string, state: string): Promise<void> {
  await eventually(`${id} is ${state}`, async () => {
    const [found] = await holdfast.json<{ recipients: { state: string }[] }[]>('trace', id);
    return found?.recipients.every((one) => one.state === state) === true;
  });
}

test('H1: mail to three companies is held, and goes when its sender releases it; a colleague is told who may', async () => {
  const id = await send('many', 3, 'Our new address');
  await inState(id, 'held');
  const refused = await holdfast.cli('held', 'release', id, '--as', 'carol@acme.test');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /carol@acme\.test did not send it\. Its sender may release it\./);
  const [mail] = await holdfast.json<{ id: string; recipients: { why: { en: string; ja: string } }[] }[]>(
    ...['held', 'list', '--as', 'bob@acme.test', '--tray', 'mine'],
  );
  assert.equal(mail?.id, id);
  assert.match(mail?.recipients[0]?.why.en ?? '', /3 domains outside/);
  assert.match(mail?.recipients[0]?.why.ja ?? '', /社外の3ドメイン/);
  const released = await holdfast.cli('held', 'release', id, '--as', 'bob@acme.test');
  assert.equal(released.stdout, '3 recipients released.\n');
  await inState(id, 'delivered');
  assert.equal(sink.taken.get('many many@company0.example'), 1);
});

test('H1: mail with a card number waits for alice, and goes when she approves', async () => {
  const id = await send('card', 1, 'Card: 4111 1111 1111 1111');
  await inState(id, 'approval');
  for (const as of ['bob@acme.test', 'carol@acme.test', 'eve@globex.test'])
    assert.equal((await holdfast.cli('held', 'approve', id, '--as', as, '--reason', 'please')).code, 1, as);
  assert.equal(sink.taken.get('card card@company0.example'), undefined);
  assert.equal((await holdfast.cli('held', 'approve', id, '--as', 'alice@acme.test')).code, 0);
  await inState(id, 'delivered');
  assert.equal(sink.taken.get('card card@company0.example'), 1);
  const [trace] = await holdfast.json<{ events: { kind: string; detail: string }[] }[]>('trace', id);
  const told = trace?.events.filter(({ kind }) => kind === 'released').map(({ detail }) => detail);
  assert.match(told?.[0] ?? '', /Let go by alice@acme\.test/);
});

test('H1: what alice rejects comes back to its sender with the rule and her words', async () => {
  const id = await send('refused', 1, 'Card: 4111 1111 1111 1111');
  await inState(id, 'approval');
  const words = ['--as', 'alice@acme.test', '--reason', 'Send it by the portal'];
  assert.equal((await holdfast.cli('held', 'reject', id, ...words)).code, 0);
  await inState(id, 'bounced');
  await eventually('the report arrives', () => sink.others.some(({ text }) => text.includes('Send it by the portal')));
  const reports = sink.others.filter(({ text }) => text.includes('Send it by the portal'));
  assert.deepEqual(
    reports.map(({ recipients }) => recipients),
    [['bob@acme.test']],
  );
  assert.equal(sink.taken.get('refused refused@company0.example'), undefined);
});

test('H1: what its sender stops and then deletes reaches nobody; the books balance', async () => {
  const id = await send('deleted', 3, 'Wrong file');
  await inState(id, 'held');
  assert.equal((await holdfast.cli('held', 'stop', id, '--as', 'bob@acme.test')).code, 0);
  assert.equal((await holdfast.cli('queue', 'release', id)).code, 1, 'not for the queue');
  assert.equal((await holdfast.cli('held', 'delete', id, '--as', 'bob@acme.test')).code, 0);
  await inState(id, 'discarded');
  const audit = await holdfast.json<{ balanced: boolean; orphans: unknown[] }>('audit', '--full');
  assert.deepEqual([audit.balanced, audit.orphans], [true, []]);
});

test('H1: who is signed in releases by the page, approves by the API, and what they did stands in trace and audit log', async () => {
  const base = `http://127.0.0.1:${holdfast.ports.http}`;
  const held = await send('by-page', 3, 'Our new address');
  const asked = await send('by-api', 1, 'Card: 4111 1111 1111 1111');
  await inState(held, 'held');
  await inState(asked, 'approval');
  const browser = new WebBrowser(base);
  await browser.post('/sign-in', Object.entries({ name: 'bob@acme.test', password: 'battery staple', next: '/held' }));
  assert.match(browser.page.text, /by-page/);
  await browser.submit('/held/act', { id: held, verb: 'release', reason: 'checked' });
  assert.match(browser.page.text, /1 mail released \(3 recipients\)/);
  await inState(held, 'delivered');
  const authorization = `Basic ${Buffer.from('alice@acme.test:correct horse').toString('base64')}`;
  const headers = { authorization, 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify({ ids: [asked], reason: 'fine' }) };
  assert.equal((await fetch(`${base}/api/v1/held/approve`, init)).status, 200);
  await inState(asked, 'delivered');
  const log = await holdfast.cli('audit', '--log');
  assert.match(log.stdout, /bob@acme\.test[^\n]*held\.release/);
  assert.match(log.stdout, /alice@acme\.test[^\n]*held\.approve/);
});
