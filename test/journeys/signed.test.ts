/** Mail that is signed when it leaves, in the whole program, before a verifier of others. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ScriptedServer, SmtpPeer } from '#/testkit/index.ts';
import { findDkimpy } from '../support/dkimpy.ts';
import { eventually, Holdfast } from '../support/holdfast.ts';
import { orSkip } from '../support/or-skip.ts';

const RESOURCES = `tenants:
  - id: acme
    name: Acme
    domains: [acme.test, also.test]
    relays:
      - { name: server, kind: server, networks: [127.0.0.2/32], senders: ["*@acme.test", "*@also.test"] }
`;
/** From the word that a key is to sign until it does (src/trust/limits.ts). */
const EFFECTIVE_MS = 16_000;

interface Key {
  readonly selector: string;
  readonly name: string;
  readonly record: string;
}

let server: ScriptedServer;
let holdfast: Holdfast;
const keys: Key[] = [];

before(async () => {
  const refused = new Set<string>();
  server = await ScriptedServer.start({
    answer: (step, _line, _count, session) => {
      const to = session.lines.findLast((one) => one.startsWith('RCPT')) ?? '';
      if (step !== 'content' || !to.includes('bob@') || refused.has(to)) return null;
      refused.add(to);
      return '451 4.3.0 later, please';
    },
  });
  const routes = `routes:\n  - { domains: ["*"], host: 127.0.0.1, port: ${server.port}, tls: none }`;
  holdfast = await Holdfast.start({ resources: RESOURCES, settings: `outbound: on\nretry: { first: 1s }\n${routes}` });
  for (const algorithm of ['rsa', 'ed25519']) {
    const key = await holdfast.json<Key>('dkim', 'new', 'acme.test', '--algorithm', algorithm);
    keys.push(key);
    await holdfast.json('dkim', 'use', 'acme.test', key.selector, '--unchecked');
  }
  await sleep(EFFECTIVE_MS);
});

after(async () => {
  await holdfast[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function send(from: string, to: string, body: string): Promise<void> {
  using peer = await SmtpPeer.connect(holdfast.ports.smtp, { localAddress: '127.0.0.2' });
  await peer.hears('220');
  await peer.asks('EHLO server.acme.test', '250');
  await peer.asks(`MAIL FROM:<${from}>`, '250');
  await peer.asks(`RCPT TO:<${to}>`, '250');
  await peer.asks('DATA', '354');
  peer.sends(`From: <${from}>\r\nTo: <${to}>\r\nSubject: Signed\r\n\r\n${body}\r\n.\r\n`);
  await peer.hears('250', 60_000);
}

/** Contents that were sent for a recipient, those that were refused among them, as the peer reads them. */
function attemptsFor(recipient: string): readonly string[] {
  return server.sessions
    .map(({ reads }) => reads.join(''))
    .join('')
    .split('MAIL FROM:')
    .filter((piece) => piece.includes(`RCPT TO:<${recipient}>`) && piece.includes('\r\n.\r\n'))
    .map((piece) => piece.slice(piece.indexOf('DATA\r\n') + 6, piece.indexOf('\r\n.\r\n') + 2))
    .map((content) => content.replace(/^\.\./gm, '.'));
}

test('RFC 6376 §5: mail that leaves has a signature of each key, the same at each attempt, and python3-dkim verifies them', async (t) => {
  await send('alice@acme.test', 'bob@world.test', 'Good day.\r\n..dots');
  await eventually('it was tried twice', async () => attemptsFor('bob@world.test').length === 2);
  const [first = '', second] = attemptsFor('bob@world.test');
  assert.equal(second, first);
  assert.deepEqual([...first.matchAll(/^DKIM-Signature:/gm)].length, 2);
  const dkimpy = orSkip(t, await findDkimpy());
  if (dkimpy === undefined) return;
  const records = Object.fromEntries(keys.map(({ name, record }) => [name, record]));
  assert.deepEqual((await dkimpy.verify(Buffer.from(first, 'latin1'), records)).dkim, [true, true]);
});

test('RFC 6376 §5: large mail is signed too, and arrives whole', async (t) => {
  const line = `${'All that is to be said.  '.repeat(3)}.\r\n`;
  await send('alice@acme.test', 'carol@world.test', line.repeat(40_000).slice(0, -2));
  await eventually('it is there', async () => attemptsFor('carol@world.test').length > 0);
  const [content = ''] = attemptsFor('carol@world.test');
  assert.ok(content.startsWith('DKIM-Signature: ') && content.endsWith(line));
  const dkimpy = orSkip(t, await findDkimpy());
  if (dkimpy === undefined) return;
  const records = Object.fromEntries(keys.map(({ name, record }) => [name, record]));
  assert.deepEqual((await dkimpy.verify(Buffer.from(content, 'latin1'), records)).dkim, [true, true]);
});

test('design 6: mail of a domain that has no key leaves as it is, and keys are shown with what they do', async () => {
  await send('alice@also.test', 'dora@world.test', 'Good day.');
  await eventually('it is there', async () => attemptsFor('dora@world.test').length > 0);
  assert.doesNotMatch(attemptsFor('dora@world.test')[0] ?? '', /DKIM-Signature/);
  const listed = await holdfast.json<{ selector: string; state: string }[]>('dkim', 'list', 'acme.test');
  assert.deepEqual(
    listed.map(({ selector, state }) => `${selector} ${state}`),
    keys.map(({ selector }) => `${selector} active`),
  );
  const shown = await holdfast.json<{ name: string; value: string }[]>('dns', 'show', 'acme.test');
  for (const { name, record } of keys)
    assert.ok(
      shown.some((one) => one.name === name && one.value === record),
      name,
    );
  const again = await holdfast.cli('dkim', 'remove', 'acme.test', keys[0]?.selector ?? '');
  assert.equal(again.code, 1);
  assert.match(again.stderr, /signs\. Retire it first/);
});
