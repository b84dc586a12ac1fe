/**
 * What owners say about mail that comes: rules (move, mark, forward, discard) and the answer while they are away.
 *
 * `document.ts` is what people write, `compiled.ts` makes it ready to be asked, `mail-texts.ts` and `facts.ts` are what is known of a mail, `decide.ts`
 * makes the plan of both (`plan.ts`: the hook by which a
 * Sieve script will do the same), `rule-book.ts` remembers what accounts say. Nothing here touches a mailbox or sends anything: `../delivery.ts`
 * keeps what is to be kept, and custody bears what is to go on.
 *
 * Carries RFC 3834, 5230 §4 (who is answered, how often), 9228; design 1, Doors.
 */
export { type CompiledRules, compileRules } from './compiled.ts';
export { decide } from './decide.ts';
export { type RulesDocument, readRules } from './document.ts';
export { type MailForRules, RuleFacts } from './facts.ts';
export { MailTexts } from './mail-texts.ts';
export type { Plan } from './plan.ts';
export { RuleBook } from './rule-book.ts';
export { nameOfAnswer, writeAnswer } from './vacation.ts';
