/** The check of lists of mail addresses (H1): different ones, in bodies and files. */
export { mailList } from './check.ts';
