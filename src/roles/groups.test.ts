import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Role } from '#/config/index.ts';
import { groupsOf, hasMailboxes, isShared, oneGroup } from './groups.ts';

const of = (...roles: Role[][]) => groupsOf({ roles }).map(({ name, owner }) => (owner ? `${name}!` : name));

test('design 3: each list of roles is a process; the gate’s writes custody, else deliver’s, else the first', () => {
  assert.deepEqual(of(['gate', 'deliver'], ['inspect'], ['mail'], ['web'], ['janitor']), [
    'gate+deliver!',
    'inspect',
    'mail',
    'web',
    'janitor',
  ]);
  assert.deepEqual(of(['deliver'], ['janitor'], ['gate', 'web']), ['deliver', 'janitor', 'gate+web!']);
  assert.deepEqual(of(['janitor'], ['deliver']), ['janitor', 'deliver!']);
  assert.deepEqual(of(['janitor']), ['janitor!']);
  assert.equal(oneGroup({ roles: [['gate'], ['janitor', 'mail']] }).name, 'gate+janitor+mail');
});

test('O1: mail for our users is held by a host that delivers without mailboxes, and left to others by one that only takes mail', () => {
  const has = (store: string | null, ...roles: Role[]) => hasMailboxes({ roles: [roles], store, cells: null });
  assert.equal(has(null, 'gate', 'deliver', 'mail'), true);
  assert.equal(has(null, 'gate', 'deliver'), false);
  assert.equal(has('postgres://db/mail', 'gate', 'deliver'), false);
  assert.equal(has('postgres://db/mail', 'gate'), true);
});

test('design 4: a database is shared by all processes, a folder is not', () => {
  assert.equal(isShared({ store: null }), false);
  assert.equal(isShared({ store: '/var/lib/holdfast' }), false);
  assert.equal(isShared({ store: 'postgres://db1,db2/mail' }), true);
});
