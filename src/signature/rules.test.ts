import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Direction, Domain, MailAddress, TenantId } from '#/model/index.ts';
import { policyDirectory } from '#/policy/index.ts';
import { chooseSignatures, type Letter, readSignatures, renderSignature, signatureTexts } from './index.ts';

const ACME = 'acme' as TenantId;
const ALICE = 'alice@acme.test' as MailAddress;
const directory = policyDirectory({
  domains: [{ name: 'acme.test' as Domain, catchAll: null, proven: true }],
  users: [],
  groups: [{ name: 'sales', address: 'sales@acme.test' as MailAddress, members: [ALICE] }],
});
const LETTER: Letter = {
  facts: { tenant: ACME, identity: { kind: 'user', tenant: ACME, name: ALICE }, sender: ALICE },
  subject: 'Offer 12',
  isReply: false,
  newest: 'Please find our Angebot.',
  day: '2026-12-01',
  attributes: { department: 'Sales' },
  directory,
};

function chosen(
  when: object,
  letter: Partial<Letter> = {},
  direction: Direction = 'outbound',
  more: object = {},
): boolean {
  const rules = readSignatures([{ name: 'one', text: 'x', when, ...more }]);
  const recipient = { address: 'bob@example.test' as MailAddress, direction };
  return chooseSignatures({ ...LETTER, ...letter }, recipient, rules).rules.length > 0;
}

test('C1: a signature is chosen by sender, group, attribute, recipient, word, day, and first mail or reply', () => {
  const cases: readonly (readonly [holds: boolean, when: object, letter?: Partial<Letter>, direction?: Direction])[] = [
    [true, { senders: ['group:sales'] }],
    [false, { senders: ['group:board'] }],
    [true, { senders: '*@acme.test', recipients: 'external' }],
    [false, { recipients: 'external' }, {}, 'internal'],
    [true, { recipients: 'internal' }, {}, 'internal'],
    [true, { recipients: ['*@example.test'] }],
    [true, { attributes: { department: ['sales', 'Marketing'] } }],
    [false, { attributes: { department: 'Board' } }],
    [false, { attributes: { phone: '*' } }],
    [true, { keywords: ['angebot'] }],
    [true, { keywords: 'OFFER' }],
    [false, { keywords: ['invoice'] }],
    [true, { mail: 'first' }],
    [false, { mail: 'reply' }],
    [true, { mail: 'reply' }, { isReply: true }],
    [true, { from: '2026-12-01', until: '2026-12-01' }],
    [false, { from: '2026-12-02' }],
    [false, { until: '2026-11-30' }],
  ];
  for (const [holds, when, letter, direction] of cases)
    assert.equal(chosen(when, letter, direction), holds, JSON.stringify(when));
  assert.equal(chosen({}, {}, 'outbound', { unless: { keywords: 'offer' } }), false);
  assert.equal(chosen({}, {}, 'outbound', { unless: [{ keywords: 'none' }, { mail: 'reply' }] }), true);
});

test('C1: the first rule that holds is the one, unless it says continue; each says why', () => {
  const rules = readSignatures([
    { name: 'banner', text: 'x', continue: true, when: { until: '2026-12-31' } },
    { name: 'board', text: 'x', when: { senders: 'ceo@acme.test' } },
    { name: 'standard', text: 'x' },
    { name: 'never', text: 'x' },
    { name: 'off', text: 'x', disabled: true },
  ]);
  const choice = chooseSignatures(LETTER, { address: 'bob@example.test' as MailAddress, direction: 'outbound' }, rules);
  assert.deepEqual(
    choice.rules.map(({ name }) => name),
    ['banner', 'standard'],
  );
  assert.deepEqual(
    choice.opinions.map(({ rule, holds }) => [rule, holds]),
    [
      ['banner', true],
      ['board', false],
      ['standard', true],
    ],
  );
  assert.match(choice.opinions[1]?.why.en ?? '', /sender is none of its senders/);
});

