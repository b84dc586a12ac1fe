/**
 * Inspection: from the bytes of a mail to facts, and from facts to findings that policy decides by (H1, M4).
 *
 * What stands: the words between extraction and checks (`model/mail-facts.ts`), and the first check, `checks/attachment-name/`, which is the one to
 * copy; and extraction, `extract/`. What does not stand yet: deadlines and breakers, the lane for slow mail. Nothing calls this room before the release
 * that inspects mail.
 *
 * No states. What must never happen: a check that reads the world (it gets facts and options, and gives findings); a check that
 * makes a mail wait for ever, or one that throws for what a mail holds; a finding that says "clean" of what could not be read.
 */
export { type AttachmentNameOptions, attachmentName, BLOCKED_BY_DEFAULT } from './checks/attachment-name/index.ts';
export {
  defaultExtractLimits,
  type EnvelopeFacts,
  type ExtractLimits,
  Extractor,
  type MailContent,
} from './extract/index.ts';
