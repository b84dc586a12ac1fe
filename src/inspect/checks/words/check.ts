import { type Hit, quoted } from '../../hits.ts';
import { foldWords, isSpacedLetter, type TextOfMail } from '../../text/index.ts';
import { WordAutomaton } from './automaton.ts';

/** Words made ready to be looked for in many mails. */
export interface WordList {
  readonly hits: (texts: readonly TextOfMail[]) => Iterable<Hit>;
  /** Words of a text that was folded already. */
  readonly foundIn: (folded: string) => ReadonlySet<string>;
}

/**
 * Words of a rule: width, kana, case and blanks inside Japanese words make no difference. In scripts that part words by blanks only whole words
 * count; in Japanese a word may stand anywhere.
 */
export function wordList(words: readonly string[]): WordList {
  const folded = [...new Map(words.map((word) => [foldWords(word).trim(), word]))].filter(([form]) => form !== '');
  const automaton = new WordAutomaton(folded.map(([form]) => form));
  const foundIn = (text: string): ReadonlySet<string> => {
    const found = new Set<string>();
    automaton.walk(text, (word, from, to) => {
      if (!isInside(text, to) && !isInside(text, from)) found.add(folded[word]?.[1] ?? '');
      return found.size === folded.length;
    });
    return found;
  };
  return { foundIn, hits: (texts) => hitsIn(texts, foundIn) };
}

function* hitsIn(texts: readonly TextOfMail[], foundIn: WordList['foundIn']): Generator<Hit> {
  for (const { part, words } of texts) {
    for (const word of foundIn(words)) {
      const shown = quoted(word);
      yield {
        key: word,
        part,
        reason: { en: `The word “${shown}” stands in it.`, ja: `「${shown}」という語句があります。` },
      };
    }
  }
}

// A place between two letters of one spaced script is inside of a word.
function isInside(text: string, at: number): boolean {
  return isSpacedLetter(text[at - 1] ?? '') && isSpacedLetter(text[at] ?? '');
}
