/** Flags and keywords, and changes on condition (RFC 9051 §6.4.6, RFC 7162 §3.1.3). */
import assert from 'node:assert/strict';
import type { Promised } from './mailboxes.ts';

export function flagging(promise: Promised): void {
  changingFlags(promise);
  keepingKeywords(promise);
  changingOnCondition(promise);
}

function changingFlags(promise: Promised): void {
  promise('RFC 9051 §6.4.6: flags are added, removed and replaced, and the counts follow', async (person) => {
    await person.append('INBOX', {}, { flags: ['\\Seen'] }, { flags: ['\\Deleted', '\\Draft'] });
    const counts = async (): Promise<readonly number[]> => {
      const { exists, unseen, deleted } = await person.mailbox();
      return [exists, unseen, deleted];
    };
    assert.deepEqual(await counts(), [3, 2, 1]);
    const added = await person.flag('INBOX', [1, 2, 3], 'add', ['\\Seen', '\\Answered']);
    assert.deepEqual(
      added.rows.map(({ uid, flags }) => [uid, flags.toSorted()]),
      [
        [1, ['\\Answered', '\\Seen']],
        [2, ['\\Answered', '\\Seen']],
        [3, ['\\Answered', '\\Deleted', '\\Draft', '\\Seen']],
      ],
    );
    assert.deepEqual(await counts(), [3, 0, 1]);
    await person.flag('INBOX', [1, 3], 'remove', ['\\Seen', '\\Deleted', '\\Flagged']);
    assert.deepEqual(await counts(), [3, 2, 0]);
    await person.flag('INBOX', [2, 3], 'replace', ['\\Deleted']);
    assert.deepEqual(await counts(), [3, 3, 2]);
    assert.deepEqual(await flagsOf(person), [['\\Answered'], ['\\Deleted'], ['\\Deleted']]);
    await person.flag('INBOX', [2], 'replace', []);
    assert.deepEqual(await flagsOf(person), [['\\Answered'], [], ['\\Deleted']]);
  });

  promise(
    'RFC 7162 §3.1: a change has a higher modification sequence, no change keeps the one it has',
    async (person) => {
      await person.append('INBOX', {}, { flags: ['\\Seen'] });
      const [before, highest] = [await person.rows(), (await person.mailbox()).highestModSeq];
      const { rows } = await person.flag('INBOX', [1, 2], 'add', ['\\Seen']);
      assert.ok((rows[0]?.modSeq ?? 0) > highest);
      assert.equal(rows[1]?.modSeq, before[1]?.modSeq);
      assert.equal((await person.mailbox()).highestModSeq, rows[0]?.modSeq);
      for (const [how, flags] of [
        ['add', []],
        ['remove', []],
        ['add', ['\\SEEN']],
        ['remove', ['\\Draft', 'never']],
        ['replace', ['\\Seen']],
      ] as const)
        assert.deepEqual((await person.flag('INBOX', [1, 2], how, flags)).rows, rows);
      assert.deepEqual(
        (await person.rows()).map(({ uid, modSeq, flags }) => ({ uid, modSeq, flags })),
        rows,
      );
    },
  );

  promise('RFC 9051 §6.4.6: UIDs come in any order, repeated, and of messages that are gone', async (person) => {
    await person.append('INBOX', {}, {}, {}, {});
    await person.expunge('INBOX', [2]);
    const uids = [4, 1, 2, 4, 99, 0, -1, 1.5, 2 ** 32, 1];
    const { rows, modified, refused } = await person.flag('INBOX', uids, 'add', ['\\Flagged']);
    assert.deepEqual([rows.map(({ uid }) => uid), modified, refused], [[1, 4], [], []]);
    assert.deepEqual(await flagsOf(person), [['\\Flagged'], [], ['\\Flagged']]);
  });

  promise(
    'RFC 9051 §2.3.2: system flags compare without case; what is no flag is named and left out',
    async (person) => {
      await person.append('INBOX', {});
      const asked = [
        '\\SEEN',
        '\\seen',
        '\\Recent',
        '\\Nonsense',
        'two words',
        '',
        'paren(',
        'quo"te',
        'back\\slash',
        'ümlaut',
        'ctl\x01',
        'x'.repeat(101),
      ];
      const { rows, refused } = await person.flag('INBOX', [1], 'add', asked);
      assert.deepEqual(rows[0]?.flags, ['\\Seen']);
      assert.deepEqual(refused, asked.slice(2));
      assert.deepEqual((await person.flag('INBOX', [1], 'remove', ['\\sEEN'])).rows[0]?.flags, []);
    },
  );

  promise('O3: flags of one call are all there or none', async (person) => {
    await person.append('INBOX', ...Array.from({ length: 300 }, () => ({})));
    const uids = await person.uids();
    await Promise.all([
      person.flag('INBOX', uids, 'replace', ['left']),
      person.flag('INBOX', uids, 'replace', ['right']),
    ]);
    assert.equal(new Set((await person.rows()).map(({ flags }) => flags.join(' '))).size, 1);
  });
}

