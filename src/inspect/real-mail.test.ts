/** Rules as people write them, on mail as it comes over the wire: extraction, checks and policy together. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Domain, MailAddress, Tenant, TenantId, User } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import { compileRules, decide, policyDirectory, readRules } from '#/policy/index.ts';
import { recipientTo } from '#/testkit/facts/index.ts';
import { docx, xlsx, zipOf } from './extract/sample-files.ts';
import { mailWith } from './extract/sample-mail.ts';
import { Checks, Extractor } from './index.ts';

const WAIT_MS = 120_000;
const extractor = new Extractor({ waitMs: WAIT_MS, threadWaitMs: WAIT_MS });
after(() => extractor[Symbol.asyncDispose]());

const directory = policyDirectory({
  domains: [{ name: 'acme.test' as Domain, catchAll: null, proven: true }],
  users: [
    { address: 'boss@acme.test', aliases: [], roles: ['admin'], attributes: {}, disabled: false },
  ] as unknown as User[],
  groups: [],
} satisfies Pick<Tenant, 'domains' | 'users' | 'groups'>);

async function verdictsOf(
  rules: readonly Record<string, unknown>[],
  mail: string | Buffer,
  recipients: readonly string[],
) {
  const envelope = {
    tenant: 'acme' as TenantId,
    identity: { kind: 'user', tenant: 'acme' as TenantId, name: 'alice@acme.test' },
    sender: 'alice@acme.test' as MailAddress,
    recipients: recipients.map((address, i) => recipientTo(address, i + 1)),
  } as const;
  const facts = await extractor.extract(Buffer.from(mail), envelope, within(WAIT_MS));
  const set = compileRules({ installation: [], tenant: readRules(rules).map(({ rule }) => rule) });
  const aids = {
    knownDomains: directory.ownDomains,
    knownRecipients: { bySender: NONE, byTenant: NONE },
    documents: null,
  };
  const answers = await new Checks(set.asks).answerInTurns(facts, aids, within(WAIT_MS));
  return [...decide(facts, answers, set, directory).values()];
}

const NONE: ReadonlySet<string> = new Set();

async function holds(
  when: Record<string, unknown>,
  mail: string | Buffer,
  recipient = 'taro@example.test',
): Promise<boolean> {
  const [verdict] = await verdictsOf([{ name: 'r', when, action: { hold: '1h' } }], mail, [recipient]);
  return verdict?.kind === 'hold';
}

function letter(fields: readonly string[], body: string): string {
  return ['From: Alice <alice@acme.test>', 'To: taro@example.test', 'MIME-Version: 1.0', ...fields, '', body, ''].join(
    '\r\n',
  );
}

/** ISO-2022-JP, as Japanese programs have written mail for thirty years. */
const SECRET = letter(
  [
    'Subject: =?ISO-2022-JP?B?GyRCIVo8UjMwSGshWzgrQFEkTiQ0TyJNbRsoQg==?=',
    'Content-Type: text/plain; charset=ISO-2022-JP',
    'Content-Transfer-Encoding: base64',
  ],
  'GyRCJSshPCVJSFY5ZiRPIzQjMSMxIzEhXSMxIzEjMSMxIV0jMSMxIzEjMSFdIzEjMSMxIzEkRyQ5ISMbKEINCg==',
);
const NUMBERS = Buffer.from(
  'カード番号は４１１１－１１１１－１１１１－１１１１です。\r\n個人番号：１２３４－５６７８－９０１８\r\n',
);
const FULL_WIDTH = letter(
  ['Subject: x', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: base64'],
  NUMBERS.toString('base64'),
);
const PLAIN = letter(['Subject: Lunch', 'X-Priority: 3'], 'See you at noon.');
const HTML = letter(
  ['Subject: x', 'Content-Type: text/html; charset=utf-8'],
  '<p>Card 4111&nbsp;1111<b>&nbsp;1111</b> 1111</p><p style="display:none">社<i>外</i>秘</p>',
);

test('H1: Japanese letters meet the words and numbers of rules, whatever their charset and width', async () => {
  assert.ok(await holds({ words: { dictionaries: 'confidential', in: 'subject' } }, SECRET));
  assert.ok(await holds({ words: { any: ['見積'] } }, SECRET));
  assert.ok(await holds({ detects: { creditCard: true } }, SECRET));
  assert.ok(await holds({ detects: { creditCard: { min: 1 } } }, FULL_WIDTH));
  assert.ok(await holds({ detects: { myNumber: true } }, FULL_WIDTH));
  for (const when of [{ words: { dictionaries: 'confidential' } }, { detects: { creditCard: true } }])
    assert.ok(!(await holds(when, PLAIN)));
});

test('H1: what HTML splits and hides is found', async () => {
  assert.ok(await holds({ detects: { creditCard: true } }, HTML));
  assert.ok(await holds({ words: ['社外秘'] }, HTML));
});

test('H1: numbers and words are found in documents, and in documents in archives', async () => {
  const people = xlsx([
    ['氏名', 'カード'],
    ['山田太郎', '4111-1111-1111-1111'],
  ]);
  assert.ok(await holds({ detects: { creditCard: { in: 'attachments' } } }, mailWith(['名簿.xlsx', people])));
  const memo = docx('<w:p><w:r><w:t>社外</w:t></w:r><w:r><w:t>秘</w:t></w:r></w:p>');
  const packed = zipOf([{ name: '資料/memo.docx', data: memo }]);
  assert.ok(await holds({ words: ['社外秘'] }, mailWith(['資料.zip', packed])));
  assert.ok(await holds({ attachments: { names: ['*.docx'], types: 'office' } }, mailWith(['資料.zip', packed])));
  assert.ok(!(await holds({ words: ['極秘'] }, mailWith(['資料.zip', packed]))));
});

test('H1: a locked archive counts as found where content is asked for, and as itself', async () => {
  const locked = zipOf([{ name: '見積.xlsx', data: Buffer.alloc(64, 7), flags: 0x801, method: 0 }]);
  const mail = mailWith(['見積.zip', locked]);
  assert.ok(await holds({ detects: { iban: true } }, mail));
  assert.ok(await holds({ attachments: { encrypted: true } }, mail));
  assert.ok(await holds({ unread: ['encrypted'] }, mail));
  assert.ok(!(await holds({ words: { any: ['秘'], in: ['subject', 'body'] } }, mail)));
});

test('H1: files are known by their octets, names and sizes', async () => {
  const zip = zipOf([{ name: 'a.txt', data: 'x' }]);
  assert.ok(await holds({ attachments: { disguised: true } }, mailWith(['写真.jpg', zip, 'image/jpeg'])));
  assert.ok(await holds({ attachments: { dangerous: true } }, mailWith(['請求書.pdf.exe', Buffer.from('MZ')])));
  assert.ok(
    await holds(
      { attachments: { count: { min: 2 } } },
      mailWith(['a.txt', Buffer.from('a')], ['b.txt', Buffer.from('b')]),
    ),
  );
  assert.ok(await holds({ attachments: { size: { min: '1kB' } } }, mailWith(['a.txt', Buffer.alloc(1_000, 'a')])));
  const macro = docx('<w:p/>', { name: 'word/vbaProject.bin', data: 'x' });
  assert.ok(await holds({ attachments: { macro: true } }, mailWith(['a.docm', macro])));
  for (const trait of ['disguised', 'dangerous', 'macro', 'encrypted'])
    assert.ok(!(await holds({ attachments: { [trait]: true } }, mailWith(['議事録.docx', docx('<w:p/>')]))), trait);
});

test('H1: header, size, patterns and recipients decide on real mail', async () => {
  assert.ok(await holds({ headers: [{ name: 'X-Priority', patterns: ['^[1-3]$'] }] }, PLAIN));
  assert.ok((await holds({ patterns: ['at\\s+noon'] }, PLAIN)) && !(await holds({ patterns: ['at\\s+night'] }, PLAIN)));
  assert.ok(await holds({ subject: { empty: true } }, letter(['Subject: '], 'x')));
  assert.ok(
    (await holds({ freeMail: true }, PLAIN, 'a@gmail.com')) &&
      (await holds({ lookAlike: true }, PLAIN, 'a@acrne.test')),
  );
  assert.ok(await holds({ firstTime: true }, PLAIN));
});

test('H1: the contract’s rules and the ready-made ones on one letter to many', async () => {
  const rules = [
    {
      name: 'cards',
      when: { direction: 'outbound', detects: { creditCard: { min: 1 } } },
      action: { approve: { by: ['boss@acme.test'], expire: '10d' } },
    },
    { name: 'delays', use: 'outbound-delays' },
  ];
  const to = ['bob@acme.test', 'a@one.test', 'b@two.test', 'c@three.test'];
  const plain = await verdictsOf(rules, PLAIN, to);
  assert.deepEqual(
    plain.map(({ kind, rule }) => [kind, rule]),
    [
      ['pass', null],
      ['hold', 'delays: three domains'],
      ['hold', 'delays: three domains'],
      ['hold', 'delays: three domains'],
    ],
  );
  const cards = await verdictsOf(rules, FULL_WIDTH, to);
  assert.deepEqual(
    cards.map(({ kind }) => kind),
    ['pass', 'approve', 'approve', 'approve'],
  );
  assert.match(cards[1]?.reason.ja ?? '', /^ルール「cards」により承認待ち：クレジットカード番号が1件ある。/);
});
