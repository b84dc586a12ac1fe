import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contentFacts, decodeWords, headerValue, readHeaders, readMessage } from '#/codec/mime/index.ts';
import type { MailAddress } from '#/model/index.ts';
import { directoryOf } from '#/testkit/index.ts';
import { compileRules, decide, MailTexts, nameOfAnswer, RuleFacts, readRules, writeAnswer } from './index.ts';

const NOW = Date.UTC(2026, 11, 25);
const AWAY = { text: 'I am away.', from: '2026-12-24T00:00:00Z', until: '2027-01-06T00:00:00Z' };

interface Sketch {
  readonly sender?: string | null;
  readonly now?: number;
  readonly rules?: readonly object[];
}

function answered(fields: Readonly<Record<string, string>> = {}, more: object = {}): boolean {
  const { sender = 'x@world.test', now = NOW, rules = [], ...vacation } = more as Sketch;
  const read = readRules({ rules, vacation: { ...AWAY, ...vacation } });
  assert.ok(read.kind === 'rules');
  const all = { From: 'x@world.test', To: 'alice@acme.test', Subject: 'hello', ...fields };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const content = Buffer.from(`${head.join('')}\r\nhi\r\n`);
  const own = ['alice@acme.test', 'a.archer@acme.test'] as MailAddress[];
  const envelope = { sender: sender as MailAddress | null, hops: 1, own, original: null, directory: directoryOf([]) };
  const texts = new MailTexts(content, readMessage(content));
  const facts = new RuleFacts({ ...envelope, texts, size: content.length });
  const { answer } = decide(compileRules(read.rules), facts, now);
  return answer !== null;
}

test('RFC 5230 §4.5: who wrote to this person is answered, under any of their addresses', () => {
  for (const to of ['alice@acme.test', '"Alice" <A.Archer@acme.test>', 'alice+x@acme.test']) {
    assert.ok(answered({ To: to }), to);
    assert.ok(answered({ To: 'all@acme.test', Cc: to }), to);
  }
  for (const to of ['all@acme.test', 'alice@other.test', '', 'undisclosed-recipients:;'])
    assert.ok(!answered({ To: to }), to);
  assert.ok(answered({ To: 'Old@former.test' }, { addresses: 'old@former.test' }));
});

test('RFC 3834 §2: machines, lists and nobody are not answered', () => {
  for (const fields of [
    { 'Auto-Submitted': 'auto-replied' },
    { 'Auto-Submitted': 'auto-generated; x=y' },
    { 'Auto-Submitted': 'Auto-Notified' },
    { Precedence: 'bulk' },
    { Precedence: 'LIST' },
    { precedence: 'junk' },
    { 'List-Id': '<a.b>' },
    { 'List-Unsubscribe': '<mailto:x@y.test>' },
    { 'List-Post': 'NO' },
    { 'X-Auto-Response-Suppress': 'DR, OOF' },
  ] as Record<string, string>[])
    assert.ok(!answered(fields), JSON.stringify(fields));
  assert.ok(answered({ 'Auto-Submitted': 'no' }));
  assert.ok(answered({ Precedence: 'first-class' }));
  for (const local of [
    'MAILER-DAEMON',
    'postmaster',
    'owner-list',
    'list-request',
    'list-owner',
    'list-bounces',
    'bounce+x=y',
    'noreply',
    'do-not-reply',
    'listserv',
    'majordomo',
  ])
    assert.ok(!answered({}, { sender: `${local}@world.test` }), local);
  for (const sender of [null, 'alice@acme.test', 'A.Archer+x@acme.test']) assert.ok(!answered({}, { sender }));
  for (const local of ['owner', 'request', 'daemon', 'SRS0=abcd=UV=b.test=x'])
    assert.ok(answered({}, { sender: `${local}@world.test` }), local);
});

test('RFC 5230 §4: what a rule throws away is not answered, what it moves is', () => {
  const rule = (action: object) => ({ rules: [{ name: 'r', action }] });
  assert.ok(!answered({}, rule({ discard: true })));
  assert.ok(answered({}, rule({ move: 'Projects' })));
  assert.ok(answered({}, rule({ forward: 'y@else.test', keep: false })));
});

