/** What every keeper of `ports/people-pushes.ts` promises. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TenantId } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Pushed, PushedFilter } from '#/ports/index.ts';
import type { PeopleBookUnderTest } from './people.ts';

const T0 = Date.UTC(2026, 11, 1);
const ACME = 'acme' as TenantId;
const BOLT = 'bolt' as TenantId;
const MOST = 100;
const soon = () => within(30_000);

function user(id: string, more: Partial<Pushed> = {}): Pushed {
  const facts = { nameKey: `${id}@acme.test`, externalId: `ext-${id}`, body: '{"a":"漢"}', version: 1 };
  return { tenant: ACME, kind: 'User', id, ...facts, createdAt: T0, changedAt: T0, ...more };
}

/** The suite, for one keeper. */
export function peoplePushesContract(keeper: string, open: () => Promise<PeopleBookUnderTest>): void {
  const titled = (title: string, work: (given: PeopleBookUnderTest) => Promise<void>): void => {
    test(`${title} (${keeper})`, async () => {
      await using given = await open();
      await work(given);
    });
  };

  titled('C5: what is pushed is kept as it is, of its tenant and kind alone; a name is taken once', async (given) => {
    const { pushes } = given.book;
    assert.equal(await pushes.insert(user('u1'), MOST, soon()), 'made');
    assert.equal(await pushes.insert(user('u2', { nameKey: 'u1@acme.test' }), MOST, soon()), 'taken');
    assert.equal(await pushes.insert(user('u1', { kind: 'Group' }), MOST, soon()), 'made');
    assert.equal(await pushes.insert(user('u1', { tenant: BOLT }), MOST, soon()), 'made');
    assert.equal(await pushes.insert(user('u3'), 1, soon()), 'full');
    const book = given.reopen === null ? given.book : await given.reopen();
    assert.deepEqual(await book.pushes.read(ACME, 'User', 'u1', soon()), user('u1'));
    assert.equal(await book.pushes.read(ACME, 'User', 'u2', soon()), null);
  });

  titled('C5: a change counts once; who knew an older version is told', async ({ book: { pushes } }) => {
    await pushes.insert(user('u1'), MOST, soon());
    await pushes.insert(user('u2'), MOST, soon());
    const next = user('u1', { version: 2, body: '{}', changedAt: T0 + 5, externalId: '' });
    assert.equal(await pushes.replace(next, 1, soon()), 'done');
    assert.equal(await pushes.replace({ ...next, version: 2 }, 1, soon()), 'moved');
    assert.equal(await pushes.replace({ ...next, version: 3, nameKey: 'u2@acme.test' }, 2, soon()), 'taken');
    assert.equal(await pushes.replace(user('u9', { version: 2 }), 1, soon()), 'moved');
    assert.deepEqual(await pushes.read(ACME, 'User', 'u1', soon()), next);
  });

  titled(
    'C5: lists are paged, and found by id, name or the name of the other program',
    async ({ book: { pushes } }) => {
      for (const id of ['u3', 'u1', 'u2']) await pushes.insert(user(id), MOST, soon());
      await pushes.insert(user('u1', { tenant: BOLT }), MOST, soon());
      const ids = async (filter: PushedFilter, offset = 0, limit = 10) => {
        const { total, found } = await pushes.list(ACME, 'User', filter, { offset, limit }, soon());
        return [total, ...found.map(({ id }) => id)];
      };
      assert.deepEqual(await ids({}), [3, 'u1', 'u2', 'u3']);
      assert.deepEqual(await ids({}, 1, 1), [3, 'u2']);
      assert.deepEqual(await ids({ nameKey: 'u2@acme.test' }), [1, 'u2']);
      assert.deepEqual(await ids({ externalId: 'ext-u3' }), [1, 'u3']);
      assert.deepEqual(await ids({ id: 'u1', externalId: 'ext-u3' }), [0]);
      assert.deepEqual(
        (await pushes.after(ACME, 'User', 'u1', 1, soon())).map(({ id }) => id),
        ['u2'],
      );
    },
  );

  titled('C5: members come and go, once each; who is removed is in no group any more', async ({ book: { pushes } }) => {
    const many = Array.from({ length: 120 }, (_, i) => `u${String(i).padStart(3, '0')}`);
    await pushes.insert(user('u000'), MOST, soon());
    await pushes.changeMembers(ACME, 'g1', { out: [], in: [...many, 'u000'] }, T0, soon());
    await pushes.changeMembers(BOLT, 'g1', { out: [], in: ['u000'] }, T0, soon());
    assert.deepEqual(await pushes.members(ACME, 'g1', soon()), many);
    await pushes.changeMembers(ACME, 'g1', { out: ['u001', 'nobody'], in: ['u002', 'x'] }, T0, soon());
    assert.equal((await pushes.members(ACME, 'g1', soon())).length, 120);
    assert.ok(await pushes.remove(ACME, 'User', 'u000', T0, soon()));
    assert.equal(await pushes.remove(ACME, 'User', 'u000', T0, soon()), false);
    assert.ok(!(await pushes.members(ACME, 'g1', soon())).includes('u000'));
    assert.deepEqual(await pushes.members(BOLT, 'g1', soon()), ['u000']);
    await pushes.changeMembers(ACME, 'g1', { out: null, in: ['x'] }, T0, soon());
    assert.deepEqual(await pushes.members(ACME, 'g1', soon()), ['x']);
  });

  titled('C5: a set is open from its first change until a generation of all of them', async ({ book: { pushes } }) => {
    assert.deepEqual(await pushes.open(soon()), []);
    await pushes.insert(user('u1'), MOST, soon());
    await pushes.replace(user('u1', { version: 2, changedAt: T0 + 7 }), 1, soon());
    await pushes.changeMembers(ACME, 'g', { out: [], in: ['u1'] }, T0 + 5, soon());
    assert.deepEqual(await pushes.open(soon()), [{ tenant: ACME, firstAt: T0, lastAt: T0 + 7 }]);
    await pushes.taken(ACME, T0 + 5, soon());
    assert.equal((await pushes.open(soon())).length, 1, 'something came meanwhile');
    await pushes.taken(ACME, T0 + 7, soon());
    assert.deepEqual(await pushes.open(soon()), []);
    await pushes.remove(ACME, 'User', 'u1', T0 + 9, soon());
    assert.deepEqual(await pushes.open(soon()), [{ tenant: ACME, firstAt: T0 + 9, lastAt: T0 + 9 }]);
  });

  titled('design 6: one secret pushes for a tenant, and none where it was taken back', async ({ book: { pushes } }) => {
    assert.equal(await pushes.secretOf(ACME, soon()), null);
    await pushes.allow(ACME, 'aa', 'cli:root', T0, soon());
    await pushes.allow(ACME, 'bb', 'cli:root', T0 + 1, soon());
    assert.equal(await pushes.secretOf(ACME, soon()), 'bb');
    assert.equal(await pushes.secretOf(BOLT, soon()), null);
    await pushes.allow(ACME, null, 'cli:root', T0 + 2, soon());
    assert.equal(await pushes.secretOf(ACME, soon()), null);
  });
}
