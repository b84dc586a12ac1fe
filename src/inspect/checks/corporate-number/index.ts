/** The check of corporate numbers (法人番号): which company is meant, where that should not leave (H1). The numbers are public, so reasons show them. */
export { corporateNumber } from './check.ts';
