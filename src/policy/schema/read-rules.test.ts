import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileRules, PRESETS, readRules, reviewRules, ruleTexts } from '../index.ts';

/** Where and what, of every mistake. */
function mistakes(...rules: unknown[]): string[] {
  const parsed = ruleTexts.safeParse(rules);
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const hold = { hold: '5m' };

test('H1: all mistakes of all rules are told at once, each with its place', () => {
  const told = mistakes(
    {
      name: 'one',
      when: { direktion: 'outbound', externalDomains: { min: 9, max: 3 } },
      action: { hold: '5 minutes' },
    },
    { name: 'two', when: { detects: { creditcard: { min: 1 } } }, action: { hold: '5m', reject: 'no' } },
    { name: 'three', action: {} },
    { name: 'four', when: { patterns: ['(a+)+$', '(?=x)y', 'a*'] }, action: hold },
    { name: 'five', use: 'no-such' },
  );
  for (const [place, words] of [
    ['0.when', 'direction'],
    ['0.when.externalDomains', 'Nothing is from 9 to 3'],
    ['0.action.hold', 'is no duration'],
    ['1.when.detects', 'creditCard'],
    ['1.action', 'can’t both hold and reject'],
    ['2.action', 'does nothing'],
    ['3.when.patterns.1', 'can’t be read'],
    ['3.when.patterns.2', 'matches the empty text'],
    ['4.use', 'not known'],
  ] as const) {
    assert.ok(
      told.some((line) => line.startsWith(`${place}:`) && line.includes(words)),
      `${place} ${words}\n${told.join('\n')}`,
    );
  }
  assert.equal(told.length, 9, told.join('\n'));
});

test('H1: a rule in the forms of the contract is read, and given back as it was written', () => {
  const rules = [
    {
      name: 'bulk leak',
      when: { direction: 'outbound', externalDomains: { min: 10 } },
      action: { reject: 'Too many external recipients' },
    },
    {
      name: 'cards',
      when: { direction: 'outbound', detects: { creditCard: { min: 1 } } },
      action: { approve: { by: ['alice@acme.test'], expire: '10d' } },
    },
    { name: 'delays', use: 'outbound-delays' },
  ];
  assert.deepEqual(ruleTexts.parse(rules), rules);
  assert.equal(readRules(rules).length, 5);
});

test('H1: what a rule may not do is refused: fields that say where mail goes, texts of two lines, nobody to ask', () => {
  for (const action of [
    { addHeader: { name: 'Bcc', value: 'x@y.test' } },
    { addHeader: { name: 'X-Holdfast-Stamp', value: '1' } },
    { addHeader: { name: 'X-A', value: 'a\r\nBcc: x@y.test' } },
    { reject: 'no\r\nMAIL FROM' },
    { tagSubject: 'a\u2028b' },
    { hold: { atEnd: 'send' } },
    { hold: '31d' },
    { approve: { by: ['boss@acme.test'], least: 2 } },
    { approve: { by: [] } },
    { archive: ['not an address'] },
    null,
    [],
  ]) {
    assert.notDeepEqual(mistakes({ name: 'r', action }), [], JSON.stringify(action));
  }
  assert.notDeepEqual(mistakes({ name: 'r', action: hold, unless: {} }), []);
  assert.notDeepEqual(mistakes({ name: 'r', action: hold, unless: [] }), []);
});

test('H1: the version is one for one meaning, however it is written, and another for any other', () => {
  const versionOf = (...rules: unknown[]) =>
    compileRules({ installation: [], tenant: readRules(rules).map(({ rule }) => rule) }).version;
  const base = {
    name: 'r',
    when: { direction: ['outbound', 'internal'], senders: ['b@x.test', 'a@x.test'] },
    action: { hold: '15m' },
  };
  const same = {
    action: { hold: '900s' },
    continue: false,
    when: { senders: ['a@x.test', 'b@x.test', 'a@x.test'], direction: ['internal', 'outbound'] },
    name: 'r',
  };
  assert.equal(versionOf(base), versionOf(same));
  const off = { name: 'off', disabled: true, action: hold };
  assert.equal(versionOf(base), versionOf(off, base));
  const versions = [
    [base],
    [{ ...base, name: 's' }],
    [{ ...base, action: { hold: '16m' } }],
    [{ ...base, action: { hold: { for: '15m', atEnd: 'expire' } } }],
    [{ ...base, continue: true }],
    [{ ...base, absence: 'defer' }],
    [{ ...base, unless: { freeMail: true } }],
    [{ ...base, when: { ...base.when, direction: 'outbound' } }],
    [base, { ...base, name: 's' }],
    [{ ...base, name: 's' }, base],
  ].map((rules) => versionOf(...rules));
  assert.equal(new Set(versions).size, versions.length);
});

test('H1: every preset reads without a mistake or a warning', () => {
  for (const use of Object.keys(PRESETS)) {
    assert.deepEqual(mistakes({ name: 'p', use }), []);
    assert.deepEqual(reviewRules(readRules([{ name: 'p', use }]), null), []);
  }
});

const CONTEXT = { groups: new Set(['sales']), relays: new Set<string>(), domains: new Set(['acme.test']) };

function warnings(...rules: unknown[]): string {
  return reviewRules(readRules(rules), CONTEXT)
    .map(({ entry, message }) => `${entry} ${message}`)
    .join('\n');
}

test('H1: rules that can never hold, are never reached, or work against themselves are told', () => {
  const all = { name: 'all', when: { direction: 'outbound' }, action: hold };
  const many = { name: 'many', when: { direction: 'outbound', externalDomains: { min: 3 } }, action: { hold: '15m' } };
  assert.match(warnings(all, many), /^1 many is never reached: “all” in front/);
  assert.equal(warnings(many, all), '');
  assert.equal(warnings({ ...all, continue: true }, many), '');
  assert.equal(warnings({ ...all, unless: { freeMail: true } }, many), '');
  const group = { name: 'g', when: { senders: ['group:sale'] }, action: hold };
  assert.match(warnings(group), /there is no group sale; the rule can never hold/);
  assert.match(
    warnings({ name: 'i', when: { direction: 'internal', recipients: 'external' }, action: hold }),
    /can never hold/,
  );
  assert.match(warnings({ name: 'f', when: { direction: 'inbound', freeMail: true }, action: hold }), /can never hold/);
  assert.match(
    warnings({ name: 'x', when: { freeMail: true }, unless: { freeMail: true }, action: hold }),
    /exception takes all/,
  );
  assert.match(
    warnings({ name: 'r', when: { direction: 'outbound' }, action: { reject: 'no', tagSubject: 'x' } }),
    /never made/,
  );
  assert.match(warnings({ name: 'r', action: { reject: 'no' } }), /discarded/);
  const zip = (how: unknown) => warnings({ name: 'z', when: { direction: 'outbound' }, action: { zip: how } });
  assert.match(zip('all'), /advised against/);
  assert.doesNotMatch(zip({ what: 'matched', password: 'sender' }), /same way/);
  assert.match(zip({ what: 'all', password: 'recipients' }), /advised against.*same way/);
});

test('H1: a rule that asks or tells who is not of the tenant is told', () => {
  const naming = (action: object) => warnings({ name: 'n', when: { direction: 'outbound' }, action });
  assert.match(naming({ approve: { by: ['x@else.test'] } }), /x@else\.test is sent nothing/);
  assert.match(naming({ approve: { by: ['admins'], deputies: ['x@else.test'] } }), /x@else\.test is sent nothing/);
  assert.match(naming({ ...hold, notify: ['sender', 'x@else.test'] }), /x@else\.test is sent nothing/);
  assert.equal(naming({ approve: { by: ['manager', 'bob@ACME.test'] }, notify: ['sender', 'admins'] }), '');
});

test('H1: rules about registered documents and first mails have keepers, and are taken without a warning', () => {
  for (const when of [{ documents: true }, { firstTime: true }])
    assert.equal(warnings({ name: 'd', when, action: hold }), '');
});

test('H1: nothing that a file may hold makes the reading throw', () => {
  const keys = [
    'name',
    'when',
    'unless',
    'action',
    'use',
    'direction',
    'detects',
    'words',
    'any',
    'hold',
    'approve',
    'min',
    'in',
    'patterns',
  ];
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...keys), tie('tree'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(fc.array(tree, { maxLength: 3 }), (rules) => void ruleTexts.safeParse(rules)),
    { numRuns: 500 },
  );
});
