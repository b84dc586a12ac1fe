/** Inspection in the whole program: what rules say happens to real mail, whoever dies meanwhile, and the trace says by which rule. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decodeWords, headerValue, readHeaders } from '#/codec/mime/index.ts';
import { SmtpPeer } from '#/testkit/index.ts';
import { eventually, Holdfast, kill } from '../support/holdfast.ts';
import { TestClient } from '../support/load.ts';
import { type Sink, startSink } from '../support/sink.ts';
import { pidOf } from '../support/steward-kit.ts';

const RESOURCES = `tenants:
  - id: acme
    name: Acme
    domains: [acme.test]
    users: [{ address: alice@acme.test }, { address: boss@acme.test }, { address: bob@acme.test }, { address: no-strangers@acme.test }]
    relays:
      - { name: server, kind: server, networks: [127.0.0.2/32], senders: ["*@acme.test"] }
    policies:
      - name: big customer
        when: { recipients: ["*@asks.example"] }
        action: { approve: { by: [boss@acme.test] } }
      - name: bulk leak
        when: { direction: outbound, externalDomains: { min: 5 } }
        action: { reject: "Too many external recipients" }
      - name: many external domains
        when: { direction: outbound, externalDomains: { min: 3 } }
        action: { hold: 15m }
      - name: letters of strangers
        when: { direction: inbound, recipients: no-strangers@acme.test }
        action: { reject: "No letters of strangers here" }
      - name: letters from outside
        when: { direction: inbound }
        action: { tagSubject: "[outside]" }
  - id: bolt
    name: Bolt
    domains: [bolt.test]
    relays:
      - { name: server, kind: server, networks: [127.0.0.3/32], senders: ["*@bolt.test"] }
  - id: crew
    name: Crew
    domains: [crew.test]
    users: [{ address: alice@crew.test }]
    relays:
      - { name: server, kind: server, networks: [127.0.0.4/32], senders: ["*@crew.test"] }
    policies:
      - name: strangers
        when: { direction: outbound, recipients: ["*@shop.example"], firstTime: on }
        action: { hold: 15m }
      - name: contracts
        when: { direction: outbound, documents: { similarity: 50% } }
        action: { hold: { atEnd: expire } }
`;

let holdfast: Holdfast;
let sink: Sink;

before(async () => {
  sink = await startSink();
  // An address of its own: a port that is only free now may be somebody else's in a moment.
  const away = `{ domains: [away.example], host: 127.0.0.66, port: 1, tls: none }`;
  const routes = `routes:\n  - ${away}\n  - { domains: [acme.test, bolt.test, "*"], host: 127.0.0.1, port: ${sink.port}, tls: none }`;
  const settings = `outbound: on\nroles: [[gate, deliver], inspect, janitor]\n${routes}`;
  holdfast = await Holdfast.start({ resources: RESOURCES, settings });
});

after(async () => {
  await holdfast[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
});

interface Traced {
  readonly recipients: readonly {
    readonly address: string;
    readonly state: string;
    readonly reason: string;
    readonly releaseAt: string | null;
    readonly possiblyDuplicate: boolean;
  }[];
  readonly events: readonly {
    readonly at: string;
    readonly kind: string;
    readonly stage: string;
    readonly rule: string | null;
    readonly ruleVersion: string | null;
    readonly detail: string;
  }[];
}

/** Sends to one recipient in each of so many companies; the queue ID. */
function send(id: string, companies: number, from: 'acme' | 'bolt' = 'acme'): Promise<string> {
  return sendTo(
    id,
    Array.from({ length: companies }, (_, i) => `${id}@company${i}.example`),
    from,
  );
}

async function sendTo(id: string, to: string[], from: 'acme' | 'bolt' = 'acme'): Promise<string> {
  const client = await TestClient.open(holdfast.ports.smtp, from === 'acme' ? '127.0.0.2' : '127.0.0.3', 60_000);
  assert.ok(client, 'nobody greets');
  const answer = await client.send({ id, from: `alice@${from}.test`, to, bodyBytes: 2_000 });
  client.close();
  assert.ok(answer.queueId, `not accepted: ${answer.reply}`);
  return answer.queueId;
}

async function traceOf(id: string): Promise<Traced> {
  const [traced] = await holdfast.json<Traced[]>('trace', id);
  assert.ok(traced);
  return traced;
}

