import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readMessage } from '#/codec/mime/index.ts';
import type { MailAddress } from '#/model/index.ts';
import { directoryOf, tenantOf } from '#/testkit/index.ts';
import { type CompiledRules, compileRules, decide, MailTexts, type Plan, RuleFacts, readRules } from './index.ts';
import { stepsMax } from './limits.ts';

const NOW = Date.UTC(2026, 11, 25);
const OWN = ['alice@acme.test', 'a.archer@acme.test'] as MailAddress[];

const DIRECTORY = directoryOf([
  tenantOf({
    id: 'acme',
    domains: ['acme.test'],
    users: [OWN, ['bob@acme.test'], ['carol@acme.test']],
    groups: { 'all@acme.test': ['alice@acme.test', 'bob@acme.test', 'carol@acme.test'] },
    catchAll: { 'acme.test': 'all@acme.test' },
  }),
]);

interface Sketch {
  readonly fields?: Readonly<Record<string, string>>;
  readonly sender?: string | null;
  readonly hops?: number;
  readonly original?: string | null;
  readonly body?: string;
}

function factsOf({ fields = {}, sender = 'x@world.test', hops = 1, original = null, body = 'hi' }: Sketch): RuleFacts {
  const all = { From: 'Xaver X <x@world.test>', To: 'alice@acme.test', Subject: 'hello', ...fields };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const content = Buffer.from(`${head.join('')}\r\n${body}\r\n`);
  return new RuleFacts({
    texts: new MailTexts(content, readMessage(content)),
    size: content.length,
    sender: sender as MailAddress | null,
    hops,
    own: OWN,
    original: original as MailAddress | null,
    directory: DIRECTORY,
  });
}

function rulesOf(given: unknown): CompiledRules {
  const read = readRules(given);
  assert.ok(read.kind === 'rules', read.kind === 'mistakes' ? read.mistakes.join('\n') : '');
  return compileRules(read.rules);
}

function plan(given: unknown, sketch: Sketch = {}): Plan {
  return decide(rulesOf(given), factsOf(sketch), NOW);
}

/** Whether a rule with these conditions speaks of the mail. */
function speaks(when: unknown, sketch: Sketch = {}, match: 'all' | 'any' = 'all'): boolean {
  return plan({ rules: [{ name: 'it', when, match, action: { discard: true } }] }, sketch).by.length === 1;
}

test('design 1: conditions on fields look at what people see, in any case and any code', () => {
  const japanese = { fields: { Subject: '=?utf-8?B?5Lya6K2w44Gu44GU5qGI5YaF?=', From: '"Bob B." <BOB@Partner.test>' } };
  for (const when of [
    { subject: '会議' },
    { subject: { is: '会議のご案内' } },
    { subject: { contains: ['no', '案内'] } },
    { from: 'bob b.' },
    { from: { is: 'bob@partner.test' } },
    { from: { domain: 'partner.test' } },
    { from: { domain: ['other.test', 'PARTNER.test'] }, subject: '会議' },
    { header: { subject: '会議', To: 'alice' } },
    { subject: { contains: 'invoice', not: true } },
    {},
  ])
    assert.equal(speaks(when, japanese), true, JSON.stringify(when));
  for (const when of [
    { subject: 'invoice' },
    { from: { is: 'bob' } },
    { from: { domain: 'test' } },
    { from: 'bob b.', subject: 'invoice' },
    { cc: 'bob' },
    { subject: { contains: '会議', not: true } },
    { header: { 'X-None': 'a' } },
  ])
    assert.equal(speaks(when, japanese), false, JSON.stringify(when));
  assert.equal(speaks({ from: 'bob b.', subject: 'invoice' }, japanese, 'any'), true);
});

test('design 1: conditions on the envelope, the size, attachments and who was written to', () => {
  assert.equal(speaks({ sender: { is: 'X@world.test' } }), true);
  assert.equal(speaks({ sender: { domain: 'world.test', not: true } }, { sender: null }), true);
  assert.equal(speaks({ larger: '1kB' }, { body: 'x'.repeat(2_000) }), true);
  assert.equal(speaks({ larger: 1_000 }), false);
  assert.equal(speaks({ smaller: '10MB' }), true);
  assert.equal(speaks({ attachment: true }), false);
  for (const to of ['alice@acme.test', 'A.Archer+lists@ACME.test', 'x@y.test, "Alice" <alice@acme.test>'])
    assert.equal(speaks({ direct: true }, { fields: { To: to } }), true, to);
  assert.equal(speaks({ direct: true }, { fields: { To: 'all@acme.test' } }), false);
  assert.equal(speaks({ direct: false }, { fields: { To: 'all@acme.test' } }), true);
});

test('design 1: rules go in order; the first that matches ends the search unless it says continue', () => {
  const mark = (name: string, more: object = {}) => ({ name, action: { mark: name }, ...more });
  const rules = [mark('off', { off: true }), mark('one', { continue: true }), mark('seen'), mark('never')];
  const { keep, by } = plan({ rules });
  assert.deepEqual(by, ['one', 'seen']);
  assert.deepEqual(keep, { into: null, flags: ['one', '\\Seen'] });
  assert.deepEqual(plan({}).keep, { into: null, flags: [] });
});

