/** Mail that rules change, in the whole program: what outsiders get, what colleagues get, and that a retry brings the same octets. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openZip, ScriptedServer, SmtpPeer } from '#/testkit/index.ts';
import { eventually, Holdfast } from '../support/holdfast.ts';

const RESOURCES = `tenants:
  - id: acme
    name: Acme
    language: ja
    domains: [acme.test]
    users: [{ address: bob@acme.test, password: battery staple }]
    relays:
      - { name: server, kind: server, networks: [127.0.0.2/32], senders: ["*@acme.test"] }
    policies:
      - name: files
        when: { direction: outbound, recipients: ["*@files.example"] }
        action: { links: all }
      - name: packed
        when: { direction: outbound, recipients: ["*@packed.example"] }
        action: { zip: { what: all, password: recipients } }
      - name: outsiders
        when: { direction: outbound }
        action: { strip: all, redact: [creditCard], tagSubject: "[社外]", addHeader: { name: X-Class, value: outside }, forceBcc: on }
`;

const SUBJECT = '=?ISO-2022-JP?B?GyRCIVo8UjMwSGshWzgrQFEkTiQ0TyJNbRsoQg==?=';
const BODY = [
  '--b',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: 8bit',
  '',
  'カード番号は 4111-1111-1111-1111 です。',
  '--b',
  'Content-Type: application/pdf; name=offer.pdf',
  'Content-Disposition: attachment; filename=offer.pdf',
  'Content-Transfer-Encoding: base64',
  '',
  'JVBERi0xLjQ=',
  '--b--',
].join('\r\n');
const FIELDS = [
  'From: alice@acme.test',
  'To: bob@acme.test, taro@partner.example',
  `Subject: ${SUBJECT}`,
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
].join('\r\n');

/** What a session was sent for a recipient, content and all, in octets as latin1. */
function contentsFor(server: ScriptedServer, recipient: string): string[] {
  const all = server.sessions.map(({ reads }) => reads.join('')).join('');
  return (
    all
      .split('MAIL FROM:')
      .filter((piece) => piece.includes(`RCPT TO:<${recipient}>`))
      .flatMap((piece) => piece.split('DATA\r\n').slice(1, 2))
      // Not those that are still on their way.
      .filter((content) => content.includes('\r\n.\r\n'))
      .map((content) => content.slice(0, content.indexOf('\r\n.\r\n')))
  );
}

let server: ScriptedServer;
let holdfast: Holdfast;

before(async () => {
  const refused = new Set<string>();
  server = await ScriptedServer.start({
    answer: (step, _line, _count, session) => {
      const to = session.lines.findLast((line) => line.startsWith('RCPT')) ?? '';
      if (step !== 'content' || !/taro@|hanako@|jiro@/.test(to) || refused.has(to)) return null;
      refused.add(to);
      return '451 4.3.0 later, please';
    },
  });
  const routes = `routes:\n  - { domains: [acme.test, "*"], host: 127.0.0.1, port: ${server.port}, tls: none }`;
  const settings = `outbound: on\nretry: { first: 1s }\nroles: [[gate, deliver], inspect, web, janitor]\n${routes}`;
  holdfast = await Holdfast.start({ resources: RESOURCES, settings, web: true });
});

