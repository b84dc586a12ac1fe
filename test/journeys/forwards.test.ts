/** Forwards, rules and absence in the whole program: every mail is somewhere, once, whatever dies meanwhile, and the books say so. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Pop3Peer, SmtpPeer } from '#/testkit/index.ts';
import { eventually, Holdfast, kill } from '../support/holdfast.ts';
import { TestClient } from '../support/load.ts';
import { GENTLE, type Sink, startSink } from '../support/sink.ts';
import { pidOf } from '../support/steward-kit.ts';

const PEOPLE = ['alice', 'bob', 'carol', 'dora'] as const;
type Who = (typeof PEOPLE)[number];
const RESOURCES = `tenants:
  - id: acme
    name: Acme
    domains: [acme.test]
    users:
${PEOPLE.map((who) => `      - { address: ${who}@acme.test, password: "correct horse ${who}" }`).join('\n')}
`;
const PATIENCE_MS = 60_000;

let holdfast: Holdfast;
let sink: Sink;

before(async () => {
  sink = await startSink();
  const settings = `outbound: on\nroutes:\n  - { domains: ["*"], host: 127.0.0.1, port: ${sink.port}, tls: none }`;
  holdfast = await Holdfast.start({ mailboxes: true, resources: RESOURCES, settings });
});

after(async () => {
  await holdfast[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
});

interface Letter {
  readonly from?: string;
  readonly to: string;
  readonly fields?: readonly string[];
  readonly words?: readonly string[];
}

/** Hands one mail in as a stranger; its queue ID. */
async function send(
  subject: string,
  { from = 'x@world.test', to, fields = [], words = ['Words.'] }: Letter,
): Promise<string> {
  using peer = await SmtpPeer.connect(holdfast.ports.smtp, { patienceMs: PATIENCE_MS });
  await peer.hears('220');
  await peer.asks('EHLO world.test', '250');
  await peer.asks(`MAIL FROM:<${from}>`, '250');
  await peer.asks(`RCPT TO:<${to}>`, '250');
  await peer.asks('DATA', '354');
  peer.says(`From: <${from}>`, `To: <${to}>`, `Subject: ${subject}`, ...fields, '', ...words, '.');
  const reply = await peer.hears('250', PATIENCE_MS);
  await peer.asks('QUIT', '221');
  return /queued as (\S+)/.exec(reply)?.[1] ?? '';
}

/** Whole mails that somebody finds by POP3. */
async function mailsOf(who: Who): Promise<readonly string[]> {
  using peer = await Pop3Peer.connect(holdfast.ports.pop3s, { tls: true });
  await peer.hears('+OK');
  await peer.asks(`USER ${who}@acme.test`, '+OK');
  await peer.asks(`PASS correct horse ${who}`, '+OK');
  const count = Number(/^\+OK (\d+)/.exec(await peer.asks('STAT', '+OK'))?.[1]);
  const mails: string[] = [];
  for (let n = 1; n <= count; n++) mails.push(await peer.gets(`RETR ${n}`));
  await peer.asks('QUIT', '+OK');
  return mails;
}

async function countOf(who: Who, subject: string): Promise<number> {
  return (await mailsOf(who)).filter((mail) => mail.includes(`Subject: ${subject}\r\n`)).length;
}

async function setRules(who: Who, rules: unknown): Promise<void> {
  const file = await holdfast.write(`${who}.json`, JSON.stringify(rules));
  const done = await holdfast.cli('mailbox', 'rules', `${who}@acme.test`, '--set', file);
  assert.equal(done.code, 0, done.stderr);
}

async function cli(...words: readonly string[]): Promise<string> {
  const done = await holdfast.cli(...words);
  assert.equal(done.code, 0, done.stderr);
  return done.stdout;
}

/** Nothing waits any more, and the books add up. */
async function assertBalanced(): Promise<{ readonly generated: number; readonly discarded: number }> {
  await eventually('the queue is empty', async () => (await holdfast.json<unknown[]>('queue', 'list')).length === 0);
  const audit = await holdfast.json<{
    balanced: boolean;
    orphans: unknown[];
    tenants: { tenant: string; generated: number; discarded: number }[];
  }>('audit', '--full');
  assert.deepEqual([audit.balanced, audit.orphans], [true, []]);
  // A tenant without mail has no line yet.
  return audit.tenants.find(({ tenant }) => tenant === 'acme') ?? { generated: 0, discarded: 0 };
}

interface Traced {
  readonly parent: string | null;
  readonly recipients: readonly { readonly address: string; readonly state: string; readonly reason: string | null }[];
}

