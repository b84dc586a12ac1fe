/**
 * The texts of a mail as checks look at them: by scope, each form made once and only when a check asks for it. Several rules ask about the same
 * text, and folding it is dearer than looking.
 *
 * No states beyond what was made already. What must never happen: a scope that forgets a part; one that says "read" of a part that was cut.
 */

export { before, GOODS_LABEL, type GroupedNumber, numbersIn, placeOf } from './digit-groups.ts';
export { foldWords, isSpacedLetter } from './fold-words.ts';
export { MailTexts, TextOfMail } from './mail-texts.ts';