after(async () => {
  await holdfast[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function send(to: readonly string[]): Promise<void> {
  using peer = await SmtpPeer.connect(holdfast.ports.smtp, { localAddress: '127.0.0.2' });
  await peer.hears('220');
  await peer.asks('EHLO server.acme.test', '250');
  await peer.asks('MAIL FROM:<alice@acme.test> BODY=8BITMIME', '250');
  for (const address of to) await peer.asks(`RCPT TO:<${address}>`, '250');
  await peer.asks('DATA', '354');
  peer.sends(`${FIELDS}\r\n\r\n${BODY}\r\n.\r\n`);
  await peer.hears('250');
}

test('H1: an outsider gets the mail as the rule wants it, at each attempt the same, and a colleague as it was written', async () => {
  await send(['bob@acme.test', 'taro@partner.example']);
  await eventually('both have it', async () => server.mails.length === 2);

  const [inside = ''] = contentsFor(server, 'bob@acme.test');
  const latin = (text: string): string => Buffer.from(text).toString('latin1');
  assert.ok(inside.endsWith(latin(`${FIELDS}\r\n\r\n${BODY}`)), 'the colleague’s is not touched');

  const attempts = contentsFor(server, 'taro@partner.example');
  assert.equal(attempts.length, 2);
  assert.equal(attempts[0], attempts[1]);
  const outside = Buffer.from(attempts[1] ?? '', 'latin1').toString();
  assert.match(outside, /カード番号は \*{4}-\*{4}-\*{4}-\*{4} です。/);
  assert.ok(outside.includes(`\r\n ${SUBJECT}\r\n`) && outside.includes('X-Class: outside\r\n'));
  assert.match(outside, /^To: undisclosed-recipients:;\r$/m);
  assert.doesNotMatch(outside, /bob@acme|JVBERi|4111/);
  const stripped = /Content-Disposition: inline\r\n\r\n([A-Za-z0-9+/=\r\n]+)\r\n--b--/.exec(outside)?.[1] ?? '';
  assert.match(Buffer.from(stripped, 'base64').toString(), /添付ファイルは.*削除されました。 \(offer\.pdf\)/);
  const audit = await holdfast.json<{ balanced: boolean }>('audit');
  assert.ok(audit.balanced);
});

test('H1: attachments become downloads: the mail says where at each attempt, its recipient fetches by a code, its sender revokes', async () => {
  await send(['hanako@files.example']);
  await eventually('the mail is there', async () => contentsFor(server, 'hanako@files.example').length === 2);
  const [first = '', second] = contentsFor(server, 'hanako@files.example');
  assert.equal(first, second);
  assert.doesNotMatch(first, /JVBERi/);
  const [, note = ''] = /Content-Disposition: inline\r\n\r\n([A-Za-z0-9+/=\r\n]+)\r\n--b--/.exec(first) ?? [];
  const [, token = ''] = /^http\S+\/files\/(\S+)$/m.exec(Buffer.from(note, 'base64').toString()) ?? [];
  assert.match(token, /^[\w-]{27}$/);
  const page = `http://127.0.0.1:${holdfast.ports.http}/files/${token}`;
  const post = (form: Record<string, string>, cookie = '') =>
    fetch(page, { method: 'POST', body: new URLSearchParams(form), headers: { cookie }, redirect: 'manual' });

  assert.match(await (await fetch(page)).text(), /offer\.pdf/);
  assert.equal((await post({ act: 'fetch', file: '1' })).status, 403);
  assert.equal((await post({ act: 'code' })).status, 303);
  const letters = () => contentsFor(server, 'hanako@files.example').filter((one) => one.includes('Auto-Submitted'));
  await eventually('the code is there', async () => letters().length > 0);
  const letter = Buffer.from(letters()[0]?.split('\r\n\r\n')[1] ?? '', 'base64').toString();
  const proved = await post({ act: 'prove', secret: /\d{4} \d{4}/.exec(letter)?.[0] ?? '' });
  const cookie = proved.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  const file = await post({ act: 'fetch', file: '1' }, cookie);
  assert.deepEqual([file.status, await file.text()], [200, '%PDF-1.4']);

  const [share] = await holdfast.json<{ id: string; links: { state: string; downloads: number }[] }[]>(
    'download',
    'list',
  );
  assert.deepEqual(
    share?.links.map(({ downloads }) => downloads),
    [1],
  );
  const stateOf = async () =>
    (await holdfast.json<{ links: { state: string }[] }>('download', 'show', share?.id ?? '')).links[0]?.state;
  await eventually('its time has begun', async () => (await stateOf()) === 'open');
  await holdfast.json('download', 'revoke', share?.id ?? '');
  assert.equal((await fetch(page)).status, 404);
  const { stdout } = await holdfast.cli('trace', 'to:hanako@files.example', '--json');
  assert.ok(!stdout.includes(token));
  assert.ok((await holdfast.json<{ balanced: boolean }>('audit')).balanced);
});

test('H1: attachments become an encrypted ZIP, the same at each attempt; its password comes behind it in a mail of its own', async () => {
  const jiro = 'jiro@packed.example';
  await send([jiro]);
  await eventually('mail and password are there', async () => contentsFor(server, jiro).length === 3);
  const [first = '', ...others] = contentsFor(server, jiro).filter((one) => !one.includes('Auto-Submitted'));
  assert.deepEqual(others, [first]);
  assert.doesNotMatch(first, /JVBERi|offer\.pdf/);
  const [, packed = ''] = /filename="attachments\.zip"\r\n\r\n([A-Za-z0-9+/=\r\n]+)\r\n--b--/.exec(first) ?? [];
  const letter = contentsFor(server, jiro).find((one) => one.includes('Auto-Submitted')) ?? '';
  const told = Buffer.from(letter.split('\r\n\r\n')[1] ?? '', 'base64').toString();
  const [, password = ''] = /^ {2}([0-9a-z]{16})\r?$/m.exec(told) ?? [];
  assert.match(told, /Acme .*attachments\.zip/);
  const { files } = await openZip(Buffer.from(packed, 'base64'), password);
  assert.equal(files?.get('offer.pdf')?.toString(), '%PDF-1.4');
  const { stdout } = await holdfast.cli('trace', `to:${jiro}`, '--json');
  assert.ok(!stdout.includes(password));
  assert.ok((await holdfast.json<{ balanced: boolean }>('audit')).balanced);
});