test('design 1: a forward goes on inside and outside, and the trace shows whose child it is', async () => {
  await cli('mailbox', 'forward', 'alice@acme.test', 'bob@acme.test', 'friend@else.test');
  sink.temper = { ...GENTLE };
  const id = await send('forwarded', { to: 'alice@acme.test' });
  await eventually('it is outside', () => sink.others.some(({ text }) => text.includes('Subject: forwarded')));
  await eventually('bob has it', async () => (await countOf('bob', 'forwarded')) === 1);
  assert.equal(await countOf('alice', 'forwarded'), 1);
  const outside = sink.others.find(({ text }) => text.includes('Subject: forwarded'));
  assert.match(outside?.sender ?? '', /^SRS0=[A-Z2-7]{8}=[A-Z2-7]{2}=world\.test=x@acme\.test$/);
  assert.match(outside?.text ?? '', /^Received: by mx\.holdfast\.test /m);
  assert.match(outside?.text ?? '', /^Delivered-To: alice@acme\.test\r$/m);
  let lines: string[] = [];
  await eventually('all are delivered', async () => {
    const traced = await holdfast.json<Traced[]>('trace', 'subject:forwarded');
    lines = traced.flatMap(({ parent, recipients }) =>
      recipients.map(({ address, state }) => `${address} ${state}, of ${parent}`),
    );
    return lines.length === 3 && lines.every((line) => line.includes(' delivered,'));
  });
  assert.deepEqual(lines.sort(), [
    'alice@acme.test delivered, of null',
    `bob@acme.test delivered, of ${id}`,
    `friend@else.test delivered, of ${id}`,
  ]);
});

test('RFC 7208 §D.3: a bounce of a forward comes back to who sent the mail first, be it later or at once', async () => {
  const outside = sink.others.find(({ text }) => text.includes('Subject: forwarded'));
  // The other side bounces it later, from nobody, to the path that it came by; and refuses the next one at once.
  await send('failure later', { from: '', to: outside?.sender ?? '' });
  await eventually('the first sender has it', () =>
    sink.others.some(({ recipients, text }) => recipients.includes('x@world.test') && text.includes('failure later')),
  );
  // Where a copy stayed, a stranger would not be told.
  await cli('mailbox', 'forward', 'alice@acme.test', 'friend@else.test', '--no-copy');
  sink.temper = { ...GENTLE, hardRefusal: 1 };
  await send('refused', { to: 'alice@acme.test' });
  await eventually('it is refused outside', async () =>
    (await holdfast.json<Traced[]>('trace', 'subject:refused')).some(({ recipients }) =>
      recipients.some(({ state }) => state === 'bounced'),
    ),
  );
  sink.temper = { ...GENTLE };
  await eventually('the report is on its way to the first sender', async () =>
    (await holdfast.json<Traced[]>('trace', 'to:x@world.test')).some(({ parent }) => parent !== null),
  );
  await cli('mailbox', 'forward', 'alice@acme.test', 'off');
});

test('RFC 5321 §6.3: two who forward to each other and keep nothing have each mail once, somewhere', async () => {
  await cli('mailbox', 'forward', 'alice@acme.test', 'bob@acme.test', '--no-copy');
  await cli('mailbox', 'forward', 'bob@acme.test', 'alice@acme.test', '--no-copy');
  await send('circle', { to: 'alice@acme.test' });
  await eventually('it has come to rest', async () => (await countOf('alice', 'circle')) === 1);
  await assertBalanced();
  assert.deepEqual([await countOf('alice', 'circle'), await countOf('bob', 'circle')], [1, 0]);
  for (const who of ['alice', 'bob']) await cli('mailbox', 'forward', `${who}@acme.test`, 'off');
});

test('RFC 3834: who is away answers a person once, and no machine; a rule discards, and the books count it', async () => {
  await setRules('carol', {
    rules: [{ name: 'noise', when: { subject: 'noise' }, action: { discard: true } }],
    vacation: { text: 'Back on Monday.', until: '2099-01-01' },
  });
  const discardedBefore = (await assertBalanced()).discarded;
  await send('question', { to: 'carol@acme.test', from: 'y@world.test' });
  await send('again', { to: 'carol@acme.test', from: 'y@world.test' });
  await send('list', { to: 'carol@acme.test', from: 'z@world.test', fields: ['List-Id: <l.world.test>'] });
  await send('noise', { to: 'carol@acme.test', from: 'z@world.test' });
  const answers = () => sink.others.filter(({ text }) => text.includes('Auto-Submitted: auto-replied'));
  await eventually('the answer is there', () => answers().some(({ text }) => text.includes('Subject: Auto: question')));
  const { discarded } = await assertBalanced();
  assert.deepEqual(
    answers()
      .filter(({ text }) => text.includes('Subject: Auto: '))
      .map(({ sender, recipients }) => [sender, ...recipients]),
    [['', 'y@world.test']],
  );
  assert.equal(discarded - discardedBefore, 1);
  const [noise] = await holdfast.json<Traced[]>('trace', 'subject:noise');
  assert.match(noise?.recipients[0]?.reason ?? '', /noise/);
  assert.deepEqual([await countOf('carol', 'question'), await countOf('carol', 'noise')], [1, 0]);
});