async function inState(id: string, state: string): Promise<Traced> {
  let found = await traceOf(id);
  await eventually(`${id} is ${state}`, async () => {
    found = await traceOf(id);
    return found.recipients.every((one) => one.state === state);
  });
  return found;
}

/** Notices that came to somebody, under subjects like this: their text. */
function noticesTo(address: string, subject: RegExp): string[] {
  return sink.others.flatMap(({ sender, recipients, text }) => {
    const head = readHeaders([Buffer.from(text)]);
    if (
      sender !== '' ||
      !recipients.includes(address) ||
      !subject.test(decodeWords(headerValue(head, 'subject') ?? ''))
    )
      return [];
    const [, part = ''] = text.split('\r\nContent-Transfer-Encoding: ');
    const content = part.slice(part.indexOf('\r\n\r\n') + 4).split('\r\n--')[0] ?? '';
    return part.startsWith('base64') ? Buffer.from(content, 'base64').toString() : content;
  });
}

async function noticeTo(address: string, subject: RegExp): Promise<string> {
  await eventually(`a notice to ${address}: ${subject}`, () => noticesTo(address, subject).length > 0);
  return noticesTo(address, subject)[0] ?? '';
}

test('H1: mail to two companies is inspected and goes; the trace says by which version of the rules', async () => {
  const id = await send('few', 2);
  const { events } = await inState(id, 'delivered');
  assert.equal(sink.taken.get('few few@company1.example'), 1);
  const inspected = events.filter(({ stage }) => stage === 'inspect');
  assert.deepEqual(inspected.map(({ kind }) => kind).sort(), ['inspected', 'inspected', 'verdict', 'verdict']);
  const [verdict] = inspected.filter(({ kind }) => kind === 'verdict');
  assert.match(verdict?.ruleVersion ?? '', /^\w+$/);
  assert.equal(verdict?.rule, null);
});

test('H1: mail to three companies is held for 15 minutes, and nobody gets it meanwhile', async () => {
  const { recipients, events } = await inState(await send('many', 3), 'held');
  const at = Date.parse(events.find(({ kind }) => kind === 'held')?.at ?? '');
  for (const recipient of recipients) {
    assert.equal(recipient.reason, 'policy');
    // Counted from the verdict, which is written down some moments later.
    const heldMs = Date.parse(recipient.releaseAt ?? '') - at;
    assert.ok(heldMs <= 900_000 && heldMs > 800_000, `${heldMs} ms`);
  }
  const verdict = events.find(({ kind }) => kind === 'verdict');
  assert.equal(verdict?.rule, 'many external domains');
  assert.match(verdict?.detail ?? '', /3 domains outside/);
  assert.equal(sink.taken.get('many many@company0.example'), undefined);
});

test('H1: mail to five companies is refused, and its sender is told the rule’s text', async () => {
  await inState(await send('bulk', 5), 'bounced');
  await eventually('the report arrives', () => sink.others.some(({ text }) => text.includes('Too many external')));
  const reports = sink.others.filter(({ text }) => text.includes('Too many external'));
  assert.equal(reports.length, 1, 'one report of all five');
  assert.deepEqual(reports[0]?.recipients, ['alice@acme.test']);
});

