/**
 * The check of attachments: name, kind by octets, size, locked, macro, disguised, dangerous (H1). Files inside of archives and documents are
 * files too; what could not be looked into may hold any of them.
 */
export { attachments, mayHideAttachment } from './check.ts';
