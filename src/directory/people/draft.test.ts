/** What a set of rows becomes: groups in groups, circles, photos, bounds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TenantId } from '#/model/index.ts';
import { Refusal } from '#/ports/index.ts';
import { Draft } from './draft.ts';
import type { HeldGeneration } from './generation.ts';
import { heldOf } from './keep.ts';
import { MEMBERSHIPS_MAX } from './limits.ts';
import type { PersonRow, Row } from './rows.ts';

const PNG = Buffer.from('89504e470d0a1a0a0000', 'hex');

async function cutOf(
  rows: readonly Row[],
): Promise<{ held: HeldGeneration; remarks: readonly string[]; digest: string }> {
  const draft = new Draft();
  for (const row of rows) draft.add(row);
  const cut = await draft.cut();
  const entry = { tenant: 'acme' as TenantId, id: 'g', source: 'test', at: 0, by: 'test', refused: [], ...cut };
  return { held: await heldOf(entry, cut), remarks: cut.remarks, digest: cut.digest };
}

function person(address: string, more: Partial<PersonRow> = {}): Row {
  return { person: { id: `CN=${address}`, address, attributes: {}, ...more } };
}

function group(id: string, members: readonly string[], address: string | null = null): Row {
  return { group: { id, name: `Name of ${id}`, address, members } };
}

test('C5: members of a group in a group are in both, named by id or by address, in whatever order rows come', async () => {
  const rows = [
    group('all', ['sales', 'tokyo@acme.test']),
    group('sales', ['CN=a@acme.test']),
    person('a@acme.test'),
    person('b@acme.test', { aliases: ['bee@acme.test'], groups: ['sales'] }),
    group('tokyo', ['bee@acme.test', 'gone@acme.test'], 'tokyo@acme.test'),
  ];
  const { held, remarks } = await cutOf(rows);
  assert.deepEqual(held.person('a@acme.test')?.groups, ['Name of all', 'Name of sales']);
  assert.deepEqual(held.person('BEE@acme.test')?.groups, ['Name of all', 'Name of sales', 'Name of tokyo']);
  assert.ok(held.inGroup('b@acme.test', 'TOKYO@acme.test'));
  assert.ok(held.inGroup('a@acme.test', 'name of ALL'));
  assert.deepEqual(remarks, ['The group Name of tokyo has 1 members who are nobody here.']);
  assert.equal((await cutOf(rows.toReversed())).digest, (await cutOf(rows)).digest, 'order is no difference');
});

test('C5: groups that name each other in a circle are told, and their members are in all of them', async () => {
  const { held, remarks } = await cutOf([
    group('a', ['b']),
    group('b', ['c', 'x@acme.test']),
    group('c', ['a', 'c']),
    group('d', []),
    person('x@acme.test'),
  ]);
  assert.equal(remarks.length, 1);
  assert.match(remarks[0] ?? '', /^Groups name each other in a circle: Name of /);
  assert.deepEqual(held.person('x@acme.test')?.groups, ['Name of a', 'Name of b', 'Name of c']);
});

test('C5: a photo is kept by its hash where it is a small JPEG, PNG or WebP; others are left out and said', async () => {
  const { held, remarks } = await cutOf([
    person('a@acme.test', { photo: PNG }),
    person('b@acme.test', { photo: Buffer.concat([PNG, Buffer.alloc(100_000)]) }),
    person('c@acme.test', { photo: Buffer.from('<svg onload=alert(1)>') }),
  ]);
  assert.match(held.person('a@acme.test')?.photo ?? '', /^[0-9a-f]{64}$/);
  assert.equal(held.person('b@acme.test')?.photo, null);
  assert.deepEqual(remarks, [
    'b@acme.test: their photo has 101 KB; 100 KB is the most; it is left out.',
    'c@acme.test: their photo is neither JPEG, PNG nor WebP; it is left out.',
  ]);
});

test('C5: an alias that is somebody else’s is left out; a person is found by their own address before any alias', async () => {
  const { held, remarks } = await cutOf([
    person('a@acme.test', { aliases: ['x@acme.test', 'b@acme.test', 'not one'] }),
    person('b@acme.test', { aliases: ['X@acme.test'] }),
  ]);
  assert.equal(held.person('x@acme.test')?.address, 'a@acme.test');
  assert.equal(held.person('b@acme.test')?.address, 'b@acme.test');
  assert.deepEqual(remarks, ['“not one” is no mail address.', 'X@acme.test is somebody else’s already.']);
});

test('C5: a domain is found in either of its forms', async () => {
  const { held } = await cutOf([person('a@例え.test')]);
  assert.equal(held.person('A@xn--r8jz45g.test')?.address, 'a@例え.test');
});

test('C5: groups without end are refused before they take memory', () => {
  const draft = new Draft();
  const many = Array.from({ length: MEMBERSHIPS_MAX / 5 }, () => 'x@acme.test');
  assert.throws(() => {
    for (let i = 0; i < 6; i++) draft.add(group(`g${i}`, many));
  }, Refusal);
});
