/** Terms against the rule that every index must answer by (`holdsPhrase`), in real servers: what they leave out without a word is the danger. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { Client } from 'pg';
import { startPostgres, VERSIONS_IN_TURN } from '../../../test/support/postgres.ts';
import { holdsPhrase } from '../mailbox/index.ts';
import type { ReadRow } from './terms.ts';
import { PHRASE_TERMS, phraseQuery, rowsHold, termRows } from './terms.ts';

const ACCOUNT = 7;

for (const version of VERSIONS_IN_TURN) {
  const server = await startPostgres({ version });
  if ('missing' in server) test(`terms in PostgreSQL ${version}`, { skip: server.missing });
  else
    describe(`terms in PostgreSQL ${version}`, () => {
      const index = new Client({ connectionString: server.url });
      before(() => index.connect());
      after(async () => {
        await index.end();
        await server[Symbol.asyncDispose]();
      });
      terms(index);
    });
}

function terms(index: Client): void {
  test('O3: phrases are found wherever they stand in a long text of few words', async () => {
    const words = Array.from({ length: 20_000 }, (_, at) => `w${(at * at) % 37}`);
    const starts = [0, 1, 250, 255, 5_000, 9_300, 15_999, 16_000, 19_968];
    const phrases = starts.flatMap((at) => [1, 2, 31, 32].map((length) => words.slice(at, at + length)));
    await agree(index, words, [...phrases, ['w0', 'w2']]);
  });

  test('O3: one word said hundreds of times is found as often in a row, and no oftener', async () => {
    const evers = (length: number): string[] => Array.from({ length }, () => 'ever');
    const words = [...evers(300), 'after', ...evers(20)];
    const phrases = [1, 20, 21, 31, 32, 33, 200, 300, 301].map(evers);
    await agree(index, words, [...phrases, ['ever', 'after', 'ever']]);
  });

  test('O3: a phrase longer than any row answers is found, and one that only begins like the text is not', async () => {
    const words = Array.from({ length: 3_000 }, (_, at) => `w${at % 700}`);
    const long = words.slice(600, 600 + 4 * PHRASE_TERMS);
    const begin = long.slice(0, -1);
    await agree(index, words, [long, [...begin, 'other'], [...begin, long.at(-1)?.slice(0, 2) ?? '']]);
  });

  test('O3: quotes, signs of the query language and long terms are terms like others', async () => {
    const signs = [
      "o'neil",
      "''",
      'back\\slash',
      '\\',
      'a:b',
      'x:*',
      '&',
      '|',
      '!',
      '<->',
      '(',
      ' ',
      '会議',
      '\u{1f600}',
    ];
    const words = [...signs, 'x'.repeat(3_000), `${'y'.repeat(499)}\u{1f600}z`, 'end'];
    const phrases = words.flatMap((_, at) => [1, 2, 3].map((length) => words.slice(at, at + length)));
    await agree(index, words, [...phrases, ["o'"], ['会'], ['no', 'such']]);
  });

  test('O3: any text and any phrase', async () => {
    const word = fc.constantFrom('a', 'b', 'ab', 'abc', "b'", '会議', '議室');
    const text = fc.array(word, { maxLength: 60 });
    const phrases = fc.array(fc.array(word, { minLength: 1, maxLength: 5 }), { minLength: 10, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(text, phrases, (words, some) => agree(index, words, some)),
      { numRuns: 60 },
    );
  });
}

/** The index finds each phrase in the text where the rule does. */
async function agree(index: Client, words: readonly string[], phrases: readonly (readonly string[])[]): Promise<void> {
  const rows = termRows(ACCOUNT, words);
  await index.query(
    `DROP TABLE IF EXISTS text_rows; CREATE TEMPORARY TABLE text_rows (first integer, terms tsvector);
     INSERT INTO text_rows VALUES ${rows.map(({ first, text }) => `(${first}, ${quoted(text)})`).join(', ') || "(0, '')"};`,
  );
  const read = await index.query<{ first: number; lexemes: ReadRow['lexemes'] | null }>(`SELECT first,
    (SELECT json_agg(json_build_array(u.lexeme, u.positions)) FROM unnest(terms) u) AS lexemes FROM text_rows`);
  const texts: ReadRow[] = read.rows.map(({ first, lexemes }) => ({ first, lexemes: lexemes ?? [] }));
  for (const phrase of phrases) {
    const { rowCount } = await index.query('SELECT 1 FROM text_rows WHERE terms @@ $1::tsquery', [
      phraseQuery(ACCOUNT, phrase),
    ]);
    const found = (rowCount ?? 0) > 0 && (phrase.length <= PHRASE_TERMS || rowsHold(ACCOUNT, texts, phrase));
    assert.equal(found, holdsPhrase(words, phrase), `${phrase.slice(0, 40).join(' ')} (${phrase.length})`);
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'::tsvector`;
}
