/**
 * Patterns that customers write, in time that grows with the text and no faster (RE2's syntax: no look-around, no back references). The
 * automaton is ten times slower than the engine's own, so a literal that every match holds is looked for first, where there is one.
 */
import { RE2JS } from 're2js';
import { PATTERN_CHARS_MAX, PATTERN_STEPS_MAX } from './limits.ts';
import { literalOf } from './literal.ts';

export interface CompiledPattern {
  /** What one character of a text may cost at worst. */
  readonly steps: number;
  /** Whether a text may hold a match: most don't hold the literal that every match has. */
  mayMatch(folded: string): boolean;
  /** Different texts that match, at most `most`. `folded` is the same text by `foldCase`. */
  matches(text: string, folded: string, most: number): ReadonlySet<string>;
}

/** Why a pattern can't be used; null where it can. */
export function faultOfPattern(pattern: string): string | null {
  if (pattern.length > PATTERN_CHARS_MAX) return `The pattern is longer than ${PATTERN_CHARS_MAX} characters.`;
  try {
    const automaton = RE2JS.compile(pattern, FLAGS);
    if (automaton.programSize() > PATTERN_STEPS_MAX)
      return 'The pattern is too large: its repeats and alternatives multiply.';
    // What matches nothing at all would match everywhere.
    return automaton.matcher('').find() ? 'The pattern matches the empty text, so it would match every mail.' : null;
  } catch (error) {
    return `The pattern can’t be read (${error instanceof Error ? error.message : String(error)}).`;
  }
}

const FLAGS = RE2JS.CASE_INSENSITIVE | RE2JS.MULTILINE;

/** Upper and lower case are one, as in all that people look for. The pattern has been looked at by `faultOfPattern`. */
export function compilePattern(pattern: string): CompiledPattern {
  const automaton = RE2JS.compile(pattern, FLAGS);
  const literal = literalOf(pattern);
  const mayMatch = (folded: string) => literal === null || folded.includes(literal);
  return {
    steps: automaton.programSize(),
    mayMatch,
    matches(text, folded, most) {
      const found = new Set<string>();
      if (!mayMatch(folded)) return found;
      const matcher = automaton.matcher(text);
      while (found.size < most && matcher.find()) {
        const hit = matcher.group() ?? '';
        if (hit !== '') found.add(hit);
      }
      return found;
    },
  };
}
