import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type JsonObject, matches, parseFilter, patched, patchOperations, ScimError } from './index.ts';

const TARO: JsonObject = {
  userName: 'taro@acme.test',
  name: { givenName: 'Taro' },
  emails: [
    { type: 'work', value: 'taro@acme.test', primary: true },
    { type: 'home', value: 'taro@home.test' },
  ],
  active: true,
  size: 3,
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'Sales' },
};

test('RFC 7644 §3.4.2.2: filters with every operator, without case, over lists and extensions', () => {
  const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
  for (const [text, expected] of [
    ['userName eq "TARO@acme.test"', true],
    ['USERNAME Eq "x"', false],
    ['userName ne "x"', true],
    ['userName sw "taro" and userName ew ".test"', true],
    ['userName co "@acme" and not (active eq false)', true],
    ['name.givenName pr', true],
    ['name.familyName pr or title pr', false],
    ['title eq "x" or (active eq true and size gt 2)', true],
    ['size ge 3 and size le 3 and size lt 4', true],
    ['emails eq "taro@home.test"', true],
    ['emails.value co "home"', true],
    ['emails[type eq "home" and value sw "taro"]', true],
    ['emails[type eq "home" and primary eq true]', false],
    ['active eq True', true],
    [`${enterprise}:department eq "sales"`, true],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "taro@acme.test"', true],
  ] as const) {
    assert.equal(matches(parseFilter(text), TARO), expected, text);
  }
});

test('RFC 7644 §3.4.2.2: what is no filter is refused as one, whatever it is', () => {
  for (const text of [
    '',
    'userName',
    'userName is "x"',
    'userName eq',
    'userName eq x',
    '(a pr',
    'a pr)',
    'a eq "x',
    '.a pr',
  ])
    assert.throws(() => parseFilter(text), ScimError, text);
  assert.throws(() => parseFilter('('.repeat(500)), /nested too deeply/);
  const piece = fc.constantFrom('a', 'eq', '"x"', '(', ')', '[', ']', 'and', 'or', 'not', 'pr', '"', '\\', ' ', '.');
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      try {
        matches(parseFilter(pieces.join(' ')), TARO);
      } catch (error) {
        assert.ok(error instanceof ScimError);
      }
    }),
  );
});

function change(...operations: readonly object[]): JsonObject {
  return patched(TARO, patchOperations({ Operations: operations as never }));
}

test('RFC 7644 §3.5.2: changes as Entra ID sends them', () => {
  const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
  const next = change(
    { op: 'Replace', path: 'active', value: 'False' },
    { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+81 90' },
    { op: 'Replace', path: 'emails[type eq "work"].value', value: 'taro.y@acme.test' },
    { op: 'Add', path: `${enterprise}:manager`, value: 'id-of-boss' },
    { op: 'Add', value: { 'name.familyName': 'Yamada', title: 'Buyer', [`${enterprise}:costCenter`]: '42' } },
    { op: 'Remove', path: 'size' },
  );
  assert.equal(next.active, 'False');
  assert.deepEqual(next.phoneNumbers, [{ type: 'mobile', value: '+81 90' }]);
  assert.deepEqual((next.emails as JsonObject[])[0], { type: 'work', value: 'taro.y@acme.test', primary: true });
  assert.deepEqual(next.name, { givenName: 'Taro', familyName: 'Yamada' });
  assert.deepEqual(next[enterprise], { department: 'Sales', manager: 'id-of-boss', costCenter: '42' });
  assert.equal(next.title, 'Buyer');
  assert.ok(!('size' in next));
  assert.equal(TARO.active, true, 'the old one is as it was');
});

test('RFC 7644 §3.5.2: changes as Okta sends them, and of lists', () => {
  assert.equal(change({ op: 'replace', value: { active: false } }).active, false);
  const added = change({ op: 'add', path: 'emails', value: [{ type: 'other', value: 'x@acme.test' }] });
  assert.equal((added.emails as unknown[]).length, 3);
  const gone = change({ op: 'remove', path: 'emails[type eq "home"]' });
  assert.deepEqual(gone.emails, [{ type: 'work', value: 'taro@acme.test', primary: true }]);
  const one = change({ op: 'replace', path: 'emails', value: [{ value: 'y@acme.test' }] });
  assert.deepEqual(one.emails, [{ value: 'y@acme.test' }]);
  assert.deepEqual(
    (change({ op: 'remove', path: 'emails', value: [{ value: 'taro@home.test' }] }).emails as unknown[]).length,
    1,
  );
});

test('RFC 7644 §3.5.2: what is no change is refused, and a name such as __proto__ is a name', () => {
  for (const operation of [
    { op: 'move', path: 'a' },
    { op: 'remove' },
    { op: 'add', path: 'a[', value: 1 },
    { op: 'add', value: 'x' },
    { op: 'replace', path: 'a' },
    { op: 'replace', path: '__proto__.x', value: 1 },
    { op: 'replace', path: 'emails[type co "q"].value', value: 1 },
    'x',
  ])
    assert.throws(
      () => patched(TARO, patchOperations({ Operations: [operation] as never })),
      ScimError,
      JSON.stringify(operation),
    );
  assert.throws(() => patchOperations({ Operations: [] }), ScimError);
  const value = JSON.parse('{"name":{"__proto__":{"isEvil":true}}}') as JsonObject;
  const next = patched(TARO, patchOperations({ Operations: [{ op: 'add', value }] }));
  assert.ok(!('isEvil' in (next.name as object)));
  assert.equal(Object.getPrototypeOf({}), Object.prototype);
});