test('RFC 5230 §4: only while the person is away', () => {
  assert.ok(!answered({}, { now: Date.parse(AWAY.from) - 1 }));
  assert.ok(answered({}, { now: Date.parse(AWAY.from) }));
  assert.ok(answered({}, { now: Date.parse(AWAY.until) - 1 }));
  assert.ok(!answered({}, { now: Date.parse(AWAY.until) }));
});

const ANSWER = { to: 'x@world.test' as MailAddress, subject: null, text: 'Away\nuntil May.', days: 7 };

function written(fields: string, more: Partial<Parameters<typeof writeAnswer>[0]> = {}): Buffer {
  const facts = readMessage(Buffer.from(`${fields}\r\n\r\nhi\r\n`));
  const mail = { answer: ANSWER, facts, from: 'alice@acme.test' as MailAddress, displayName: 'Alice "A" Archer' };
  return Buffer.from(writeAnswer({ ...mail, messageId: 'n@mx.test', now: NOW, ...more }));
}

test('RFC 3834 §3: an answer names whom it is from, what it answers, and that nobody typed it', () => {
  const text = written('Subject: hello\r\nMessage-ID: <1@w>\r\nReferences: <0@w> <00@w>');
  const head = readHeaders([text]);
  const of = (name: string) => headerValue(head, name);
  assert.equal(of('from'), '"Alice \\"A\\" Archer" <alice@acme.test>');
  assert.equal(of('to'), '<x@world.test>');
  assert.equal(of('subject'), 'Auto: hello');
  assert.deepEqual([of('in-reply-to'), of('references')], ['<1@w>', '<0@w> <00@w> <1@w>']);
  assert.equal(of('auto-submitted'), 'auto-replied');
  const body = text.subarray(head.bytes).toString();
  assert.equal(Buffer.from(body, 'base64').toString(), 'Away\r\nuntil May.\r\n');
});

test('RFC 2047: subject, name and text in Japanese are read as they were written', () => {
  const answer = { ...ANSWER, subject: '不在のお知らせ', text: '1月6日まで休みです。\n'.repeat(50) };
  const text = written('Subject: x', { answer, displayName: '有栖川 有栖' });
  assert.ok(text.every((octet) => octet < 128));
  assert.ok(
    text
      .toString()
      .split('\r\n')
      .every((line) => line.length <= 200),
  );
  const head = readHeaders([text]);
  assert.equal(contentFacts(head).subject, '不在のお知らせ');
  assert.equal(decodeWords(headerValue(head, 'from') ?? ''), '有栖川 有栖 <alice@acme.test>');
});

test('RFC 5322 §2.2: nothing that the answered mail or the owner says can make a field or end the header', () => {
  const text = fc.string({
    unit: fc.constantFrom('\r', '\n', '\0', ':', '<', '>', ' ', 'a', 'é', '\\', '"'),
    maxLength: 40,
  });
  fc.assert(
    fc.property(text, text, text, (subject, name, id) => {
      const safe = subject.replace(/[\r\n]/g, '');
      const mail = written(`Subject: ${safe}\r\nMessage-ID: <${id.replace(/[\r\n]/g, '')}@w>`, {
        displayName: name,
        answer: { ...ANSWER, subject: subject === '' ? null : subject },
      });
      const head = readHeaders([mail]);
      const known = ['from', 'to', 'subject', 'date', 'message-id', 'in-reply-to', 'references', 'auto-submitted'];
      const mime = ['mime-version', 'content-type', 'content-transfer-encoding'];
      const names = head.fields.map((field) => field.name);
      assert.deepEqual(
        names.filter((each) => ![...known, ...mime].includes(each)),
        [],
      );
      assert.equal(new Set(names).size, names.length);
      assert.equal(Buffer.from(mail.subarray(head.bytes).toString(), 'base64').toString(), 'Away\r\nuntil May.\r\n');
    }),
  );
});

test('RFC 5230 §4.2: another text is another answer, and the same one is the same', () => {
  assert.equal(nameOfAnswer(ANSWER), nameOfAnswer({ ...ANSWER, days: 3 }));
  assert.notEqual(nameOfAnswer(ANSWER), nameOfAnswer({ ...ANSWER, text: 'Back in May.' }));
  assert.notEqual(nameOfAnswer(ANSWER), nameOfAnswer({ ...ANSWER, subject: 'Away' }));
});
