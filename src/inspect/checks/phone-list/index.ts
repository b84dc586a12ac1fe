/**
 * The check of lists of telephone numbers (H1): different numbers, Japan's and those in international form. Own code: the tables of all
 * countries' numbering plans would be larger than the rest of inspection, and a rule asks for ten or more of them.
 */
export { phoneList } from './check.ts';