test('RFC 5228 §2.10.2: discard and forward without a copy never take back what was moved by name', () => {
  const move = { name: 'move', action: { move: 'Projects/2026' }, continue: true };
  const discard = { name: 'discard', action: { discard: true } };
  const away = { name: 'away', action: { forward: 'y@else.test', keep: false } };
  assert.equal(plan({ rules: [discard] }).keep, null);
  assert.equal(plan({ rules: [move, discard] }).keep?.into, 'Projects/2026');
  const alone = plan({ rules: [away] });
  assert.deepEqual([alone.keep, alone.forwards], [null, ['y@else.test']]);
  const both = plan({ rules: [move, away] });
  assert.deepEqual([both.keep?.into, both.forwards], ['Projects/2026', ['y@else.test']]);
});

test('RFC 5321 §6.3: what has been here, has gone from hand to hand or has come too far is kept, not forwarded', () => {
  const rules = [{ name: 'away', action: { forward: ['y@else.test', 'z@else.test'], keep: false } }];
  const end = (sketch: Sketch) => {
    const { keep, forwards, wayEnded } = plan({ rules }, sketch);
    return [keep !== null, forwards.length, wayEnded];
  };
  assert.deepEqual(end({}), [false, 2, null]);
  for (const been of ['alice@acme.test', 'ALICE@acme.test', '<a.archer+x@acme.test>'])
    assert.deepEqual(end({ fields: { 'Delivered-To': been } }), [true, 0, 'been here'], been);
  assert.deepEqual(end({ fields: { 'Delivered-To': 'bob@acme.test' } }), [false, 2, null]);
  assert.deepEqual(end({ hops: 50 }), [true, 0, 'too far']);
  const both = { rules: [{ name: 'both', action: { forward: 'y@else.test', discard: true } }] };
  assert.equal(plan(both).keep, null);
  assert.ok(plan(both, { hops: 50 }).keep !== null);
  const bob = 'bob@acme.test\r\nDelivered-To: c@acme.test\r\nDelivered-To: d@acme.test\r\nDelivered-To: e@acme.test';
  assert.deepEqual(end({ fields: { 'Delivered-To': `${bob}\r\nDelivered-To: f@acme.test` } }), [true, 0, 'too far']);
});

test('O6: a mail goes to a group by a forward once, and not to the group it came by: members who forward to it make no flood', () => {
  const forwarded = (to: readonly string[], sketch: Sketch) => {
    const rules = [{ name: 'away', action: { forward: to, keep: false } }];
    const { keep, forwards, wayEnded } = plan({ rules }, sketch);
    return [keep !== null, forwards, wayEnded];
  };
  const once = { fields: { 'Delivered-To': 'bob@acme.test' } };
  for (const group of ['all@acme.test', 'All+x@acme.test', 'anybody@acme.test', 'postmaster@acme.test']) {
    assert.deepEqual(forwarded([group], {}), [false, [group], null]);
    assert.deepEqual(forwarded([group], once), [true, [], 'shared'], group);
  }
  assert.deepEqual(forwarded(['all@acme.test'], { original: 'ALL@acme.test' }), [true, [], 'shared']);
  const some = ['carol+x@acme.test', 'y@else.test'];
  assert.deepEqual(forwarded([...some, 'all@acme.test'], once), [true, some, 'shared']);
  assert.deepEqual(forwarded(some, { ...once, original: 'bob@acme.test' }), [false, some, null]);
  const outside = { fields: { 'Delivered-To': 'alice@elsewhere.test' } };
  assert.deepEqual(forwarded(['all@acme.test'], outside), [false, ['all@acme.test'], null]);
});

test('RFC 5321 §4.5.5: a bounce that is forwarded stays here too; a forward to oneself is none', () => {
  const rules = [{ name: 'away', action: { forward: ['y@else.test', 'a.archer@acme.test'], keep: false } }];
  const bounce = plan({ rules }, { sender: null });
  assert.deepEqual([bounce.keep !== null, bounce.forwards], [true, ['y@else.test']]);
  const self = plan({ rules: [{ name: 'me', action: { forward: 'Alice+x@acme.test', keep: false } }] });
  assert.deepEqual([self.keep !== null, self.forwards], [true, []]);
});

