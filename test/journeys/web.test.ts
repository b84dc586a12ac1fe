/** HTTP in the whole program: mail programs that know an address only, programs that use the API, what nobody gets by either, and the status page. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Pop3Peer } from '#/testkit/index.ts';
import { eventually, Holdfast, kill } from '../support/holdfast.ts';
import { TestClient } from '../support/load.ts';

const RESOURCES = `tenants:
  - id: acme
    name: Acme
    language: ja
    contacts: [alice@acme.test]
    domains: [acme.test]
    users:
      - { address: alice@acme.test, password: "correct horse", roles: [admin] }
      - { address: bob@acme.test, password: "battery staple", attributes: { displayName: MARKER } }
    relays: [{ name: server, kind: server, networks: [127.0.0.2/32], senders: ["MARKER@acme.test", "*@acme.test"] }]
  - id: globex
    name: Globex
    domains: [globex.test]
    users: [{ address: eve@globex.test, password: "eve eve eve eve", roles: [admin] }]
`;

let holdfast: Holdfast;
/** Where it writes the calls of an operator, and its status pages. */
let elsewhere: string;

before(async () => {
  elsewhere = await mkdtemp(join(tmpdir(), 'holdfast-elsewhere-'));
  const settings = [
    'roles: [[gate, deliver], inspect, mail, web, janitor]',
    `status: { probeEvery: 5s, publish: ${join(elsewhere, 'site')} }`,
    `page: { command: [/bin/sh, -c, 'echo "$HOLDFAST_PAGE_KIND" >> ${join(elsewhere, 'pages')}'] }`,
  ].join('\n');
  const env = { HOLDFAST_STATUS_PROBES: 'on' };
  holdfast = await Holdfast.start({ mailboxes: true, web: true, resources: RESOURCES, settings, env });
});

after(async () => {
  await holdfast[Symbol.asyncDispose]();
  await rm(elsewhere, { recursive: true });
});

test('O1: who knows an address finds the ports that serve it, gets in there, and the DNS records say the same', async () => {
  assert.equal((await holdfast.admin('/readyz?role=web')).status, 200);
  const url = `http://127.0.0.1:${holdfast.ports.http}/mail/config-v1.1.xml?emailaddress=alice@acme.test`;
  const config = await (await fetch(url)).text();
  const told = [
    ...config.matchAll(
      /type="(\w+)">\s+<hostname>mx\.holdfast\.test<\/hostname>\s+<port>(\d+)<\/port>\s+<socketType>(\w+)/g,
    ),
  ];
  const { imaps, imap, pop3s, pop3, submissions, submission } = holdfast.ports;
  assert.deepEqual(
    told.map(([, type, port, security]) => [type, Number(port), security]),
    [
      ['imap', imaps, 'SSL'],
      ['imap', imap, 'STARTTLS'],
      ['pop3', pop3s, 'SSL'],
      ['pop3', pop3, 'STARTTLS'],
      ['smtp', submissions, 'SSL'],
      ['smtp', submission, 'STARTTLS'],
    ],
  );
  using peer = await Pop3Peer.connect(Number(told[2]?.[2]), { tls: true });
  await peer.hears('+OK');
  await peer.asks('USER alice@acme.test', '+OK');
  await peer.asks('PASS correct horse', '+OK');
  const records = await holdfast.json<{ name: string; value: string }[]>('dns', 'show', 'acme.test');
  const value = (name: string) => records.find((one) => one.name === `${name}.acme.test`)?.value;
  assert.equal(value('_imaps._tcp'), `0 1 ${imaps} mx.holdfast.test.`);
  assert.equal(value('_autodiscover._tcp'), `0 0 ${holdfast.ports.https} mx.holdfast.test.`);
  assert.equal((await holdfast.cli('dns', 'show', 'world.test')).code, 1);
});

