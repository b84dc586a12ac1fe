/** Mailboxes as a tree of names: what is there, what is made, and what is deleted. */
import assert from 'node:assert/strict';
import type { Person } from './mail-samples.ts';
import { nameOf } from './mail-samples.ts';
import type { Promised } from './mailboxes.ts';
import { soon } from './samples.ts';

const BORN = ['Archive', 'Drafts', 'INBOX', 'Junk', 'Sent', 'Trash'];

export function naming(promise: Promised): void {
  beingBorn(promise);
  creating(promise);
  refusing(promise);
  deleting(promise);
}

function beingBorn(promise: Promised): void {
  promise(
    'O1: an account comes with its first use, with INBOX and the usual special uses, all subscribed',
    async (person) => {
      const list = await person.mailboxes.list(person.account, soon());
      assert.deepEqual(
        list.map(({ name, specialUse, subscribed }) => [name, specialUse, subscribed]),
        BORN.map((name) => [name, name === 'INBOX' ? null : name, true]),
      );
      for (const { uidNext, exists, unseen, deleted, size, highestModSeq } of list) {
        assert.deepEqual(
          { uidNext, exists, unseen, deleted, size },
          { uidNext: 1, exists: 0, unseen: 0, deleted: 0, size: 0 },
        );
        assert.ok(highestModSeq >= 1, 'RFC 7162 §3.1.2.1: a modification sequence is never 0');
      }
      assert.deepEqual(await person.mailboxes.subscriptions(person.account, soon()), BORN);
    },
  );

  promise('O1: two first uses at once make one account', async (person) => {
    const lists = await Promise.all(Array.from({ length: 4 }, () => person.mailboxes.list(person.account, soon())));
    for (const list of lists) assert.deepEqual(list, lists[0]);
    assert.equal((await person.mailboxes.list(person.account, soon())).length, BORN.length);
  });

  promise('RFC 9051 §5.1: INBOX is itself in any case, alone and as the first level', async (person) => {
    const { id } = await person.mailbox('INBOX');
    for (const name of ['inbox', 'InBoX']) {
      assert.equal(await person.idOf(name), id);
      assert.deepEqual(await person.mailboxes.create(person.account, nameOf(name), null, soon()), { kind: 'exists' });
      assert.equal(await person.mailboxes.delete(person.account, nameOf(name), soon()), 'kept');
    }
    assert.equal((await person.create('inbox/Child')).name, 'INBOX/Child');
    assert.equal((await person.mailbox('INBOX/Child')).id, (await person.mailbox('iNBOX/Child')).id);
    assert.equal(await person.mailboxes.find(person.account, nameOf('inbox/child'), soon()), null);
    // Its first letter has the upper case I as well.
    assert.notEqual((await person.create('\u0131nbox')).id, await person.idOf('INBOX'));
  });
}

