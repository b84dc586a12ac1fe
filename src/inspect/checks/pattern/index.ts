/** The check of patterns that customers write (H1): RE2's syntax, in time that grows with the text alone (M4). */
export { patternList } from './check.ts';
