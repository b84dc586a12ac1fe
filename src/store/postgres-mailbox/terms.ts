/**
 * Terms of a message as PostgreSQL's index takes them, and questions in its language. The text of a `tsvector` is written here, so that terms
 * are taken as they are.
 *
 * A tsvector counts positions up to 16,383, at most 255 of one lexeme, in at most 1 MiB; what is beyond is left out without a word. So a
 * text goes into as many rows as it needs, each with the place of its first term, and neighbours overlap: every run of
 * `PHRASE_TERMS` stands whole in one row. For a longer phrase the rows are read and put together again.
 */

/** Terms of a phrase that one row answers. */
export const PHRASE_TERMS = 32;
/** Below the limits of a tsvector, with room. */
const ROW_TERMS_MAX = 16_000;
const ROW_BYTES_MAX = 512 * 1024;
const SAME_TERM_MAX = 255;
/** A lexeme ends at 2,046 octets; of a longer term its begin stands for it, here and in questions. */
const TERM_CHARACTERS_MAX = 500;

/** Part of one text: a tsvector, and the place of its first term. */
export interface TermRow {
  readonly first: number;
  readonly text: string;
}

/** The rows of one text. */
export function termRows(account: number, terms: readonly string[]): TermRow[] {
  const rows: TermRow[] = [];
  for (let first = 0; first < terms.length; ) {
    const { text, next } = oneRow(account, terms, first);
    rows.push({ first, text });
    first = next >= terms.length ? next : next - PHRASE_TERMS + 1;
  }
  return rows;
}

/** A question for this phrase, the last term by its begin; of a long one its first terms alone. */
export function phraseQuery(account: number, phrase: readonly string[]): string {
  const terms = phrase.slice(0, PHRASE_TERMS).map((term) => lexeme(account, term));
  const isWhole = phrase.length <= PHRASE_TERMS;
  return `${terms.join(' <-> ')}${isWhole ? ':*' : ''}`;
}

/** Whether these rows of one text, each with its lexemes and their places, hold the phrase. */
export function rowsHold(account: number, rows: readonly ReadRow[], phrase: readonly string[]): boolean {
  const terms: string[] = [];
  for (const { first, lexemes } of rows)
    for (const [text, places] of lexemes) for (const place of places) terms[first + place - 1] = text;
  const wanted = phrase.map((term) => `${account}:${clipped(term)}`);
  const last = wanted.at(-1) ?? '';
  return terms.some((_, at) =>
    wanted.every((term, i) =>
      i === wanted.length - 1 ? (terms[at + i] ?? '').startsWith(last) : terms[at + i] === term,
    ),
  );
}

export interface ReadRow {
  readonly first: number;
  readonly lexemes: readonly (readonly [text: string, places: readonly number[]])[];
}

function oneRow(account: number, terms: readonly string[], first: number): { text: string; next: number } {
  const places = new Map<string, number[]>();
  let bytes = 0;
  let at = first;
  for (; at < terms.length && at - first < ROW_TERMS_MAX && bytes < ROW_BYTES_MAX; at++) {
    const known = places.getOrInsertComputed(clipped(terms[at] ?? ''), () => []);
    if (known.length >= SAME_TERM_MAX) break;
    if (known.length === 0) bytes += Buffer.byteLength(terms[at] ?? '') + 16;
    known.push(at - first + 1);
  }
  const text = [...places].map(([term, at]) => `${lexeme(account, term)}:${at.join(',')}`).join(' ');
  return { text, next: at };
}

function lexeme(account: number, term: string): string {
  return `'${account}:${clipped(term).replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

// Not within a character of two halves.
function clipped(term: string): string {
  if (term.length <= TERM_CHARACTERS_MAX) return term;
  const cut = term.slice(0, TERM_CHARACTERS_MAX);
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
}