function keepingKeywords(promise: Promised): void {
  promise(
    'RFC 9051 §2.3.2: keywords keep the case of their first use in a mailbox and compare without it',
    async (person) => {
      await person.append('INBOX', { flags: ['$Forwarded', 'Work'] }, { flags: ['WORK', 'work'] });
      assert.deepEqual(await flagsOf(person), [['$Forwarded', 'Work'], ['Work']]);
      await person.flag('INBOX', [2], 'add', ['$FORWARDED']);
      await person.flag('INBOX', [1], 'remove', ['wORK']);
      assert.deepEqual(await flagsOf(person), [['$Forwarded'], ['$Forwarded', 'Work']]);
      await person.append('Sent', { flags: ['WORK'] });
      assert.deepEqual((await person.row('Sent', 1)).flags, ['WORK']);
      await person.copy('INBOX', [2], 'Sent');
      assert.deepEqual((await person.row('Sent', 2)).flags.toSorted(), ['$Forwarded', 'WORK']);
    },
  );

  promise('RFC 9051 §2.3.2: a keyword is any atom', async (person) => {
    const keywords = [
      "it's",
      'a;b',
      '$',
      '[x',
      '1',
      'NULL',
      'a,b',
      'a:b',
      'a|b',
      '<tag>',
      '__proto__',
      'constructor',
      'x'.repeat(100),
    ];
    await person.append('INBOX', { flags: keywords });
    assert.deepEqual((await person.row('INBOX', 1)).flags.toSorted(), keywords.toSorted());
    await person.flag('INBOX', [1], 'remove', ['a,b', '$']);
    assert.deepEqual((await person.row('INBOX', 1)).flags.length, keywords.length - 2);
  });

  promise('B3: a mailbox has room for 48 keywords; the others are named, and all else is done', async (person) => {
    const many = Array.from({ length: 60 }, (_, i) => `keyword-${i}`);
    await person.append('INBOX', {}, {});
    const { rows, refused } = await person.flag('INBOX', [1], 'add', ['\\Seen', ...many]);
    assert.deepEqual(refused, many.slice(48));
    assert.deepEqual(rows[0]?.flags.toSorted(), ['\\Seen', ...many.slice(0, 48)].sort());
    assert.deepEqual((await person.flag('INBOX', [1], 'remove', many)).refused, []);
    assert.deepEqual((await person.row('INBOX', 1)).flags, ['\\Seen']);
    const known = await person.flag('INBOX', [2], 'replace', ['KEYWORD-47', 'keyword-48']);
    assert.deepEqual([known.rows[0]?.flags, known.refused], [['keyword-47'], ['keyword-48']]);
    await person.append('INBOX', { flags: ['keyword-1', 'keyword-59'] });
    assert.deepEqual((await person.row('INBOX', 3)).flags, ['keyword-1']);
    await person.append('Sent', { flags: ['keyword-59', 'keyword-2'] });
    await person.copy('Sent', [1], 'INBOX');
    assert.deepEqual((await person.row('INBOX', 4)).flags, ['keyword-2']);
  });
}

function changingOnCondition(promise: Promised): void {
  promise('RFC 7162 §3.1.3: what has changed since is left as it is and named', async (person) => {
    await person.append('INBOX', {}, {}, {});
    const { highestModSeq } = await person.mailbox();
    await person.flag('INBOX', [2], 'add', ['\\Answered']);
    const { rows, modified } = await person.flag('INBOX', [3, 2, 1], 'add', ['\\Deleted'], highestModSeq);
    assert.deepEqual([rows.map(({ uid }) => uid), modified], [[1, 3], [2]]);
    assert.deepEqual(await flagsOf(person), [['\\Deleted'], ['\\Answered'], ['\\Deleted']]);
    const now = (await person.mailbox()).highestModSeq;
    assert.deepEqual((await person.flag('INBOX', [1, 2, 3], 'add', ['\\Seen'], now)).modified, []);
  });

  promise('RFC 7162 §3.1.3: nothing is as old as 0', async (person) => {
    await person.append('INBOX', {}, {});
    const before = await person.everything();
    const answer = await person.flag('INBOX', [1, 2], 'replace', ['\\Seen'], 0);
    assert.deepEqual(answer, { rows: [], modified: [1, 2], refused: [], modSeq: null });
    assert.deepEqual(await person.everything(), before);
  });

  promise('RFC 7162 §3.1.3: of two that change on the same condition one wins', async (person) => {
    await person.append('INBOX', {});
    const { modSeq } = await person.row('INBOX', 1);
    const both = await Promise.all(['left', 'right'].map((flag) => person.flag('INBOX', [1], 'add', [flag], modSeq)));
    assert.deepEqual(
      both.flatMap(({ modified }) => modified),
      [1],
    );
    assert.equal((await person.row('INBOX', 1)).flags.length, 1);
  });
}

async function flagsOf(person: Parameters<Parameters<Promised>[1]>[0]): Promise<readonly (readonly string[])[]> {
  return (await person.rows()).map(({ flags }) => flags.toSorted());
}