const BAD: readonly (readonly [what: string, entry: object, says: RegExp])[] = [
  ['a script', { html: '<p>x</p>\n<script>alert(1)</script>' }, /Line 2: <script> can't stand/],
  ['an event', { html: '<p onclick="x()">x</p>' }, /onclick of <p> runs a script/],
  ['an address that runs', { html: '<a href="javascript:alert(1)">x</a>' }, /href of <a> is no address/],
  ['an address that runs, hidden', { html: '<a href="java&#115;cript:alert(1)">x</a>' }, /href of <a> is no address/],
  ['a form', { html: '<form><input></form>' }, /<form> can't stand/],
  ['a frame', { html: '<iframe src="https://example.test"></iframe>' }, /<iframe> can't stand/],
  ['styles apart', { html: '<style>p{}</style>' }, /<style> can't stand/],
  ['a style that fetches', { html: '<p style="background:url(https://x.test)">x</p>' }, /style of <p> fetches/],
  ['another template', { html: '{% include "x" %}' }, /can't be read: line 1/],
  ['a tag that is not closed', { html: '<p>\n{% if a %}</p>' }, /can't be read: line 2/],
  ['a filter that nobody has', { html: '{{ a | raw }}' }, /raw/],
  ['nothing', {}, /neither html nor text/],
  ['an unknown word', { text: 'x', wenn: {} }, /name, description, when/],
  ['days that turn', { text: 'x', when: { from: '2026-12-02', until: '2026-12-01' } }, /Nothing is from/],
  ['a day that is none', { text: 'x', when: { from: '1 December' } }, /is no day/],
  ['an image that is none', { text: 'x', images: { logo: 'data:text/html;base64,AAAA' } }, /is no image/],
  [
    'images that are too large',
    {
      text: 'x',
      images: { a: `data:image/png;base64,${'A'.repeat(65_000)}`, b: `data:image/png;base64,${'A'.repeat(65_000)}` },
    },
    /130000 characters/,
  ],
];
for (const [what, entry, says] of BAD) {
  test(`C1: a signature with ${what} is refused, and the answer says where and why`, () => {
    const read = signatureTexts.safeParse([{ name: 'one', ...entry }]);
    const told = read.error?.issues.map(({ message }) => message).join('\n') ?? 'nothing is said';
    assert.match(told, says);
  });
}

function rendered(entry: object, values: object) {
  const [rule] = readSignatures([{ name: 'one', ...entry }]);
  assert.ok(rule);
  return renderSignature(rule, { ...values }, null);
}

test('C1: what the directory says is text in HTML, whatever it holds', () => {
  const { html, text } = rendered({ html: '<p>{{ name }}</p>' }, { name: '<script>alert("x")</script> & Co' });
  assert.equal(html, '<p>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; Co</p>');
  assert.equal(text, '<script>alert("x")</script> & Co');
  assert.equal(rendered({ html: '<a href="{{ web }}">w</a>' }, { web: 'javascript:alert(1)' }).html, '<a>w</a>');
  assert.equal(
    rendered({ html: '<a href="{{ web }}">w</a>' }, { web: 'https://a.test' }).html,
    '<a href="https://a.test">w</a>',
  );
});

test('C1: a line whose values are all empty vanishes, with its words and its frame', () => {
  const html =
    '<p>{{ name }}<br>Tel: <b>{{ phone }}</b><br>Fax: {{ fax }} / {{ phone }}</p><table><tr><td>Web</td><td>{{ web }}</td></tr><tr><td>Mail</td><td>{{ email }}</td></tr></table>';
  assert.equal(
    rendered({ html }, { name: 'Alice', email: 'a@b.test' }).html,
    '<p>Alice</p><table><tr><td>Mail</td><td>a@b.test</td></tr></table>',
  );
  const text = '{{ name }}\nTel: {{ phone }}\nMail: {{ email }}\n';
  assert.equal(rendered({ text }, { name: 'Alice', email: 'a@b.test' }).text, 'Alice\nMail: a@b.test');
  assert.equal(rendered({ text: 'Tel: {{ phone }} / {{ fax }}' }, { fax: '1' }).text, 'Tel:  / 1');
});

test('C1: letter case, defaults and conditions are Liquid’s; text is made of HTML, and HTML of text, where one is missing', () => {
  const html = '<p>{{ name | upcase }}, {{ title | default: "Staff" }}{% if phone %}<br>{{ phone }}{% endif %}</p>';
  const made = rendered({ html }, { name: 'Alice' });
  assert.equal(made.html, '<p>ALICE, Staff</p>');
  assert.equal(made.text, 'ALICE, Staff');
  assert.equal(rendered({ text: 'A & {{ name }}\nB' }, { name: '<i>' }).html, 'A &amp; &lt;i&gt;<br>\nB');
});

test('C1: a picture that somebody has not is left out, and one that is there comes along once', () => {
  const html = '<p><img src="cid:photo" alt="me"><img src="cid:logo"><img src="cid:logo"></p>';
  const made = rendered({ html, images: { logo: 'data:image/png;base64,AAAA' } }, {});
  assert.equal(made.html, '<p><img src="cid:logo"><img src="cid:logo"></p>');
  assert.deepEqual(
    made.images.map(({ name }) => name),
    ['logo'],
  );
});

test('C1: a template that would run without end is stopped', () => {
  assert.throws(() => rendered({ text: '{% for i in (1..100000000) %}{{ i }}{% endfor %}' }, {}));
});
