/** Who has written to whom: learnt from what was delivered, looked up for rules about first mails, forgotten in time (H1). */
export { AcquaintanceBook } from './acquaintances.ts';
export { CorrespondenceForgetter } from './forgetter.ts';
export { CorrespondenceLearner } from './learner.ts';
export { PERSON_KEY, personHash } from './person-hash.ts';