test('O6: a mail that is too large for memory is forwarded whole, inside and outside', async () => {
  await cli('mailbox', 'forward', 'dora@acme.test', 'bob@acme.test', 'friend@else.test', '--no-copy');
  const lines = Array.from(
    { length: 18_000 },
    (_, i) => `Line ${i} of a letter that has many of them, each as dull as this one.`,
  );
  await send('large', { to: 'dora@acme.test', words: lines });
  const isWhole = (text: string): boolean => text.includes(`\r\n${lines.join('\r\n')}`);
  await eventually('it is outside', () =>
    sink.others.some(({ text }) => text.includes('Subject: large') && isWhole(text)),
  );
  await assertBalanced();
  assert.ok((await mailsOf('bob')).some((mail) => mail.includes('Subject: large') && isWhole(mail)));
  await cli('mailbox', 'forward', 'dora@acme.test', 'off');
});

test('O1: rules are shown as they can be edited, and say what they would do with a mail', async () => {
  await setRules('carol', {
    rules: [{ name: 'noise', when: { subject: 'noise' }, action: { discard: true } }],
    vacation: { text: 'Back on Monday.' },
  });
  const shown = await cli('mailbox', 'rules', 'carol@acme.test');
  assert.match(shown, /^rules:\n {2}- name: noise\n/);
  const again = await holdfast.write('shown.yaml', shown);
  await cli('mailbox', 'rules', 'carol@acme.test', '--set', again);
  const mail = await holdfast.write(
    'noise.eml',
    'From: a@b.test\r\nTo: carol@acme.test\r\nSubject: Noise\r\n\r\nx\r\n',
  );
  assert.match(await cli('mailbox', 'rules', 'carol@acme.test', '--test', mail), /It is discarded\.\nRules: noise\.\n/);
  const wrong = await holdfast.write('wrong.yaml', 'rules: [{ name: odd, action: { forward: nobody } }]');
  const refused = await holdfast.cli('mailbox', 'rules', 'carol@acme.test', '--set', wrong);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /rule 1 "odd", action\.forward\.0: Write a mail address/);
  await cli('mailbox', 'rules', 'carol@acme.test', '--clear');
});

test('design 1: however often gate, delivery and mailboxes are killed among forwards, each goes on once', async () => {
  await setRules('dora', {
    rules: [{ name: 'on', action: { forward: ['bob@acme.test', 'dora@else.test'], keep: false } }],
  });
  const { generated } = await assertBalanced();
  const sent: string[] = [];
  let over = false;
  const sending = (async () => {
    for (let n = 1; !over; n++) {
      const client = await TestClient.open(holdfast.ports.smtp, '127.0.0.1', PATIENCE_MS);
      const answer = await client?.send({ id: `f${n}`, from: 'x@world.test', to: ['dora@acme.test'], bodyBytes: 300 });
      client?.close();
      // Without a 250 nobody promised anything: it may be there or not.
      if (answer?.queueId !== undefined && answer.queueId !== null) sent.push(`f${n}`);
    }
  })();
  for (const role of ['mail', 'gate+deliver', 'gate+deliver']) {
    const count = sent.length;
    await eventually('mail comes', () => sent.length > count + 10);
    const pid = await pidOf(holdfast, role);
    assert.ok(kill(pid));
    await eventually('it runs again', async () => ((await holdfast.pids()).get(role) ?? pid) !== pid);
  }
  over = true;
  await sending;
  await holdfast.ready();
  const outside = (id: string) => sink.taken.get(`${id} dora@else.test`) ?? 0;
  await eventually('all are outside', () => sent.every((id) => outside(id) > 0));
  const books = await assertBalanced();
  const inside = (await mailsOf('bob'))
    .map((mail) => /^X-Test-Id: (.*)\r$/m.exec(mail)?.[1] ?? '')
    .filter((id) => id.startsWith('f'));
  assert.equal(new Set(inside).size, inside.length, 'once inside');
  assert.ok(sent.every((id) => inside.includes(id)));
  const all = new Set(inside);
  assert.equal(books.generated - generated, 2 * all.size, 'each mail made two, once');
  assert.equal(await holdfast.json<unknown[]>('queue', 'list').then(({ length }) => length), 0);
});
