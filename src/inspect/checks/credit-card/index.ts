/**
 * The check of payment cards: numbers that a shop could charge (H1). Brand, length and check digit have to fit, so that order and parcel numbers
 * pass. It reads bodies, subjects and files; blanks, hyphens and full-width digits make no difference.
 */
export { creditCard } from './check.ts';
