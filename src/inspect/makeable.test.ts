/** Verdicts that ask for changes, as inspection hands them on: by real rules, on real mail. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { MailAddress, MailInCustody, TenantId, Verdict } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import { recipientTo } from '#/testkit/facts/index.ts';
import { claimOf, directoryOf, tenantOf } from '#/testkit/index.ts';
import { mailWith } from './extract/sample-mail.ts';
import { mailVariants, RuleBook, RuleInspector } from './index.ts';

const WAIT_MS = 60_000;
const directory = directoryOf([tenantOf({ id: 'acme', domains: [] })]);
const open: RuleInspector[] = [];
after(() => Promise.all(open.map((inspector) => inspector[Symbol.asyncDispose]())));

async function verdictOf(
  action: Record<string, unknown>,
  content: Buffer | string,
  sent: Partial<MailInCustody> = {},
): Promise<Verdict> {
  const rules = [{ name: 'r', when: { direction: 'outbound' }, action }];
  const inspector = new RuleInspector(new RuleBook({ current: () => directory, freshSince: async () => true }, rules));
  open.push(inspector);
  const { mail } = claimOf({ mail: { tenant: 'acme' as TenantId, ...sent } });
  const everybody = [recipientTo('taro@example.test', 1)];
  const verdicts = await inspector.inspect(
    { mail, asked: [1], everybody, content: Buffer.from(content) },
    within(WAIT_MS),
  );
  const verdict = verdicts.get(1);
  assert.ok(verdict);
  return verdict;
}

const TO = { n: 1, address: 'taro@example.test' as MailAddress, original: null };
const FILES = mailWith(['quote.pdf', Buffer.from('%PDF-1.4')]);
const NUMBER = 'From: a@acme.test\r\nSubject: x\r\n\r\ncard 4111 1111 1111 1111\r\n';

test('H1: changes that can be made go on with the verdict, and all that they depend on stands in it', async () => {
  const verdict = await verdictOf({ strip: 'all', tagSubject: '[ext]' }, FILES);
  assert.equal(verdict.kind, 'pass');
  const [strip] = verdict.changes;
  assert.ok(strip?.kind === 'stripAttachments' && strip.text !== null && strip.parts[0] === '2');
  const variant = mailVariants(null).make(FILES, verdict.changes, TO);
  assert.match(variant.kind === 'made' ? Buffer.concat(variant.chunks).toString() : '', /was removed by a rule/);
  const asked = await verdictOf({ approve: { by: ['boss@acme.test'] }, tagSubject: '[ext]' }, FILES);
  assert.deepEqual([asked.kind, asked.changes.length], ['approve', 1]);
});

test('H1: a ZIP has all in its verdict that its octets depend on, its password excepted; each attachment goes one way', async () => {
  const verdict = await verdictOf({ zip: 'all' }, FILES);
  const [zip] = verdict.changes;
  assert.ok(verdict.kind === 'pass' && zip?.kind === 'encryptZip');
  assert.match(zip.zip?.id ?? '', /^[0-9A-Z]{16}\.[0-9a-f]{15}$/);
  assert.deepEqual([zip.passwordTo, zip.parts, zip.zip?.language], ['sender', ['2'], 'en']);
  const again = await verdictOf({ zip: { what: 'all', password: 'recipients' }, strip: 'all' }, FILES);
  assert.deepEqual(
    again.changes.map(({ kind }) => kind),
    ['stripAttachments'],
  );
});

test('H1: where nobody could be told the password, mail that is to become a ZIP waits for a person', async () => {
  const identity = { kind: 'peer', tenant: null, name: '' } as const;
  const held = await verdictOf({ zip: 'all' }, FILES, { identity });
  assert.ok(held.kind === 'hold' && /nobody has shown who that is/.test(held.reason.en), held.kind);
  assert.equal((await verdictOf({ zip: { what: 'all', password: 'recipients' } }, FILES, { identity })).kind, 'pass');
});

test('H1: what can’t be made, such as what would break a signature, waits for a person, in plain words', async () => {
  const signed = FILES.toString('latin1').replace('multipart/mixed', 'multipart/signed');
  const broken = await verdictOf({ strip: 'all' }, Buffer.from(signed, 'latin1'));
  assert.ok(broken.kind === 'hold' && /signed/.test(broken.reason.en) && /電子署名/.test(broken.reason.ja));
  assert.equal(broken.changes.length, 1);
});

test('H1: a number that can still be read after it was blacked out is a hold', async () => {
  assert.equal((await verdictOf({ redact: ['creditCard'] }, NUMBER)).kind, 'pass');
  // It stands in the header section of a mail that is attached.
  const inside = NUMBER.replace('Subject: x', 'Subject: card 4111 1111 1111 1111');
  const attached = `From: a@acme.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n${inside}\r\n--b--\r\n`;
  const verdict = await verdictOf({ redact: ['creditCard'] }, attached);
  assert.ok(verdict.kind === 'hold' && /still be read/.test(verdict.reason.en), verdict.kind);
});