test('design 1: a plan keeps the mail, sends it on, or names the rule that threw it away; whatever was written', () => {
  const word = fc.constantFrom('hello', 'x', 'alice', 'world.test', '');
  const action = fc.constantFrom(
    { move: 'A' },
    { mark: 'seen' },
    { forward: 'y@else.test' },
    { forward: 'y@else.test', keep: false },
    { forward: 'alice@acme.test', keep: false },
    { discard: true },
    { discard: true, forward: 'z@else.test' },
  );
  const when = fc.constantFrom({}, { subject: 'hello' }, { from: 'nobody' }, { direct: true }, { larger: 5 });
  const rule = fc.record({ name: fc.constant('r'), when, action, continue: fc.boolean() });
  const sketch = fc.record({
    fields: fc.dictionary(fc.constantFrom('Delivered-To', 'Subject', 'To'), word),
    sender: fc.constantFrom('x@world.test', null, 'alice@acme.test'),
    hops: fc.nat(60),
  });
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 6 }), sketch, (rules, mail) => {
      const compiled = rulesOf({ rules });
      const { keep, forwards, by } = decide(compiled, factsOf(mail), NOW);
      const thrown = compiled.rules.some(({ action: { discard } }) => discard) && by.length > 0;
      assert.ok(keep !== null || forwards.length > 0 || thrown);
      // A bounce is thrown away by `discard` alone.
      if (mail.sender === null && !thrown) assert.ok(keep !== null);
      if (keep === null) assert.ok(compiled.mayKeepNothing);
      const again = rulesOf(JSON.parse(JSON.stringify(compiled.document)));
      assert.deepEqual(decide(again, factsOf(mail), NOW).forwards, forwards);
    }),
  );
});

test('O3: what one decision costs has a bound, however many words, fields and addresses meet; each is folded once', (t) => {
  const word = (i: number) => `Wörd${i.toString(36)}`;
  const words = Array.from({ length: 8_000 }, (_, i) => word(i));
  const whens = Array.from({ length: 80 }, (_, i) => {
    const some = words.slice(100 * i, 100 * i + 100);
    return i % 2 === 0 ? { to: some } : { header: { 'X-Many': { contains: some } } };
  });
  const rules = [...whens, { direct: true }].map((when) => ({ name: 'r', when, action: { discard: true } }));
  const to = Array.from({ length: 2_000 }, (_, i) => `"Ä ${i}" <a${i}@b.test>`).join(',\r\n ');
  const many = Array.from({ length: 1_500 }, (_, i) => `ä${i}`).join('\r\nX-Many: ');
  const mail = { fields: { To: to, 'X-Many': many } };
  const [compiled, facts] = [rulesOf({ rules }), factsOf(mail)];
  const searches = t.mock.method(String.prototype, 'includes');
  const folds = t.mock.method(String.prototype, 'normalize');
  assert.ok(decide(compiled, facts, NOW).keep !== null);
  const searched = searches.mock.calls.reduce((sum, { this: text }) => sum + (text as string).length, 0);
  assert.ok(searched > stepsMax / 2 && searched <= 1.1 * stepsMax, `searched ${searched}`);
  // A name and an address each, and the values; no word of a rule.
  assert.ok(folds.mock.callCount() <= 5_500 + 10, `folded ${folds.mock.callCount()}`);
});

test('design 1: a word is found in one value or address, and in no two together', () => {
  const mail = { fields: { To: 'one@b.test, two@b.test', 'X-Two': 'one\r\nX-Two: two' } };
  for (const where of ['to', 'header'] as const)
    for (const between of ['', ' ', '\n', '\0']) {
      const words = [`one${between}two`, `one@b.test${between}two`];
      assert.equal(speaks(where === 'to' ? { to: words } : { header: { 'x-two': words } }, mail), false, words.join());
    }
});

test('O6: what can not be understood is told by the name of its rule, with what to write instead', () => {
  const mistakes = (given: unknown): readonly string[] => {
    const read = readRules(given);
    return read.kind === 'mistakes' ? read.mistakes : [];
  };
  const rule = (more: object) => ({
    rules: [
      { name: 'ok', action: { mark: 'seen' } },
      { name: 'bad', ...more },
    ],
  });
  for (const [given, told] of [
    [rule({ action: {} }), /^rule 2 "bad", action: It does nothing\. Say move, mark, forward or discard\.$/],
    [rule({ action: { forward: 'nobody' } }), /^rule 2 "bad", action\.forward\.0: Write a mail address/],
    [rule({ action: { keep: false, mark: 'x' } }), /^rule 2 "bad", action\.keep: keep: false belongs to forward/],
    [rule({ action: { move: 'a//b' } }), /^rule 2 "bad", action\.move: Write the name of a mailbox/],
    [rule({ action: { discard: true }, when: { larger: 'much' } }), /when\.larger: Write a size such as/],
    [rule({ action: { discard: true }, when: { subject: { not: true } } }), /when\.subject: It looks for nothing/],
    [rule({ action: { discard: true }, when: { from: { domain: '!' } } }), /when\.from\.domain\.0: Write a domain/],
    [rule({ action: { forward: Array(6).fill('a@b.test') } }), /action\.forward: /],
    [{ vacation: { text: '' } }, /^vacation\.text: /],
    [{ vacation: { text: 'x', from: 'soon' } }, /^vacation\.from: Write a time such as/],
    [{ rulez: [] }, /rulez/],
    [null, /^rules: /],
    ['x', /^rules: /],
    [{ rules: [null] }, /^rule 1: /],
  ] as const)
    assert.match(mistakes(given).join('\n'), told, JSON.stringify(given));
});