function creating(promise: Promised): void {
  promise('RFC 9051 §6.3.4: CREATE makes what is missing above, and says what it made', async (person) => {
    const made = await person.mailboxes.create(person.account, nameOf('a/b/c'), 'Archive', soon());
    assert.ok(made.kind === 'created');
    assert.deepEqual(made.mailbox, await person.mailbox('a/b/c'));
    assert.equal(made.mailbox.specialUse, 'Archive');
    assert.equal((await person.mailbox('a/b')).specialUse, null);
    assert.equal((await person.mailbox('a')).subscribed, false);
    assert.deepEqual(await person.mailboxes.create(person.account, nameOf('a/b/c'), null, soon()), { kind: 'exists' });
    assert.deepEqual(await person.mailboxes.create(person.account, nameOf('a'), null, soon()), { kind: 'exists' });
  });

  promise('RFC 9051 §6.3.4: of several that make the same mailbox one does', async (person) => {
    const answers = await Promise.all(
      ['a/b', 'a/b', 'a', 'a/b/c'].map((name) => person.mailboxes.create(person.account, nameOf(name), null, soon())),
    );
    assert.ok(answers.filter(({ kind }) => kind === 'created').length >= 2);
    const list = await person.mailboxes.list(person.account, soon());
    assert.equal(list.filter(({ name }) => name.startsWith('a')).length, 3);
  });

  promise('RFC 9051 §5.1: a name is any text, kept in NFC; case counts', async (person) => {
    const names = [
      '会議/議事録',
      '𠮷野家',
      'a_b%',
      '..',
      '.',
      '~',
      '#news',
      '&',
      `o'clock`,
      '"quoted"',
      ' blank ',
      '__proto__',
      'constructor/toString',
      'x'.repeat(1_000),
    ];
    for (const name of names) assert.equal((await person.create(name)).name, name);
    assert.equal((await person.create('cafe\u0301')).name, 'caf\u00e9');
    assert.equal(await person.idOf('caf\u00e9'), await person.idOf('cafe\u0301'));
    assert.notEqual((await person.create('Case')).id, (await person.create('case')).id);
  });

  promise('O5: a list is ordered by the octets of names, and whole', async (person) => {
    // U+FF21 comes behind U+20BB7 where UTF-16 is compared, and before it in UTF-8.
    const names = ['\uff21', '𠮷', 'a', 'a b', 'a/b', 'B', 'b', 'é'];
    for (const name of names) await person.create(name);
    const sorted = [...BORN, ...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const list = await person.mailboxes.list(person.account, soon());
    assert.deepEqual(
      list.map(({ name }) => name),
      sorted,
    );
    for (const name of names) await person.mailboxes.subscribe(person.account, nameOf(name), true, soon());
    assert.deepEqual(await person.mailboxes.subscriptions(person.account, soon()), sorted);
  });

  promise(
    'RFC 9051 §2.3.1.1: UIDVALIDITY never comes again, within a second and when the clock steps back',
    async (person, clock) => {
      const list = await person.mailboxes.list(person.account, soon());
      const values = list.map(({ uidValidity }) => uidValidity);
      const ids = list.map(({ id }) => id);
      for (const step of [0, 0, 1_000, -3_600_000, 0, 0, 3_700_000, 0]) {
        clock.ms += step;
        const { id, uidValidity } = await person.create('Again');
        assert.ok(uidValidity > Math.max(...values) && uidValidity < 2 ** 32, `UIDVALIDITY ${uidValidity}`);
        assert.ok(!ids.includes(id), 'RFC 8474 §4.1: a MAILBOXID is never given again');
        values.push(uidValidity);
        ids.push(id);
        assert.equal(await person.mailboxes.delete(person.account, nameOf('Again'), soon()), 'deleted');
      }
    },
  );
}

function refusing(promise: Promised): void {
  const impossible = [
    '',
    '/',
    'a//b',
    '/a',
    'a/',
    'tab\there',
    'nul\0',
    'del\x7f',
    'c1\x85',
    'sep\u2028',
    'half\ud800',
    'x'.repeat(1_001),
    '会'.repeat(334),
    Array(40).fill('a').join('/'),
  ];

  promise('RFC 9051 §5.1: what can be no name is refused, and nothing is changed', async (person) => {
    const before = await person.everything();
    const { account, mailboxes } = person;
    for (const name of impossible.map(nameOf)) {
      const why = JSON.stringify(name).slice(0, 40);
      await assert.rejects(mailboxes.create(account, name, null, soon()), { code: 'mailbox.refused' }, why);
      await assert.rejects(mailboxes.subscribe(account, name, true, soon()), { code: 'mailbox.refused' }, why);
      assert.equal(await mailboxes.find(account, name, soon()), null, why);
      assert.equal(await mailboxes.delete(account, name, soon()), 'absent', why);
      assert.equal(await mailboxes.rename(account, name, nameOf('ok'), soon()), 'absent', why);
      assert.equal(await mailboxes.rename(account, nameOf('Trash'), name, soon()), 'refused', why);
    }
    assert.deepEqual(await person.everything(), before);
  });
}

function deleting(promise: Promised): void {
  promise('RFC 9051 §6.3.5: INBOX and what has mailboxes below it are kept', async (person) => {
    await person.create('a/b');
    await person.create('ab');
    assert.equal(await remove(person, 'INBOX'), 'kept');
    assert.equal(await remove(person, 'a'), 'kept');
    assert.equal(await remove(person, 'a/b'), 'deleted');
    assert.equal(await remove(person, 'a'), 'deleted');
    assert.equal(await remove(person, 'a'), 'absent');
    assert.ok(await person.mailbox('ab'));
  });

  promise('RFC 9051 §5.1: no character of a name stands for others', async (person) => {
    for (const name of ['a_', 'a%', 'ab/c', 'a%/d', 'AB/c', '*', '?']) await person.create(name);
    assert.equal(await remove(person, 'a_'), 'deleted');
    assert.equal(await remove(person, 'a%'), 'kept');
    assert.equal(await person.mailboxes.rename(person.account, nameOf('a%'), nameOf('z_'), soon()), 'renamed');
    await person.mailbox('z_/d');
    await person.mailbox('ab/c');
    await person.mailbox('AB/c');
  });

  promise('O5: a mailbox made again under its name is another one', async (person) => {
    const old = await person.create('Again');
    await person.append('Again', {}, {});
    await remove(person, 'Again');
    assert.equal(await person.mailboxes.view(person.account, old.id, soon()), null);
    assert.equal(await person.mailboxes.changes(person.account, old.id, { modSeq: 0 }, soon()), null);
    const made = await person.create('Again');
    assert.notEqual(made.id, old.id);
    assert.ok(made.uidValidity > old.uidValidity);
    assert.equal(made.exists, 0);
  });

  promise('RFC 9051 §6.3.5: in a mailbox that is gone nothing lives, and nothing is changed', async (person) => {
    const { account, mailboxes } = person;
    const { id } = await person.create('Gone');
    await person.append('Gone', { text: 'word' });
    await remove(person, 'Gone');
    const [inbox, before] = [await person.idOf(), await person.everything()];
    assert.deepEqual(await mailboxes.rows(account, id, [1], { facts: true, head: true }, soon()), []);
    const change = { how: 'add', flags: ['\\Seen'], unchangedSince: null } as const;
    assert.deepEqual(await mailboxes.flag(account, id, [1], change, soon()), {
      rows: [],
      modified: [],
      refused: [],
      modSeq: null,
    });
    assert.deepEqual((await mailboxes.expunge(account, id, null, true, soon())).uids, []);
    assert.deepEqual(await mailboxes.holding(account, id, ['word'], 'text', soon()), []);
    assert.equal(await mailboxes.retire(account, id, Number.MAX_SAFE_INTEGER, 10, soon()), 0);
    const copied = await mailboxes.copy(account, id, [1], inbox, 'copy', { quotaBytes: null }, soon());
    assert.ok(copied.kind === 'copied' && copied.to.length === 0);
    assert.deepEqual(await person.everything(), before);
  });
}

async function remove(person: Person, name: string): Promise<string> {
  return person.mailboxes.delete(person.account, nameOf(name), soon());
}
