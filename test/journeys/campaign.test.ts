/** Lost instructions with the repair switched off, in the whole program: who is affected, and a redelivery that tenants choose about (H6, H7). */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, Holdfast } from '../support/holdfast.ts';
import { TestClient } from '../support/load.ts';
import { type Sink, startSink } from '../support/sink.ts';

const tenant = (id: string, network: string): string => `  - id: ${id}
    name: ${id}
    domains: [${id}.test]
    contacts: [${id === 'acme' ? 'it@ops.test' : ''}]
    relays:
      - { name: server, kind: server, networks: [${network}/32], senders: ["*@${id}.test"] }
    policies:
      - name: card numbers
        when: { direction: outbound, detects: { creditCard: { min: 1 } } }
        action: { reject: "No card numbers" }
`;
const RESOURCES = `tenants:\n${tenant('acme', '127.0.0.2')}${tenant('globex', '127.0.0.3')}`;

const CHAOS = { HOLDFAST_CHAOS: '1', HOLDFAST_CHAOS_REPAIR: 'off' };
let lose = '1';
let holdfast: Holdfast;
let sink: Sink;

before(async () => {
  sink = await startSink();
  const routes = `routes:\n  - { domains: ["*"], host: 127.0.0.1, port: ${sink.port}, tls: none }`;
  holdfast = await Holdfast.start({
    resources: RESOURCES,
    settings: `outbound: on\nroles: [[gate, deliver], inspect, janitor]\n${routes}`,
    env: () => ({ ...CHAOS, HOLDFAST_CHAOS_LOSE: lose }),
  });
});

after(async () => {
  await holdfast[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
});

/** A mail of this tenant to some people; the queue ID. */
async function send(id: string, from: string, to: readonly string[], fields: readonly string[] = [`X-Test-Id: ${id}`]) {
  const client = await TestClient.open(holdfast.ports.smtp, from === 'acme' ? '127.0.0.2' : '127.0.0.3', 60_000);
  assert.ok(client, 'nobody greets');
  await client.say(`MAIL FROM:<bob@${from}.test>`);
  for (const one of to) await client.say(`RCPT TO:<${one}>`);
  await client.say('DATA');
  const head = [`From: <bob@${from}.test>`, `Subject: ${id}`, ...fields, `Message-ID: <${id}@${from}.test>`];
  const reply = await client.say([...head, '', 'Hello', '.'].join('\r\n'));
  client.close();
  const [, queueId] = /queued as (\S+)/.exec(reply ?? '') ?? [];
  assert.ok(queueId, `not accepted: ${reply}`);
  return queueId;
}

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly recipients: number;
  readonly outcomes: Readonly<Record<string, number>>;
}

test('H6, H7: what lost its instruction is listed, and a campaign serves all but what was refused, once', async () => {
  const from = new Date(Date.now() - 60_000).toISOString();
  const ids = [
    await send('two', 'acme', ['one@peer.test', 'two@peer.test']),
    await send('unwanted', 'acme', ['one@peer.test']),
    await send('refusing', 'globex', ['one@peer.test', 'two@peer.test']),
    await send('plain', 'acme', ['plain@peer.test'], []),
  ];
  await eventually('all of it has lost its instruction', async () => {
    const mails = await holdfast.json<{ recipients: { state: string }[] }[]>('queue', 'list', 'state:deferred');
    return mails.flatMap(({ recipients }) => recipients).length === 6;
  });
  lose = '0';
  await holdfast.stop();
  await holdfast.launch();
  const scope = ['--from', from, '--component', 'inspect'];
  assert.deepEqual(await holdfast.json('affected', ...scope), {
    ...{ messages: 4, recipients: 6, unserved: 6 },
    tenants: [
      { tenant: 'acme', contacts: ['it@ops.test'], messages: 3, recipients: 4, unserved: 4 },
      { tenant: 'globex', contacts: [], messages: 1, recipients: 2, unserved: 2 },
    ],
  });
  const listed = await holdfast.json<{ id: string; served: boolean }[]>('affected', ...scope, '--list', '--unserved');
  assert.deepEqual([...new Set(listed.map(({ id }) => id))], ids.toSorted());
  assert.equal(sink.taken.size + sink.others.length, 0, 'nobody was served');
  const { id } = await holdfast.json<Shown>('campaign', 'draft', 'Lost instructions', ...scope);
  await holdfast.json('campaign', 'announce', id, '--choice', '1h', '--closed', '1h');
  await holdfast.json('campaign', 'choose', id, 'stop', '--tenant', 'globex');
  await holdfast.json('campaign', 'choose', id, 'stop', '--tenant', 'acme', '--message', ids[1] ?? '');
  await holdfast.json('campaign', 'close', id);
  await holdfast.json('campaign', 'run', id);
  await eventually(
    'it is completed',
    async () => (await holdfast.json<Shown>('campaign', 'show', id)).state === 'completed',
  );
  const { outcomes } = await holdfast.json<Shown>('campaign', 'show', id);
  assert.deepEqual(outcomes, { served: 3, refused: 3 });
  const once = new Map([
    ['two one@peer.test', 1],
    ['two two@peer.test', 1],
  ]);
  assert.deepEqual(sink.taken, once);
  const isLetter = ({ text }: { readonly text: string }): boolean => text.includes(`(${id})`);
  await eventually('its contact was told of both', () => sink.others.filter(isLetter).length === 2, 60_000);
  const told = sink.others.filter(isLetter).map(({ text }) => /^Subject: (.*) \(/m.exec(text)?.[1]);
  assert.deepEqual(new Set(told), new Set(['Mail of yours will be sent late', 'Late mail of yours has been sent']));
  const [plain, ...more] = sink.others.filter((one) => !isLetter(one));
  assert.equal(more.length, 0);
  assert.match(plain?.text ?? '', /^X-Holdfast-Redelivered: \d{4}-\d\d-\d\dT[\d:.]+Z\r?\n/m);
  const audit = await holdfast.json<{ balanced: boolean; tenants: { tenant: string; queued: number }[] }>('audit');
  assert.equal(audit.balanced, true);
  assert.deepEqual(
    audit.tenants.map((line) => [line.tenant, line.queued]).filter(([, queued]) => queued !== 0),
    [
      ['acme', 1],
      ['globex', 2],
    ],
  );
  const { markdown } = await holdfast.json<{ markdown: string }>('campaign', 'report', id, '--language', 'ja');
  assert.match(markdown, /再送報告書: Lost instructions/);
});
