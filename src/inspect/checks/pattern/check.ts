import { compilePattern, foldCase } from '#/policy/index.ts';
import { type Hit, quoted } from '../../hits.ts';
import type { TextOfMail } from '../../text/index.ts';

/** Different texts that one pattern may find in a mail: beyond it is a list. */
const MATCHES_MAX = 1_000;

/** Patterns made ready for many mails. */
export interface PatternList {
  readonly hits: (texts: readonly TextOfMail[]) => Iterable<Hit>;
  readonly isIn: (text: string) => boolean;
}

/** Patterns of a rule; each is looked for in the text as it is and, where they differ, in its compatibility form (full-width digits are digits). */
export function patternList(patterns: readonly string[]): PatternList {
  const compiled = patterns.map(compilePattern);
  return {
    isIn: (text) => compiled.some((pattern) => pattern.matches(text, foldCase(text), 1).size > 0),
    *hits(texts) {
      for (const { part, raw, plain, folded } of texts) {
        for (const pattern of compiled) {
          const found = new Set(pattern.matches(raw, folded, MATCHES_MAX));
          if (plain !== raw) for (const text of pattern.matches(plain, foldCase(plain), MATCHES_MAX)) found.add(text);
          for (const text of found) yield hit(part, text);
        }
      }
    },
  };
}

function hit(part: string, text: string): Hit {
  const shown = quoted(text);
  return { key: text, part, reason: { en: `“${shown}” stands in it.`, ja: `「${shown}」があります。` } };
}
