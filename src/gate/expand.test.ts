import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MailAddress, TenantId } from '#/model/index.ts';
import { directoryOf, type TenantSketch, tenantOf } from '#/testkit/index.ts';
import { type Expansion, expand } from './expand.ts';

const SKETCHES: readonly TenantSketch[] = [
  {
    id: 'a',
    domains: ['a.test', 'a2.test', 'all.test'],
    catchAll: { 'all.test': 'U@a.test' },
    users: [['u@a.test', 'alias@a.test', 'alias@a2.test'], ['v@a.test']],
    admins: ['v@a.test'],
    groups: {
      'ring1@a.test': ['ring2@a.test'],
      'ring2@a.test': ['ring1@a.test', 'u@a.test'],
      'partners@a.test': ['all@b.test', 'alias@b.test', 'gone@b.test'],
      'hollow@a.test': ['hollow@a.test', 'gone@a.test'],
      'mixed@a.test': ['ring1@a.test', 'alias@a.test', 'x@world.test', 'u@b.test', 'gone@a.test', 'X@world.test'],
      'wide@a.test': Array.from({ length: 50 }, (_, i) => `w${i}@world.test`),
    },
  },
  {
    id: 'b',
    domains: ['b.test', 'any.test'],
    catchAll: { 'any.test': 'u@b.test' },
    users: [['u@b.test', 'alias@b.test']],
    groups: { 'all@b.test': ['alias@b.test', 'v@a.test', 'x@world.test'] },
  },
];
const DIRECTORY = directoryOf(SKETCHES.map(tenantOf));

function reach(address: string, owner: string | null = null, most = 20): Expansion {
  return expand(address as MailAddress, owner as TenantId | null, DIRECTORY, most);
}

function told(expansion: Expansion): readonly string[] {
  if (expansion.kind !== 'reached') return [expansion.kind];
  return expansion.recipients.map(({ address, tenant, direction }) => `${address} ${tenant} ${direction}`).sort();
}

test('design 1: names are resolved for a stranger: user, alias, other domain, catch-all, in any case', () => {
  for (const name of ['u@a.test', 'U@a.test', 'alias@a.test', 'alias@a2.test', 'whoever@all.test']) {
    assert.deepEqual(told(reach(name)), ['u@a.test a inbound'], name);
  }
  // RFC 5233 §1: also with a detail, but a name that has a plus of its own comes first.
  for (const name of ['u+lists@a.test', 'alias+a+b@a.test', 'ring1+x@a.test'])
    assert.deepEqual(told(reach(name)), ['u@a.test a inbound'], name);
  for (const name of ['gone+x@a.test', '+x@a.test']) assert.deepEqual(told(reach(name)), ['unknown'], name);
  assert.deepEqual(told(reach('gone@a.test')), ['unknown']);
  assert.deepEqual(told(reach('x@world.test')), ['foreign']);
});

test('design 1: groups in a circle end, empty ones are unknown, members outside are outbound', () => {
  assert.deepEqual(told(reach('ring1@a.test')), ['u@a.test a inbound']);
  assert.deepEqual(told(reach('hollow@a.test')), ['unknown']);
  assert.deepEqual(told(reach('mixed@a.test')), [
    'u@a.test a inbound',
    'u@b.test a outbound',
    'x@world.test a outbound',
  ]);
  assert.deepEqual(told(reach('mixed@a.test', 'a')), [
    'u@a.test a internal',
    'u@b.test a outbound',
    'x@world.test a outbound',
  ]);
});

test('design 1: names of another tenant are resolved too; the mail stays its sender’s, and goes out', () => {
  for (const name of ['u@b.test', 'alias@b.test', 'whoever@any.test'])
    assert.deepEqual(told(reach(name, 'a')), ['u@b.test a outbound'], name);
  const members = ['u@b.test a outbound', 'v@a.test a internal', 'x@world.test a outbound'];
  assert.deepEqual(told(reach('all@b.test', 'a')), members);
  assert.deepEqual(told(reach('x@world.test', 'a')), ['x@world.test a outbound']);
});

test('design 1: a mailbox that another tenant does not have is refused, for good only where the directory is whole', () => {
  assert.deepEqual(told(reach('gone@b.test', 'a')), ['unknown']);
  const stale = directoryOf(SKETCHES.map(tenantOf), { stale: true });
  assert.deepEqual(told(expand('gone@b.test' as MailAddress, 'a' as TenantId, stale, 20)), ['stale']);
});

test('design 1: a group that names another tenant’s alias or group reaches their people', () => {
  assert.deepEqual(told(reach('partners@a.test', 'a')), [
    'gone@b.test a outbound',
    'u@b.test a outbound',
    'v@a.test a internal',
    'x@world.test a outbound',
  ]);
});

test('B3: an expansion wider than its bound is refused whole', () => {
  assert.deepEqual(told(reach('wide@a.test')), ['too many']);
  assert.equal(told(reach('wide@a.test', null, 60)).length, 50);
});

test('RFC 5321 §4.5.1: a domain without a postmaster has its tenant’s contacts or administrators', () => {
  assert.deepEqual(told(reach('Postmaster@a2.test')), ['v@a.test a inbound']);
});
