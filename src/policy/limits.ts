/** What one tenant's rules may cost a mail of somebody else, each with its reason. */

/** Rules of one owner. Companies have twenty; each one more is looked at for each recipient. */
export const RULES_MAX = 500;

/** Words of one condition: a company's list of project names fits; a dictionary of a language does not. */
export const WORDS_MAX = 2_000;

/** Characters of one word. */
export const WORD_CHARS_MAX = 100;

/** Patterns of one condition: each is a walk of its own over all text. */
export const PATTERNS_MAX = 20;

/** Characters of one pattern: its automaton grows with it. */
export const PATTERN_CHARS_MAX = 500;

/** Steps of a pattern's automaton. Each character of a text may take all of them, so 400 read 100 kB in half a second at worst; `\\d{4}-\\d{6}` has a dozen. */
export const PATTERN_STEPS_MAX = 400;

/** Entries of a list of addresses, names or domains in one rule. */
export const LIST_MAX = 1_000;

/** Alternatives of `any` and `unless`. */
export const ALTERNATIVES_MAX = 20;

/** Characters of texts that people are shown, and that stand on one line of a reply or a header. */
export const TEXT_CHARS_MAX = 300;

/** Longest wait of a hold or an approval that a rule may ask for: what waits longer has been forgotten. */
export const WAIT_MAX = '30d';

/** Causes named in one reason: more nobody reads. */
export const CAUSES_MAX = 3;

/** People whom all rules that hold tell of one mail: each is a mail of ours, and stands with each recipient that waits. */
export const TOLD_MAX = 20;

/** Rules whose every pair is compared when they are reviewed; the time grows with the square. */
export const REVIEWED_MAX = 200;
