/** Passwords of encrypted ZIPs: who is told, when, and who is not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ArrivedMail, Change, PolicyVersion, Verdict, ZipId } from '#/model/index.ts';
import {
  claimOf,
  type DeliveryBenchOptions,
  routeKey,
  routeTo,
  ScriptedServer,
  startBench,
  testZipKeys,
  textOf,
} from '#/testkit/index.ts';

const BODY = '\r\n--b\r\nContent-Type: application/pdf; name=offer.pdf\r\n\r\n%PDF-1.4\r\n--b--\r\n';
const CONTENT = `From: alice@acme.test\r\nSubject: Offer\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello${BODY}`;
const ID = '01M6Z0V6K8Q3T9XA.abc' as ZipId;
const PASSWORD = testZipKeys().password(ID);

function zipped(passwordTo: 'sender' | 'recipients', language: 'en' | 'ja' = 'en'): Verdict {
  const change: Change = { kind: 'encryptZip', parts: ['2'], passwordTo, zip: { id: ID, at: 0, language } };
  const reason = { en: '', ja: '' };
  return { kind: 'pass', rule: 'r', version: '1' as PolicyVersion, reason, changes: [change], notify: [] };
}

interface Letter {
  readonly to: string;
  readonly purpose: string;
  readonly once: string | undefined;
  readonly bornOf: unknown;
  readonly text: string;
}

function letterOf(mail: ArrivedMail & { readonly once?: string; readonly bornOf?: unknown }): Letter {
  const [, body = ''] = textOf(mail).split('\r\n\r\n');
  const { purpose, once, bornOf } = mail;
  const text = Buffer.from(body, 'base64').toString();
  return { to: mail.recipients.map(({ address }) => address).join(' '), purpose, once, bornOf, text };
}

/** What comes of one mail to two people, of whom the server takes those that `takes` says. */
async function sent(
  verdict: Verdict,
  more: Parameters<typeof claimOf>[0] = {},
  takes: (line: string) => boolean = () => true,
) {
  await using server = await ScriptedServer.start({
    answer: (step, line) => (step === 'rcpt' && !takes(line) ? '550 5.1.1 nobody' : null),
  });
  const content = Buffer.from(CONTENT);
  const body = { kind: 'memory', chunks: [content], size: content.length } as const;
  const options: DeliveryBenchOptions = { routes: [routeTo(server.port)], custody: { body: async () => body } };
  await using bench = startBench({ ...options, localDomains: ['acme.test'] });
  const to = ['taro@partner.test', 'hanako@partner.test'];
  bench.work.offer(routeKey(server.port), [claimOf({ content: CONTENT, to, recipient: { verdict }, ...more })]);
  await bench.work.until({ settled: 1 });
  return { mails: server.mails.map(({ content: got }) => got), born: bench.work.born.map(letterOf), bench };
}

test('H1: once somebody has the mail its sender is told the password, once, and no recipient is', async () => {
  const { mails, born } = await sent(zipped('sender'));
  assert.match(mails[0] ?? '', /attachments\.zip/);
  assert.doesNotMatch(mails[0] ?? '', /%PDF|offer\.pdf/);
  assert.ok(!(mails[0] ?? '').includes(PASSWORD));
  assert.equal(born.length, 1);
  const [{ to, purpose, once, text } = {} as Letter] = born;
  assert.deepEqual([to, purpose, once], ['alice@acme.test', 'notice', `zip ${ID}`]);
  assert.ok(text.includes(PASSWORD) && text.includes('Hello') && /by another way than mail/.test(text), text);
});

test('H1: where the rule says so each recipient who has the mail is told, and nobody else', async () => {
  const { born } = await sent(zipped('recipients', 'ja'), {}, (line) => !line.includes('hanako'));
  const letters = born.filter(({ purpose }) => purpose === 'notice');
  assert.deepEqual(
    letters.map(({ to, bornOf, once }) => [to, bornOf, once]),
    [['taro@partner.test', 1, `zip ${ID} 1`]],
  );
  assert.match(letters[0]?.text ?? '', /添付ファイル attachments\.zip のパスワード/);
  assert.ok(letters[0]?.text.includes(PASSWORD));
});

test('H1: nobody is told the password of a mail that nobody has, nor a stranger whose address may be invented', async () => {
  const none = await sent(zipped('sender'), {}, () => false);
  assert.deepEqual(
    none.born.filter(({ purpose }) => purpose === 'notice'),
    [],
  );
  const identity = { kind: 'peer', tenant: null, name: '' } as const;
  assert.deepEqual((await sent(zipped('sender'), { mail: { identity } })).born, []);
});
