import { type CompiledPattern, compilePattern, foldCase } from '#/policy/index.ts';
import { type Hit, quoted } from '../../hits.ts';
import type { TextOfMail } from '../../text/index.ts';

/** Different texts that one pattern may find in a mail: beyond it is a list. */
const MATCHES_MAX = 1_000;

/** Steps (characters by the size of the pattern) that the patterns of one rule may take for one mail: a second at worst, and usual patterns read megabytes with it. */
const STEPS_MAX = 50_000_000;

/** Patterns made ready for many mails. */
export interface PatternList {
  /** `isCut`: there was more text than the patterns had steps for. */
  readonly look: (texts: readonly TextOfMail[]) => { readonly hits: readonly Hit[]; readonly isCut: boolean };
  readonly isIn: (text: string) => boolean;
}

/** Patterns of a rule; each is looked for in the text as it is and, where they differ, in its compatibility form (full-width digits are digits). */
export function patternList(patterns: readonly string[]): PatternList {
  const compiled = patterns.map(compilePattern);
  return {
    isIn: (text) => compiled.some((pattern) => pattern.matches(text, foldCase(text), 1).size > 0),
    look: (texts) => {
      const hits: Hit[] = [];
      let stepsLeft = STEPS_MAX;
      let isCut = false;
      for (const [pattern, text, part] of readings(compiled, texts)) {
        const chars = Math.min(text.length, Math.floor(stepsLeft / pattern.steps));
        if (chars < text.length) isCut = true;
        stepsLeft -= chars * pattern.steps;
        const piece = text.slice(0, chars);
        for (const found of pattern.matches(piece, foldCase(piece), MATCHES_MAX)) hits.push(hit(part, found));
      }
      return { hits, isCut };
    },
  };
}

/** What has to be read by which pattern: texts that don't hold its literal are answered already. */
function* readings(
  patterns: readonly CompiledPattern[],
  texts: readonly TextOfMail[],
): Generator<readonly [pattern: CompiledPattern, text: string, part: string]> {
  for (const pattern of patterns) {
    for (const { part, raw, plain, folded, plainFolded } of texts) {
      if (pattern.mayMatch(folded)) yield [pattern, raw, part];
      if (plain !== raw && pattern.mayMatch(plainFolded)) yield [pattern, plain, part];
    }
  }
}

function hit(part: string, text: string): Hit {
  const shown = quoted(text);
  return { key: text, part, reason: { en: `“${shown}” stands in it.`, ja: `「${shown}」があります。` } };
}
