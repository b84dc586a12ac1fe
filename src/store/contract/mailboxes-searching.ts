/** Search by phrases (RFC 9051 §6.4.4): every keeper finds what the rule of `holdsPhrase` finds, whatever index it has. */
import assert from 'node:assert/strict';
import type { Promised } from './mailboxes.ts';
import { soon } from './samples.ts';

export function searching(promise: Promised): void {
  promise(
    'RFC 9051 §6.4.4: words are found beside each other and in order, the last one by its begin',
    async (person) => {
      await person.append(
        'INBOX',
        { subject: 'Offer', text: 'The quick brown fox jumps.' },
        { subject: 'Brown', text: 'A fox, a quick one, and BROWN.' },
        { subject: 'None', text: 'Nothing of it.' },
      );
      for (const [query, found] of [
        ['quick', [1, 2]],
        ['QUICK Brown', [1]],
        ['quick, brown', [1]],
        ['brown quick', []],
        ['quick fox', []],
        ['fox', [1, 2]],
        ['fo', [1, 2]],
        ['quick bro', [1]],
        ['quic brown', []],
        ['uick', []],
        ['the quick brown fox jumps', [1]],
        ['the quick brown fox jumps over', []],
      ] as const)
        assert.deepEqual(await person.holding(query, 'body'), found, query);
    },
  );

  promise(
    'RFC 9051 §6.4.4: BODY looks into the text, TEXT into header fields as well, and a phrase does not go from one to the other',
    async (person) => {
      await person.append(
        'INBOX',
        { subject: 'Last word', text: 'First words.' },
        { subject: 'x', text: 'Last word.' },
      );
      assert.deepEqual(await person.holding('last word', 'body'), [2]);
      assert.deepEqual(await person.holding('last word', 'text'), [1, 2]);
      assert.deepEqual(await person.holding('word first', 'text'), []);
      assert.deepEqual(await person.holding('alice', 'text'), [1, 2]);
      assert.deepEqual(await person.holding('alice', 'body'), []);
    },
  );

  promise('O5: two characters are a Japanese word, found in the middle of a text without blanks', async (person) => {
    await person.append(
      'INBOX',
      { subject: '定例会議室の変更', text: '明日の会議は第二会議室で行います。' },
      { subject: 'Re: 見積', text: '東京都の見積書をお送りします。' },
      { subject: '請求', text: '議会の会合。サーバーを再起動' },
    );
    for (const [query, body, text] of [
      ['会議', [1], [1]],
      ['会議室', [1], [1]],
      ['議会', [3], [3]],
      ['会', [1, 3], [1, 3]],
      ['見積', [2], [2]],
      ['定例', [], [1]],
      ['京都', [2], [2]],
      ['サーバ', [3], [3]],
      ['ｻｰﾊﾞｰ', [3], [3]],
      ['第二会議室で', [1], [1]],
      ['会議で', [], []],
    ] as const) {
      assert.deepEqual(await person.holding(query, 'body'), body, query);
      assert.deepEqual(await person.holding(query, 'text'), text, query);
    }
  });

  promise('O5: words that mean something to a store are words', async (person) => {
    const words = ['and', 'or', 'not', 'near', 'null', 'select', 'head', 'body', 'the', 'a', 'is'];
    await person.append('INBOX', { text: words.join(' ') }, { text: 'something else' });
    for (const word of words) assert.deepEqual(await person.holding(word, 'body'), [1], word);
    assert.deepEqual(await person.holding('and or not near', 'body'), [1]);
    assert.deepEqual(await person.holding('or and', 'body'), []);
  });

  promise('O5: a phrase that is no text of ours finds nothing and breaks nothing', async (person) => {
    const id = await person.idOf();
    await person.append('INBOX', { text: 'word' });
    const odd = [
      '"',
      "'",
      '*',
      'word*',
      ':',
      'w:*',
      '\\',
      '%',
      '_',
      'two words',
      '\0',
      '(',
      'wor\ud800',
      'x'.repeat(5_000),
    ];
    for (const term of odd)
      for (const phrase of [[term], [term, 'word'], ['word', term]])
        assert.deepEqual(
          await person.mailboxes.holding(person.account, id, phrase, 'text', soon()),
          [],
          JSON.stringify(phrase).slice(0, 60),
        );
  });

  promise('RFC 9051 §6.4.4: an empty phrase is in every text', async (person) => {
    await person.append('INBOX', { text: '' }, { content: Buffer.alloc(0) }, {});
    await person.expunge('INBOX', [3]);
    for (const where of ['body', 'text'] as const)
      assert.deepEqual(await person.mailboxes.holding(person.account, await person.idOf(), [], where, soon()), [1, 2]);
  });

  promise('O5: what has just come is found at once, and a mailbox shows its own alone', async (person) => {
    for (let n = 1; n <= 5; n++) {
      await person.deliver(n, { text: `needle ${n}` });
      assert.equal((await person.holding('needle', 'body')).length, n);
    }
    await person.append('Sent', { text: 'needle elsewhere' });
    assert.equal((await person.holding('needle', 'body')).length, 5);
    assert.deepEqual(await person.holding('needle', 'body', 'Sent'), [1]);
  });

  promise('O5: search follows what is copied, moved, expunged, recovered and purged', async (person, clock) => {
    await person.append('INBOX', { text: 'needle one' }, { text: 'needle two' }, { text: 'needle three' });
    await person.copy('INBOX', [1], 'Sent');
    await person.copy('INBOX', [2], 'Archive', 'move');
    await person.expunge('INBOX', [3]);
    assert.deepEqual(await person.holding('needle'), [1]);
    assert.deepEqual(await person.holding('needle one', 'text', 'Sent'), [1]);
    assert.deepEqual(await person.holding('needle', 'text', 'Archive'), [1]);
    await person.mailboxes.recover(person.account, { since: null, mailbox: null }, 10, soon());
    assert.deepEqual(await person.holding('needle'), [1, 4]);
    await person.expunge('INBOX');
    await clock.sleep(1);
    await person.purge();
    assert.deepEqual(await person.holding('needle'), []);
    assert.deepEqual(await person.holding('needle', 'text', 'Sent'), [1]);
    await person.append('INBOX', { text: 'needle four' });
    assert.deepEqual(await person.holding('needle'), [5]);
  });

  promise('O5: a phrase is found at the end of a long text, and not across what stands apart', async (person) => {
    const words = Array.from({ length: 19_000 }, (_, i) => `w${i}`);
    await person.append('INBOX', { text: `${words.join(' ')} last needle` }, { text: 'short needle' });
    assert.deepEqual(await person.holding('needle', 'body'), [1, 2]);
    for (const at of [0, 8_190, 16_380, 16_382, 16_383, 16_384, 18_990])
      assert.deepEqual(await person.holding(words.slice(at, at + 5).join(' '), 'body'), [1], `from ${at}`);
    assert.deepEqual(await person.holding('w18999 last needle', 'body'), [1]);
    assert.deepEqual(await person.holding('w16383 w16385', 'body'), []);
    assert.deepEqual(await person.holding('w17000 w16999', 'body'), []);
  });
}
