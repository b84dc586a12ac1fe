/**
 * The check of words: lists and dictionaries of a rule, in subjects, bodies, files and the names of files (H1). Full-width letters, half-width
 * kana, katakana for hiragana, spaced-out headings and invisible characters hide nothing.
 */
export { wordList } from './check.ts';
