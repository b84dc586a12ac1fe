/** The check of passports: numbers that are called so, and the lines that machines read on the page with the photograph (H1). */
export { passport } from './check.ts';
