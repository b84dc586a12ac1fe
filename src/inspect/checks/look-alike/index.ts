/**
 * The check of look-alikes: recipients whose domain is taken for a known one (H1). Letters of other alphabets, slips of the fingers, words around
 * the name, another top-level domain. Each finding is about one recipient.
 */
export { lookAlike } from './check.ts';