/** Subject and text of each mail that somebody has, newest last. */
async function mailsOf(address: string, password: string): Promise<readonly string[]> {
  using peer = await Pop3Peer.connect(holdfast.ports.pop3s ?? 0, { tls: true });
  await peer.hears('+OK');
  await peer.asks(`USER ${address}`, '+OK');
  await peer.asks(`PASS ${password}`, '+OK');
  const count = Number(/\d+/.exec(await peer.asks('STAT', '+OK'))?.[0]);
  const mails: string[] = [];
  for (let n = 1; n <= count; n++) mails.push(readable(await peer.gets(`RETR ${n}`)));
  return mails;
}

/** Its parts decoded, as far as a look for words needs it. */
function readable(mail: string): string {
  return mail
    .replace(/=\?utf-8\?b\?([^?]*)\?=\s*/gi, (_, text: string) => Buffer.from(text, 'base64').toString())
    .replace(/base64\r\n\r\n([\w+/=\r\n]+)/g, (_, text: string) => Buffer.from(text, 'base64').toString());
}

test('H8 B8: contacts and subscribers hear of an incident once, in their language; who ends it hears no more', async () => {
  const base = `http://127.0.0.1:${holdfast.ports.http}`;
  const post = async (path: string, fields: Readonly<Record<string, string>>) =>
    await fetch(`${base}${path}`, { method: 'POST', body: new URLSearchParams(fields) });
  assert.equal((await post('/status/subscribe', { address: 'eve@globex.test', component: 'delivery' })).status, 200);
  const linkIn = async (words: RegExp): Promise<string> => {
    let link = '';
    await eventually('a mail with its link has come', async () => {
      const mail = (await mailsOf('eve@globex.test', 'eve eve eve eve')).find((one) => words.test(one)) ?? '';
      link = /\/status\/s\/[\w.-]+/.exec(mail)?.[0] ?? '';
      return link !== '';
    });
    return link;
  };
  assert.equal((await post(await linkIn(/Confirm: be told/), {})).status, 200);
  const opened = await holdfast.cli(
    ...['incident', 'open', '--title', 'Mail is late', '--text', 'It is late. <b>', '--text-ja', '遅延しております。'],
    ...['--component', 'main.delivery=degraded_performance'],
  );
  assert.equal(opened.code, 0, opened.stderr);
  const end = await linkIn(/Subject: Incident: Mail is late/);
  await eventually('the contact has read of it', async () =>
    (await mailsOf('alice@acme.test', 'correct horse')).some((mail) => mail.includes('遅延しております。')),
  );
  assert.equal((await post(end, { 'List-Unsubscribe': 'One-Click' })).status, 200);
  const [, id = ''] = /(\d{8}-\d+)/.exec(opened.stdout) ?? [];
  assert.equal((await holdfast.cli('incident', 'resolve', id, '--text', 'It is over.')).code, 0);
  await eventually('the contact has read of the end', async () =>
    (await mailsOf('alice@acme.test', 'correct horse')).some((mail) => mail.includes('It is over.')),
  );
  const told = async (who: string, password: string) =>
    (await mailsOf(who, password)).filter((mail) => mail.includes(`<incident-${id}@`)).length;
  assert.deepEqual(
    [await told('alice@acme.test', 'correct horse'), await told('eve@globex.test', 'eve eve eve eve')],
    [2, 1],
  );
  const checked = await holdfast.cli('contacts', 'check');
  assert.equal(checked.code, 1);
  assert.match(checked.stdout, /globex/);
  const report = await holdfast.cli('incident', 'report', id, '--version', 'first', '--tenant', 'acme');
  assert.match(report.stdout, /# .*速報/);
  assert.match((await holdfast.cli('changes', '--from', '1h')).stdout, /process/);
});

type Schema = Readonly<Record<string, unknown>>;
interface Described {
  readonly parameters?: readonly { readonly name: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
}

/** Waits outside and in bob's mailbox; its ID. */
async function marked(): Promise<string> {
  const client = await TestClient.open(holdfast.ports.smtp, '127.0.0.2', 60_000);
  assert.ok(client);
  for (const line of [
    'MAIL FROM:<alice@acme.test>',
    'RCPT TO:<MARKER@world.example>',
    'RCPT TO:<bob@acme.test>',
    'DATA',
  ])
    await client.say(line);
  const reply = await client.say('From: <alice@acme.test>\r\nSubject: MARKER\r\n\r\nMARKER\r\n.');
  client.close();
  const [, id = ''] = /queued as (\S+)/.exec(reply ?? '') ?? [];
  await eventually('it is delivered, and held', async () => {
    const [found] = await holdfast.json<{ recipients: { state: string }[] }[]>('trace', id);
    return found?.recipients.map(({ state }) => state).join() === 'held,delivered';
  });
  return id;
}

/** What an operation is asked about, by the names of its input: things of acme. */
function thingsOfAcme(id: string): Readonly<Record<string, unknown>> {
  const named = { id, ids: [id], query: id, address: 'bob@acme.test', domain: 'acme.test', name: 'server' };
  return {
    ...named,
    rules: null,
    mail: 'RnJvbTogPGE+DQoNCg==',
    sender: null,
    held: true,
    on: false,
    reason: 'because',
  };
}

async function ask(method: string, path: string, who: string, input: Readonly<Record<string, unknown>>) {
  const { id, ...query } = input;
  const fields = Object.entries(path.includes('{id}') ? query : input).map(([name, one]) => [name, String(one)]);
  const filled = path.replace('{id}', String(id));
  const place = method === 'get' ? `${filled}?${new URLSearchParams(fields).toString()}` : filled;
  const headers = { authorization: `Basic ${Buffer.from(who).toString('base64')}`, 'content-type': 'application/json' };
  const init = method === 'get' ? { headers } : { method: 'POST', headers, body: JSON.stringify(input) };
  const answer = await fetch(`http://127.0.0.1:${holdfast.ports.http}/api/v1${place}`, init);
  return { status: answer.status, text: await answer.text() };
}

function namesOf({ parameters, requestBody }: Described): readonly string[] {
  const schema = requestBody?.content['application/json'].schema;
  return [...(parameters ?? []).map(({ name }) => name), ...Object.keys(schema?.properties ?? {})];
}

test('design 6: by no operation of the API does a tenant get, see or change anything of another one', async () => {
  const id = await marked();
  const things = thingsOfAcme(id);
  const base = `http://127.0.0.1:${holdfast.ports.http}/api/v1`;
  const document = (await (await fetch(`${base}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, Described>>;
  };
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({ path, method, names: namesOf(described) })),
  );
  assert.ok(all.length > 20 && all.some(({ path }) => path === '/mailbox/show'), 'all rooms are there');
  const state = async () => [
    await holdfast.json('export'),
    await holdfast.json('trace', id),
    (await holdfast.cli('mailbox', 'show', 'bob@acme.test')).stdout,
    (await holdfast.cli('mailbox', 'list')).stdout,
  ];
  const before = await state();
  const variants: Readonly<Record<string, unknown>>[] = [
    {},
    { tenant: 'acme' },
    { as: 'alice@acme.test' },
    { tenant: 'acme', as: 'alice@acme.test' },
    { tenant: null },
    { query: 'tenant:acme', filter: 'tenant:acme', ids: [] },
    { query: 'bob@acme.test' },
  ];
  let found = 0;
  for (const { path, method, names } of all) {
    const own = (given: Readonly<Record<string, unknown>>) =>
      Object.fromEntries(
        Object.entries(given).filter(([name]) => names.includes(name) || name === 'tenant' || name === 'as'),
      );
    for (const variant of variants) {
      const answer = await ask(method, path, 'eve@globex.test:eve eve eve eve', own({ ...things, ...variant }));
      assert.notEqual(answer.status, 500, `${path} ${JSON.stringify(variant)} ${answer.text}`);
      assert.doesNotMatch(answer.text, /MARKER/, `${method} ${path} ${JSON.stringify(variant)}`);
    }
    // Whose it is sees it: so the test can see what it looks for.
    if (method === 'get' || path.endsWith('/list') || path.endsWith('/export'))
      found += /MARKER/.test((await ask(method, path, 'alice@acme.test:correct horse', own(things))).text) ? 1 : 0;
  }
  assert.ok(found >= 4, `its own tenant sees it by ${found} operations`);
  assert.deepEqual(await state(), before);
});

interface Shown {
  readonly components: readonly { readonly id: string; readonly status: string }[];
  readonly status: { readonly indicator: string };
}

const statusOf = async (path: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${holdfast.ports.http}/status${path}`);
const summary = async (): Promise<Shown> => (await (await statusOf('/api/v2/summary.json')).json()) as Shown;

test('H9: test mail goes every way of the installation, is timed at each step, and is in no books', async () => {
  interface Step {
    readonly recipients: readonly { readonly address: string; readonly state: string }[];
    readonly events: readonly { readonly kind: string }[];
  }
  const whole = async () => {
    const mails = await holdfast.json<Step[]>('trace', 'to:mailbox@probe.invalid');
    return mails.find(({ recipients }) => recipients.every(({ state }) => state === 'delivered'));
  };
  await eventually('a test mail has come through', async () => (await whole()) !== undefined);
  const mail = await whole();
  assert.deepEqual(mail?.recipients.map(({ address }) => address).toSorted(), [
    'mailbox@probe.invalid',
    'sink@probe.invalid',
  ]);
  assert.ok(mail.events.some(({ kind }) => kind === 'inspected'));
  // Read again by both ways.
  await eventually('it was read', async () => (await holdfast.metric('holdfast_imap_sign_ins_total')) > 0);
  await eventually('it was fetched', async () => (await holdfast.metric('holdfast_pop3_sign_ins_total')) > 0);
  assert.doesNotMatch((await holdfast.cli('audit')).stdout, /probe/);
  assert.doesNotMatch(holdfast.output, /status\.probe-failed/);
});

test('H9: a part that ends again and again changes its component, the page, the API and the files, and an operator is called', async () => {
  const isOut = async () => {
    for (const pid of await holdfast.pidsOf('mail')) kill(pid);
    const { components } = await summary();
    return components.find(({ id }) => id === 'main.mailboxes')?.status === 'major_outage';
  };
  await eventually('the mailboxes are out', isOut, 180_000);
  const { components, status } = await summary();
  const stateOf = (id: string) => components.find((one) => one.id === id)?.status;
  assert.deepEqual(['main.mailboxes', 'main.imap', 'main.pop3', 'main.portal'].map(stateOf), [
    'major_outage',
    'major_outage',
    'major_outage',
    'operational',
  ]);
  assert.notEqual(status.indicator, 'none');
  assert.match(await (await statusOf('?lang=en')).text(), /Mailboxes do not answer; mail for them waits/);
  assert.match(await (await statusOf('?lang=ja')).text(), /メールボックスが応答していません/);
  assert.match(await (await statusOf('/history.atom')).text(), /<entry>/);
  const shown = await holdfast.cli('status');
  assert.equal(shown.code, 1);
  assert.match(shown.stdout, /main\.mailboxes +✕ out/);
  const fileOf = async (name: string) => readFile(join(elsewhere, name), 'utf8').catch(() => '');
  await eventually('an operator is called', async () => (await fileOf('pages')).startsWith('begins'));
  assert.equal((await holdfast.cli('status', 'ack')).code, 0);
  await eventually('the files say so', async () =>
    (await fileOf('site/index.html')).includes('Mailboxes do not answer'),
  );
});

test('M6: with a part that has ended again and again, the whole still ends in order, with 0', async () => {
  assert.equal(await holdfast.stop(), 0);
});
