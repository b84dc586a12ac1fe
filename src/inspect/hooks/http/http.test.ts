import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { judge, letter, toPort } from '#/testkit/hooks/index.ts';

const SECRET = 'a secret of both sides';
const RULES = [{ name: 'dlp', when: { hooks: 'beside' }, action: { hold: { atEnd: 'expire' } } }];

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A program that answers pings, and mail as it is told. */
async function program(answer: unknown, status = 200) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url = '', headers } = request;
      asked.push({ method, path: url, headers, body });
      if (method === 'GET') response.writeHead(405).end();
      else response.writeHead(status).end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

function target(send: 'facts' | 'mail' = 'facts') {
  return { host: 'dlp.test:8443', path: '/check?for=acme', send, secret: SECRET } as const;
}

function isSigned({ headers, body }: Asked): boolean {
  const [, at = '', mac = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-holdfast-signature'])) ?? [];
  return mac === createHmac('sha256', SECRET).update(`${at}.${body}`).digest('hex');
}

test('H1: a program is told what is known of a mail, signed, and what it finds holds the mail with its reasons', async () => {
  const reasons = [{ en: 'it names project Kestrel', ja: '案件名「ケストレル」' }, 'second\r\nline'];
  await using server = await program({ verdict: 'found', reasons, score: 7 });
  await using inspection = judge(target(), toPort(server.port), RULES);
  const verdict = await inspection.verdict(letter('社外秘 Kestrel'));
  assert.equal(verdict.kind, 'hold');
  assert.match(verdict.reason.en, /it reports “it names project Kestrel”/);
  assert.match(verdict.reason.ja, /「案件名「ケストレル」」と報告された/);
  assert.doesNotMatch(verdict.reason.en, /[\r\n]/);
  const [asked] = server.asked;
  assert.ok(asked !== undefined && isSigned(asked));
  assert.deepEqual([asked.method, asked.path, asked.headers.host], ['POST', '/check?for=acme', 'dlp.test:8443']);
  const told = JSON.parse(asked.body);
  assert.equal(told.version, 1);
  assert.deepEqual(told.recipients, [{ address: 'taro@example.test', original: null, direction: 'outbound' }]);
  assert.deepEqual([told.sender, told.identity.kind, told.subject], ['alice@acme.test', 'user', 'x']);
  assert.ok(told.parts.some((part: { text: string | null }) => part.text?.includes('社外秘 Kestrel')));
  assert.equal(told.content, undefined);
});

test('H1: a program that asks for the mail gets its octets, and no more than the envelope beside them', async () => {
  await using server = await program({ verdict: 'clean' });
  await using inspection = judge(target('mail'), toPort(server.port), RULES);
  const mail = letter('octets');
  assert.equal((await inspection.verdict(mail)).kind, 'pass');
  const told = JSON.parse(server.asked[0]?.body ?? '');
  assert.deepEqual(Buffer.from(told.content, 'base64'), mail);
  assert.equal(told.parts, undefined);
});

test('H1: a score of a program decides where the rule asks for one', async () => {
  await using server = await program({ verdict: 'clean', score: 6.5 });
  for (const [min, kind] of [
    [6, 'hold'],
    [7, 'pass'],
  ] as const) {
    const rules = [{ ...RULES[0], when: { hooks: { any: 'beside', score: { min } } } }];
    await using inspection = judge(target(), toPort(server.port), rules);
    assert.equal((await inspection.verdict(letter('x'))).kind, kind);
  }
});

test('H1: a mail that was too long to be told whole counts as found, whatever the program says', async () => {
  await using server = await program({ verdict: 'clean' });
  await using inspection = judge(target(), toPort(server.port), RULES);
  const verdict = await inspection.verdict(letter('a long letter\r\n'.repeat(300_000)));
  assert.equal(verdict.kind, 'hold');
  assert.match(verdict.reason.en, /could not be read/);
  assert.ok(JSON.parse(server.asked[0]?.body ?? '').parts.some((part: { textCut: boolean }) => part.textCut));
});

for (const [what, answer, status] of [
  ['is unable to read it', { verdict: 'unread' }, 200],
  ['answers no JSON', 'clean', 200],
  ['answers another schema', { verdict: 'fine' }, 200],
  ['answers 413', { verdict: 'clean' }, 413],
] as const) {
  test(`M4: a program that is there and ${what} has not cleared the mail, even where its absence lets mail go`, async () => {
    await using server = await program(answer, status);
    const absences = { 'hook:beside': 'deliver-unchanged' } as const;
    await using inspection = judge(target(), toPort(server.port), RULES, { absences });
    assert.equal((await inspection.verdict(letter('x'))).kind, 'hold');
    assert.ok(server.asked.every(isSigned));
  });
}
