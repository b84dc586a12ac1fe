/**
 * Mail made to break who reads it, through the whole inspector: each has a verdict by the rules in bounded time, what can't be read counts as what a rule
 * looks for, and the same inspector judges the next mail as ever.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import type { MailAddress, MailInCustody, TenantId, Verdict } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import { recipientTo } from '#/testkit/facts/index.ts';
import { directoryOf, tenantOf } from '#/testkit/index.ts';
import { docx, pdfPage, zipOf } from './extract/sample-files.ts';
import { mailWith } from './extract/sample-mail.ts';
import { RuleBook, RuleInspector } from './index.ts';

const WAIT_MS = 120_000;
const CARD = '4111 1111 1111 1111';
/** More than one file may unpack to, and packed a thousand times smaller. */
const BOMB_BYTES = 140_000_000;
const RULES = [
  { name: 'card', when: { detects: { creditCard: true } }, action: { hold: '1h' } },
  { name: 'word', when: { words: ['社外秘'] }, action: { reject: 'no' } },
  { name: 'greedy', when: { patterns: ['(a+)+$', '(x+x+)+y'] }, action: { reject: 'a pattern' } },
];
const directory = directoryOf([tenantOf({ id: 'acme', domains: [] })]);
const inspector = new RuleInspector(new RuleBook({ current: () => directory, freshSince: async () => true }, RULES));
after(() => inspector[Symbol.asyncDispose]());

const LETTER = Buffer.from('From: a@acme.test\r\nSubject: hello\r\n\r\nSee you tomorrow.\r\n');

async function verdictOn(content: Buffer): Promise<Verdict | undefined> {
  const identity = { kind: 'user', tenant: 'acme' as TenantId, name: 'alice@acme.test' } as const;
  const mail = { id: 'MAIL', tenant: 'acme', identity, sender: 'alice@acme.test' as MailAddress, receivedAt: 0 };
  const everybody = [recipientTo('taro@example.test', 1)];
  const asked = { mail: mail as unknown as MailInCustody, asked: [1], everybody, content };
  return (await inspector.inspect(asked, within(WAIT_MS))).get(1);
}

/** The verdict on what is hostile, once a letter behind it has been judged as ever. */
async function survived(content: Buffer): Promise<Verdict | undefined> {
  const verdict = await verdictOn(content);
  assert.equal((await verdictOn(LETTER))?.kind, 'pass', 'the letter behind it');
  return verdict;
}

test('M4: an archive that swells is cut, and counts as holding what a rule looks for', async () => {
  const verdict = await survived(mailWith(['a.zip', zipOf([{ name: 'zeros', data: Buffer.alloc(BOMB_BYTES) }])]));
  assert.equal(verdict?.rule, 'card');
  assert.match(verdict?.reason.en ?? '', /could not be read/);
});

test('M4: archives in archives without end are left at some depth, and held', async () => {
  let nest = zipOf([{ name: 'a.txt', data: 'nothing' }]);
  for (let level = 0; level < 30; level++) nest = zipOf([{ name: 'n.zip', data: nest }]);
  assert.equal((await survived(mailWith(['a.zip', nest])))?.rule, 'card');
});

test('M4: the last of 10,000 parts is looked at as the first is', async () => {
  const part = (text: string): string => `--b\r\nContent-Type: text/plain\r\n\r\n${text}\r\n`;
  const mailOf = (last: string): Buffer =>
    Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${part('x').repeat(9_999)}${part(last)}--b--\r\n`);
  assert.equal((await survived(mailOf('x')))?.kind, 'pass');
  assert.equal((await survived(mailOf(CARD)))?.rule, 'card');
});

for (const [name, octets] of [
  ['a.pdf', pdfPage('a plain line', '日本語')],
  ['a.docx', docx('<w:p><w:r><w:t>a plain line</w:t></w:r></w:p>')],
] as const)
  test(`M4: ${name} that is cut or changed anywhere has a verdict: read, or held as unread`, async () => {
    const changes = fc.array(fc.tuple(fc.nat(octets.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(changes, fc.nat(octets.length), fc.boolean(), async (changed, end, isCut) => {
        const other = Buffer.from(octets);
        for (const [at, octet] of changed) other[at] = octet;
        const verdict = await survived(mailWith([name, isCut ? other.subarray(0, end) : other]));
        assert.match(`${verdict?.kind} ${verdict?.rule}`, /^(?:pass null|hold card|reject (?:word|greedy))$/);
      }),
      { numRuns: 15 },
    );
  });

test('M4: patterns over which other engines never end are answered', async () => {
  assert.equal((await survived(Buffer.from(`Subject: hi\r\n\r\n${'a'.repeat(100_000)}!\r\n`)))?.kind, 'pass');
  assert.equal((await survived(Buffer.from(`Subject: hi\r\n\r\n${'x'.repeat(100_000)}y\r\n`)))?.rule, 'greedy');
});

test('H1: a text that lies about its encoding is looked at as what it is', async () => {
  const jis = Buffer.from('\x1b$B<R30Hk\x1b(B', 'latin1');
  const lying = (type: string): Buffer =>
    Buffer.concat([Buffer.from(`Content-Type: text/plain; charset=${type}\r\n\r\n`), jis, Buffer.from('\r\n')]);
  for (const type of ['us-ascii', 'utf-8', 'iso-8859-1', 'x-none', 'iso-2022-jp'])
    assert.equal((await survived(lying(type)))?.rule, 'word', type);
});

test('H1: a name that leads out of its archive is a name, and its file is looked at', async () => {
  for (const name of ['../../etc/passwd', '/etc/passwd', 'C:\\windows\\a', '..\\..\\a'])
    assert.equal((await survived(mailWith(['a.zip', zipOf([{ name, data: CARD }])])))?.rule, 'card', name);
});

test('M4: a document that names a file of this host, or grows by entities, shows none of it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-hostile-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'secret');
  writeFileSync(file, CARD);
  const grown = Array.from({ length: 30 }, (_, i) => `<!ENTITY l${i + 1} "&l${i};&l${i};">`).join('');
  for (const entity of [`<!ENTITY f SYSTEM "file://${file}">`, `<!ENTITY l0 "${CARD}">${grown}`]) {
    const data = `<!DOCTYPE x [${entity}]><w:p><w:t>&f;&l30;</w:t></w:p>`;
    const verdict = await survived(mailWith(['a.docx', docx('<w:p/>', { name: 'word/x.xml', data })]));
    assert.match(`${verdict?.kind} ${verdict?.rule}`, /^(?:pass null|hold card)$/);
    if (entity.includes('SYSTEM')) assert.equal(verdict?.kind, 'pass', 'the file was read');
  }
});
