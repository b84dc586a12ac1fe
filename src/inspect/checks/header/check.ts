import type { FieldFacts } from '#/model/index.ts';
import { type Hit, quoted } from '../../hits.ts';
import { foldWords } from '../../text/index.ts';
import { patternList } from '../pattern/index.ts';
import { wordList } from '../words/index.ts';

export interface HeaderOptions {
  /** In lower case. */
  readonly name: string;
  readonly words: readonly string[];
  readonly patterns: readonly string[];
}

/** Fields of a name that hold one of the words or match one of the patterns. A field may stand there several times; each is looked at. */
export function headerFields({
  name,
  words,
  patterns,
}: HeaderOptions): (fields: readonly FieldFacts[]) => Iterable<Hit> {
  const [list, regular] = [wordList(words), patternList(patterns)];
  return function* (fields) {
    for (const field of fields) {
      if (field.name !== name) continue;
      if (list.foundIn(foldWords(field.value)).size === 0 && !regular.isIn(field.value)) continue;
      const shown = quoted(field.value);
      yield {
        key: field.value,
        part: '',
        reason: { en: `The header field ${name} says “${shown}”.`, ja: `ヘッダー ${name} に「${shown}」とあります。` },
      };
    }
  };
}
