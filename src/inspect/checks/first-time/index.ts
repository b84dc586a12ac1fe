/**
 * The check of new recipients (H1). Who was written to before is a history that the caller brings (`inspect/correspondents/` keeps it); without one the
 * check is absent.
 */
export { firstTime, type KnownRecipients } from './check.ts';
