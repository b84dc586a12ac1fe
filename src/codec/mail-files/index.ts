/**
 * The files in which mail is kept elsewhere: mbox, Maildir with what Dovecot keeps beside it, `.eml`; octets <-> values. Pure: no file
 * is opened here.
 * States: the splitter's alone, told in its file. What must never happen: octets that differ after writing and reading; a message hidden
 * by what another one says; a throw for what a file holds; a name that leads out of its folder; memory that grows with a file.
 * Carries O1; RFC 4155 (mbox), RFC 1939 §7 (UIDL), RFC 3501 §5.1.3 (names).
 */
export { formatKeywords, formatSubscriptions, parseKeywords, parseSubscriptions } from './dovecot-files.ts';
export { type DovecotUidList, formatUidList, parseUidList } from './dovecot-uidlist.ts';
export { EXPORT_LIST, type ExportLine, formatExportLine, parseExportLine } from './export-list.ts';
export type { FileMessage } from './file-message.ts';
export { formatLevel, parseLevel } from './level-name.ts';
export { isWire, toWire } from './line-ends.ts';
export { formatMaildirFolder, parseMaildirFolder, parseMaildirLevel } from './maildir-folder.ts';
export { flagsOfLetters, formatMaildirName, lettersOfFlags, parseMaildirName } from './maildir-name.ts';
export { formatMboxMessage, readMboxMessage } from './mbox-message.ts';
export { type MboxSpan, MboxSplitter } from './mbox-splitter.ts';
export { DEFAULT_UIDL_FORMAT, parseUidlFormat, type UidlFormat } from './uidl-format.ts';
