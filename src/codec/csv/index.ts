/**
 * Comma-separated values (RFC 4180) as spreadsheets and directories write them, with their other separators, line ends and charsets.
 *
 * Ours, since what matters is that a broken file is told with its line instead of being read as another one; the format has four rules.
 */
export { CsvError, readCsv, separatorOf } from './reader.ts';
export { type DecodedText, decodeText, TEXT_CHARSETS, type TextCharset } from './text.ts';