test('H1: who sent a held mail finds why in their own mail, one of all its recipients, and nothing of its body', async () => {
  const id = await sendTo('told', ['a@one.example', 'b@two.example', 'c@three.example']);
  await inState(id, 'held');
  const notice = await noticeTo('alice@acme.test', /^Held: Test told \(until \d\d:\d\d\)$/);
  for (const said of [
    'a@one.example, b@two.example, c@three.example',
    'many external domains',
    '3 domains outside',
    id,
  ])
    assert.ok(notice.includes(said), `${said}\n${notice}`);
  assert.match(notice, /Send it now, stop it, or delete it:\r\n {2}http:\/\/127\.0\.0\.1:\d+\/(?:l|held)\//);
  assert.equal(noticesTo('alice@acme.test', /Test told/).length, 1);
  const { events } = await traceOf(id);
  assert.ok(events.some(({ stage, detail }) => stage === 'notify' && detail === 'Told of it: its sender'));
});

test('H1: who is asked to approve finds it in their mail; what they decide, and that they did, comes to who sent it', async () => {
  const id = await sendTo('asks', ['buyer@asks.example']);
  await inState(id, 'approval');
  const asked = await noticeTo('boss@acme.test', /^Your approval is needed: Test asks$/);
  assert.match(asked, /alice@acme\.test has sent this mail[\s\S]*Approve it or reject it/);
  await noticeTo('alice@acme.test', /^Waits for approval: Test asks$/);
  await holdfast.cli('held', 'approve', id, '--as', 'boss@acme.test', '--reason', 'They know us');
  await inState(id, 'delivered');
  const told = await noticeTo('alice@acme.test', /^Approved: Test asks$/);
  assert.match(told, /They know us/);
});

test('H1: mail of a tenant without rules is not inspected', async () => {
  const { events } = await inState(await send('free', 5, 'bolt'), 'delivered');
  assert.ok(events.every(({ stage }) => stage !== 'inspect'));
});

test('H10: mail that comes while the inspector is away waits for it, and no reroute and no release leads around it', async () => {
  const before = await pidOf(holdfast, 'inspect');
  process.kill(before, 'SIGSTOP');
  const id = await send('waits', 1);
  const rerouted = await holdfast.cli('queue', 'reroute', id, '--via', `127.0.0.1:${sink.port}`);
  assert.equal(rerouted.code, 1, 'nothing was hit');
  assert.equal((await traceOf(id)).recipients[0]?.state, 'queued');
  assert.equal(sink.taken.get('waits waits@company0.example'), undefined);
  kill(before);
  const { recipients } = await inState(id, 'delivered');
  assert.equal(recipients[0]?.possiblyDuplicate, false);
  assert.equal(sink.taken.get('waits waits@company0.example'), 1);
});

test('M8: while a bypass stands its tenant’s mail goes by an inspector that hangs, says so, and is inspected again behind it', async () => {
  const stuck = await pidOf(holdfast, 'inspect');
  process.kill(stuck, 'SIGSTOP');
  const waiting = await send('waiting', 3);
  const set = await holdfast.cli('bypass', 'set', 'acme', '--until', '1h', '--reason', 'inspection hangs');
  assert.equal(set.code, 0, set.stderr);
  for (const id of [waiting, await send('coming', 3)]) {
    const { events } = await inState(id, 'delivered');
    const inspected = events.filter(({ stage }) => stage === 'inspect');
    assert.deepEqual(
      inspected.map(({ kind, rule }) => [kind, rule]),
      Array(3).fill(['verdict', 'bypass']),
    );
    assert.match(inspected[0]?.detail ?? '', /inspection hangs/);
  }
  const [line] = await holdfast.json<{ tenant: string; state: string; reason: string }[]>('bypass', 'list');
  assert.deepEqual([line?.tenant, line?.state, line?.reason], ['acme', 'active', 'inspection hangs']);
  assert.equal((await holdfast.cli('bypass', 'end', 'acme')).code, 0);
  kill(stuck);
  await inState(await send('behind', 3), 'held');
  assert.equal((await holdfast.cli('bypass', 'end', 'acme')).code, 1, 'it is over');
});

test('H1: mail from one tenant to another leaves the first delivered, and meets the rules of the second at its door, once', async () => {
  const client = await TestClient.open(holdfast.ports.smtp, '127.0.0.3', 60_000);
  assert.ok(client, 'nobody greets');
  const to = ['bob@acme.test', 'no-strangers@acme.test', 'elsewhere@company1.example'];
  const { queueId } = await client.send({ id: 'next-door', from: 'alice@bolt.test', to, bodyBytes: 500 });
  client.close();
  const left = await inState(queueId ?? '', 'delivered');
  assert.ok(
    left.events.every(({ stage }) => stage !== 'inspect'),
    'the first one has no rules',
  );
  interface Part extends Traced {
    readonly id: string;
    readonly tenant: string;
    readonly parent: string | null;
  }
  let found: readonly Part[] = [];
  await eventually('it has entered', async () => {
    found = await holdfast.json<Part[]>('trace', 'to:bob@acme.test', 'tenant:acme');
    return found.length > 0;
  });
  const [entered] = found;
  assert.deepEqual([found.length, entered?.parent], [1, queueId]);
  await eventually('the rules of the second have had their say', async () => {
    const { recipients } = await traceOf(entered?.id ?? '');
    return recipients.map(({ state }) => state).join() === 'delivered,bounced';
  });
  const { events } = await traceOf(entered?.id ?? '');
  const verdicts = events.filter(({ kind }) => kind === 'verdict');
  assert.deepEqual(
    verdicts.map(({ rule }) => rule),
    ['letters from outside', 'letters of strangers'],
  );
  assert.equal(sink.taken.get('next-door bob@acme.test'), 1);
  assert.equal(sink.taken.get('next-door elsewhere@company1.example'), 1);
  await eventually('its sender hears of it', () =>
    sink.others.some(({ text }) => text.includes('No letters of strangers')),
  );
  const [report] = sink.others.filter(({ text }) => text.includes('No letters of strangers'));
  assert.deepEqual(report?.recipients, ['alice@bolt.test']);
});

test('H1: mail that waits since before its tenant’s first rule is inspected before it leaves, rerouted or not', async () => {
  const client = await TestClient.open(holdfast.ports.smtp, '127.0.0.3', 60_000);
  assert.ok(client, 'nobody greets');
  const ids: string[] = [];
  for (const id of ['early', 'rerouted']) {
    const { queueId } = await client.send({ id, from: 'alice@bolt.test', to: [`${id}@away.example`], bodyBytes: 500 });
    ids.push(queueId ?? '');
  }
  client.close();
  const rules = `{ name: all, when: { direction: outbound }, action: { hold: 15m } }`;
  const file = await holdfast.write('first-rule.yaml', `tenants: [{ id: bolt, policies: [${rules}] }]`);
  assert.equal((await holdfast.cli('apply', '-f', file)).code, 0);
  const [waits = '', rerouted = ''] = ids;
  await holdfast.cli('queue', 'reroute', rerouted, '--via', `127.0.0.1:${sink.port}`);
  // An attempt may be under way that only then puts it off.
  await eventually('its turn comes', async () => {
    await holdfast.cli('queue', 'retry', waits);
    return (await traceOf(waits)).recipients.every(({ state }) => state === 'held');
  });
  for (const id of ids) {
    const { recipients, events } = await inState(id, 'held');
    assert.equal(recipients[0]?.reason, 'policy');
    assert.equal(events.find(({ kind }) => kind === 'verdict')?.rule, 'all');
  }
  assert.equal(sink.taken.get('rerouted rerouted@away.example'), undefined);
});

interface Rehearsed {
  readonly moves: Readonly<Record<string, number>>;
  readonly unanswered: { readonly draft: number };
  readonly rules: readonly { readonly rule: string; readonly first: readonly string[]; readonly unanswered: number }[];
}

const TWO =
  '{ name: two companies, when: { direction: outbound, externalDomains: { min: 2 } }, action: { hold: 15m } }';

test('H1: a draft of rules says what it would have done to mail that has gone, and what nobody asked of it then', async () => {
  const id = await send('gone', 2);
  await inState(id, 'delivered');
  // Which the draft's first rule leaves to its second.
  await inState(await send('alone', 1), 'delivered');
  const asks = '{ name: projects, when: { direction: outbound, words: [aurora] }, action: { reject: "No" } }';
  const file = await holdfast.write('draft.yaml', `tenants: [{ id: acme, policies: [${TWO}, ${asks}] }]`);
  let found: Rehearsed | undefined;
  // Written down in batches, behind the verdict.
  await eventually('it is kept', async () => {
    found = await holdfast.json<Rehearsed>('policy', 'test', file, '--since', '1d');
    return found.rules[0]?.first.includes(id) === true && found.unanswered.draft > 0;
  });
  assert.ok((found?.moves['pass → hold'] ?? 0) >= 2, 'both of its recipients');
  const [, projects] = found?.rules ?? [];
  assert.deepEqual([projects?.rule, projects?.first], ['projects', []]);
  assert.ok((projects?.unanswered ?? 0) > 0);
  await inState(await send('still', 2), 'delivered');
});

test('H1: a change of rules is told with its author, and undone in one step, once', async () => {
  const file = await holdfast.write('two.yaml', `tenants: [{ id: acme, policies: [${TWO}] }]`);
  assert.equal((await holdfast.cli('apply', '-f', file)).code, 0);
  await inState(await send('two', 2), 'held');
  interface Change {
    readonly version: number;
    readonly by: string;
    readonly lines: readonly string[];
    readonly undoes: number | null;
  }
  const [made] = await holdfast.json<Change[]>('policy', 'history', '--tenant', 'acme');
  assert.deepEqual(made?.lines, ['+ two companies']);
  assert.match(made?.by ?? '', /^cli:/);
  const undo = () => holdfast.cli('policy', 'undo', String(made?.version), '--tenant', 'acme');
  const undone = await undo();
  assert.equal(undone.code, 0, undone.stderr);
  await inState(await send('back', 2), 'delivered');
  const [newest] = await holdfast.json<Change[]>('policy', 'history', '--tenant', 'acme');
  assert.deepEqual([newest?.undoes, newest?.lines], [made?.version, ['- two companies']]);
  const again = await undo();
  assert.equal(again.code, 1);
  assert.match(again.stderr, /only the newest one can be undone/);
});

/** A mail of one line to somebody outside, by the server of the company `crew`; the queue ID. */
async function writeTo(address: string, line: string): Promise<string> {
  using peer = await SmtpPeer.connect(holdfast.ports.smtp, { localAddress: '127.0.0.4' });
  await peer.hears('220');
  await peer.asks('EHLO server.crew.test', '250');
  await peer.asks('MAIL FROM:<alice@crew.test> BODY=8BITMIME', '250');
  await peer.asks(`RCPT TO:<${address}>`, '250');
  await peer.asks('DATA', '354');
  peer.sends(
    `From: alice@crew.test\r\nTo: ${address}\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${line}\r\n.\r\n`,
  );
  const [, id] = /queued as (\S+)/.exec(await peer.hears('250')) ?? [];
  assert.ok(id);
  return id;
}

/** By which rule a mail waits or went, once it does. */
async function ruleOf(id: string): Promise<string | null> {
  let found: Traced | undefined;
  await eventually(`${id} is judged`, async () => {
    found = await traceOf(id);
    return found.events.some(({ kind }) => kind === 'verdict');
  });
  return found?.events.find(({ kind }) => kind === 'verdict')?.rule ?? null;
}

test('H1: the first mail to a stranger waits for its sender; when it has been delivered the next one goes by itself', async () => {
  const first = await writeTo('stranger@shop.example', 'hello');
  assert.equal(await ruleOf(first), 'strangers');
  await inState(first, 'held');
  assert.match((await traceOf(first)).events.find(({ kind }) => kind === 'verdict')?.detail ?? '', /not written to/);
  const released = await holdfast.cli('held', 'release', first, '--as', 'alice@crew.test');
  assert.equal(released.code, 0, released.stderr);
  await inState(first, 'delivered');
  // Learnt in the second behind its delivery.
  await eventually(
    'they are known',
    async () => (await ruleOf(await writeTo('stranger@shop.example', 'again'))) === null,
  );
  assert.equal(await ruleOf(await writeTo('another@shop.example', 'hello')), 'strangers');
});

test('H1: mail that quotes a registered document waits, until the document is removed', async () => {
  const sentences = [
    '乙は、本契約に基づき知り得た甲の営業上又は技術上の秘密を、第三者に開示し、又は漏えいしてはならない。',
    '委託料は月額百二十万円とし、甲は毎月末日までに乙の指定する銀行口座に振り込む方法により支払う。',
  ];
  const file = await holdfast.write('contract.txt', sentences.join('\n'));
  const quote = `> ${sentences.join('\r\n> ')}`;
  const added = await holdfast.cli('document', 'add', file, '--tenant', 'crew', '--name', '業務委託契約書');
  assert.equal(added.code, 0, added.stderr);
  const quoting = await writeTo('buyer@papers.example', quote);
  assert.equal(await ruleOf(quoting), 'contracts');
  await inState(quoting, 'held');
  assert.equal(await ruleOf(await writeTo('buyer@papers.example', 'See you at noon.')), null);
  const listed = await holdfast.json<{ name: string }[]>('document', 'list', '--tenant', 'crew');
  assert.deepEqual(
    listed.map(({ name }) => name),
    ['業務委託契約書'],
  );
  assert.equal((await holdfast.cli('document', 'remove', '業務委託契約書', '--tenant', 'crew')).code, 0);
  assert.equal(await ruleOf(await writeTo('buyer@papers.example', quote)), null);
});

test('H5: the books balance, and nothing is an orphan', async () => {
  const audit = await holdfast.json<{ balanced: boolean; orphans: unknown[] }>('audit', '--full');
  assert.deepEqual([audit.balanced, audit.orphans], [true, []]);
});
