/** A next hop that defers everything for a while, in the whole program: named, its mail waits, and arrives once each when it is back (C2, C6). */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, Holdfast } from '../support/holdfast.ts';
import { TestClient } from '../support/load.ts';
import { GENTLE, type Sink, startSink } from '../support/sink.ts';

const RESOURCES = `tenants:
  - id: acme
    name: acme
    domains: [acme.test]
    relays:
      - { name: server, kind: server, networks: [127.0.0.2/32], senders: ["*@acme.test"] }
`;
const MAILS = 4;
const PATIENCE_MS = 60_000;

let holdfast: Holdfast;
let sink: Sink;

before(async () => {
  sink = await startSink();
  holdfast = await Holdfast.start({
    resources: RESOURCES,
    settings: `outbound: on
roles: [[gate, deliver], janitor]
retry: { first: 2s, max: 4s }
routes:
  - { domains: ["*"], host: 127.0.0.1, port: ${sink.port}, tls: none }`,
  });
});

after(async () => {
  await holdfast[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
});

async function send(id: string): Promise<void> {
  const client = await TestClient.open(holdfast.ports.smtp, '127.0.0.2', PATIENCE_MS);
  assert.ok(client, 'nobody greets');
  await client.say('MAIL FROM:<bob@acme.test>');
  await client.say('RCPT TO:<eve@peer.test>');
  await client.say('DATA');
  const reply = await client.say(`From: <bob@acme.test>\r\nSubject: ${id}\r\nX-Test-Id: ${id}\r\n\r\nHello\r\n.`);
  client.close();
  assert.match(reply ?? '', /queued as/);
}

interface Listed {
  readonly provider: string;
  readonly waiting: number;
  readonly trouble: { readonly since: string } | null;
}

const upstreams = async (): Promise<readonly Listed[]> => {
  const { stdout } = await holdfast.cli('upstream', 'list', '--json');
  return JSON.parse(stdout) as readonly Listed[];
};

test('C2, C6: a next hop that defers everything is named with its first sign, and its mail arrives once each when it is back', async () => {
  const begun = Date.now();
  sink.temper = { ...GENTLE, softRefusal: 1 };
  for (let i = 0; i < MAILS; i++) await send(`m${i}`);
  await eventually(
    'the hop is in trouble, and its mail waits',
    async () => {
      const [one] = await upstreams();
      return one?.provider === '127.0.0.1' && one.trouble !== null && one.waiting === MAILS;
    },
    PATIENCE_MS,
  );
  const since = (await upstreams())[0]?.trouble?.since ?? '';
  assert.ok(Date.parse(since) >= begun);
  interface Incident {
    readonly id: string;
    readonly attribution: string;
    readonly startedAt: string;
    readonly detectedAt: string;
  }
  const incidents = () => holdfast.json<Incident[]>('incident', 'list');
  await eventually('an incident is drafted', async () => (await incidents()).length > 0, PATIENCE_MS);
  const [draft, ...more] = await incidents();
  assert.deepEqual([draft?.attribution, more.length], ['upstream', 0]);
  assert.ok(
    Date.parse(draft?.startedAt ?? '') < Date.parse(draft?.detectedAt ?? ''),
    'impact began before it was seen',
  );
  assert.equal(draft?.startedAt, since);

  await holdfast.stop();
  await holdfast.launch();
  await eventually(
    'its first sign is known again',
    async () => (await upstreams())[0]?.trouble?.since === since,
    PATIENCE_MS,
  );

  sink.temper = GENTLE;
  await eventually('all of it has arrived', () => sink.taken.size === MAILS, PATIENCE_MS);
  assert.deepEqual([...sink.taken.values()], Array(MAILS).fill(1));
  assert.deepEqual(await holdfast.json('queue', 'list'), []);
  const shown = await holdfast.cli('upstream', 'show', '127.0.0.1');
  assert.match(shown.stdout, /route:127\.0\.0\.1:/);
  assert.match(shown.stdout, /Nothing waits for it/);
});
