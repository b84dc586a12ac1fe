/** Signatures in the whole program: each recipient gets theirs, a retry brings the same octets, and held mail is signed when it is released (C1). */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ScriptedServer, SmtpPeer } from '#/testkit/index.ts';
import { eventually, Holdfast } from '../support/holdfast.ts';

const resources = (title: string): string => `tenants:
  - id: acme
    name: Acme
    domains: [acme.test]
    users:
      - { address: alice@acme.test, password: correct horse, attributes: { displayName: Alice Archer, jobTitle: ${title} } }
      - { address: bob@acme.test, password: battery staple }
    relays:
      - { name: server, kind: server, networks: [127.0.0.2/32], senders: ["*@acme.test"] }
    policies:
      - { name: slowly, when: { recipients: ["*@held.example"] }, action: { hold: 1h } }
    signatures:
      - name: outside
        when: { senders: "*@acme.test", recipients: external }
        text: "{{ displayName }}, {{ jobTitle }}"
      - { name: inside, text: "{{ displayName }}" }
`;

let server: ScriptedServer;
let holdfast: Holdfast;

before(async () => {
  const refused = new Set<string>();
  server = await ScriptedServer.start({
    answer: (step, _line, _count, session) => {
      const to = session.lines.findLast((line) => line.startsWith('RCPT')) ?? '';
      if (step !== 'content' || !/taro@/.test(to) || refused.has(to)) return null;
      refused.add(to);
      return '451 4.3.0 later, please';
    },
  });
  const routes = `routes:\n  - { domains: [acme.test, "*"], host: 127.0.0.1, port: ${server.port}, tls: none }`;
  const settings = `outbound: on\nretry: { first: 2s }\nroles: [[gate, deliver], inspect, web, janitor]\n${routes}`;
  holdfast = await Holdfast.start({ resources: resources('Buyer'), settings, web: true });
});

after(async () => {
  await holdfast[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const FIELDS =
  'From: Alice <alice@acme.test>\r\nTo: taro@partner.example\r\nSubject: Plans\r\nMessage-ID: <1@acme.test>';

async function send(to: readonly string[], fields = FIELDS, from = 'alice@acme.test'): Promise<string> {
  using peer = await SmtpPeer.connect(holdfast.ports.smtp, { localAddress: '127.0.0.2' });
  await peer.hears('220');
  await peer.asks('EHLO server.acme.test', '250');
  await peer.asks(`MAIL FROM:<${from}>`, '250');
  for (const address of to) await peer.asks(`RCPT TO:<${address}>`, '250');
  await peer.asks('DATA', '354');
  peer.sends(`${fields}\r\n\r\nHello there.\r\n.\r\n`);
  const answer = await peer.hears('250');
  return /queued as (\w+)/.exec(String(answer))?.[1] ?? '';
}

async function apply(title: string): Promise<void> {
  const file = await holdfast.write('again.yaml', resources(title));
  assert.equal((await holdfast.cli('apply', '-f', file)).code, 0);
}

/** What was sent for a recipient, once an attempt. */
function contentsFor(recipient: string): string[] {
  const all = server.sessions.map(({ reads }) => reads.join('')).join('');
  return all
    .split('MAIL FROM:')
    .filter((piece) => piece.includes(`RCPT TO:<${recipient}>`))
    .flatMap((piece) => piece.split('DATA\r\n').slice(1, 2))
    .filter((content) => content.includes('\r\n.\r\n'))
    .map((content) => content.slice(0, content.indexOf('\r\n.\r\n')));
}

test('C1: two recipients get two signatures, a retry brings the same octets though people have changed, and the trace says which', async () => {
  const id = await send(['taro@partner.example', 'bob@acme.test']);
  await eventually('the first attempt is over', async () => contentsFor('taro@partner.example').length === 1);
  await apply('Director');
  await eventually('both have it', async () => server.mails.length === 2);
  const attempts = contentsFor('taro@partner.example');
  assert.equal(attempts.length, 2);
  assert.equal(attempts[0], attempts[1]);
  assert.match(attempts[0] ?? '', /Hello there\.\r\n\r\nAlice Archer, Buyer$/);
  assert.match(contentsFor('bob@acme.test')[0] ?? '', /Hello there\.\r\n\r\nAlice Archer$/);
  const [mail] = await holdfast.json<{ events: { kind: string; stage: string; detail: string }[] }[]>('trace', id);
  const signed = mail?.events.filter(({ kind }) => kind === 'signed') ?? [];
  const told = signed.map(({ stage, detail }) => `${stage} ${detail.replace(/ \(people: .*/, '')}`);
  assert.deepEqual(new Set(told), new Set(['sign Signature: inside', 'sign Signature: outside']));
});

test('C1: held mail is signed when it is released, from what is known of people then', async () => {
  const id = await send(['jiro@held.example']);
  await eventually('it is held', async () => {
    const [found] = await holdfast.json<{ recipients: { state: string }[] }[]>('trace', id);
    return found?.recipients[0]?.state === 'held';
  });
  await apply('President');
  const released = await holdfast.cli('held', 'release', id, '--as', 'alice@acme.test');
  assert.equal(released.code, 0, released.stderr);
  await eventually('it is there', async () => contentsFor('jiro@held.example').length === 1);
  assert.match(contentsFor('jiro@held.example')[0] ?? '', /Alice Archer, President$/);
});

test('C1: automatic mail and mail without a sender leave as they are', async () => {
  await send(['auto@partner.example'], `${FIELDS}\r\nAuto-Submitted: auto-replied`);
  await eventually('it is there', async () => contentsFor('auto@partner.example').length === 1);
  assert.match(contentsFor('auto@partner.example')[0] ?? '', /Hello there\.$/);
});
