/** The check of header fields: words and patterns in fields of one name (H1). */
export { headerFields } from './check.ts';
