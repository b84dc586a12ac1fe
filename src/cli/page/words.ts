/** What a person reads, in their language. Each language is written by its own sense, behind one list of what has to be said (`sayings.ts`). */
import type { Language } from '../when.ts';
import type { Words } from './sayings.ts';
import { ENGLISH } from './words-en.ts';
import { JAPANESE } from './words-ja.ts';

/** The words of a language. */
export function wordsOf(language: Language): Words {
  return language === 'ja' ? JAPANESE : ENGLISH;
}

/** What `--lang` or the environment ask for; English where they ask for something else. */
export function languageOf(asked: string | null, env: Readonly<Record<string, string | undefined>>): Language {
  const wanted = asked ?? (env.LC_ALL || env.LC_MESSAGES || env.LANG || '');
  return /^ja(?:$|[_.-])/i.test(wanted) ? 'ja' : 'en';
}
