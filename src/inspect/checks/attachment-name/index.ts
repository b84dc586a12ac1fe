/**
 * The check of attachment names: will this file, saved under the name that it asks for, be a program? Extensions decide what a double
 * click does, so senders of malware dress them up; the name is read as the recipient's computer will read it, not as it looks.
 *
 * To add a check, copy this folder:
 * 1. `check.ts` is one pure function: facts and options in, findings out, empty when there is nothing to say. It never throws for what a
 *    mail holds, and its time grows with the length of the input and no faster.
 * 2. Facts that it needs and that are not in `model/mail-facts.ts` yet are added there, with who they come from and how far they can be trusted.
 * 3. A reason is a sentence for people who did nothing wrong: it names the file and what is the matter with it.
 * 4. Hostile input is a fixture, one case a line, with innocent lookalikes among it: a check is judged by both.
 * 5. This door names the check, its options and their defaults, and says what it carries (H1).
 */
export { type AttachmentNameOptions, attachmentName, BLOCKED_BY_DEFAULT } from './check.ts';
