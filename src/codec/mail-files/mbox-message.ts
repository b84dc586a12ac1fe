/**
 * One message of an mbox file, both ways. What we write says, in fields ahead of the mail's own, all that the form of the file would lose
 * (line ends, size, time to the millisecond, UIDL), so that reading it gives the same octets back; other programs see fields that they
 * do not know, and Status, X-Status and X-Keywords as usual. What others wrote is read by custom: quoting as in mboxrd, line ends of Unix.
 */
import { headerValue, readHeaders, stripFields } from '#/codec/mime/index.ts';
import type { FileMessage } from './file-message.ts';
import { toLines, toWire } from './line-ends.ts';
import { flagsOfFields, flagsOfStatus, MBOX_FIELDS, statusOfFlags } from './mbox-flags.ts';
import { formatFromLine, parseFromLine } from './mbox-from-line.ts';
import { quoteLines, unquoteLines } from './mbox-quoting.ts';

const OUR_FIELD = 'X-Holdfast-Export';
const STRIPPED: ReadonlySet<string> = new Set([...MBOX_FIELDS, OUR_FIELD.toLowerCase()]);
/** RFC 4155 appendix A wants a sender; the mail's own stands in its Return-Path. */
const SENDER = 'MAILER-DAEMON';
/** The four fields that we write ahead of a mail; the most that they take. */
const ours =
  /^X-Holdfast-Export: size=(\d{1,15}) lines=(lf|kept) received=(\S{1,40}) uidl=([!-~]{0,70})\r?\nStatus: ([A-Z]*)\r?\nX-Status: ([A-Z]*)\r?\nX-Keywords: ([^\r\n]*)\r?\n/;
const OURS_BYTES_MAX = 16_384;
/** Of the message in which c-client keeps UIDVALIDITY and keywords of the file. */
const INTERNAL_SUBJECT = "DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA";
const LF = 0x0a;
const CR = 0x0d;

/** Octets that stand between two `From ` lines, as a message; null for the file's own notes, which some servers keep in a first message. */
export function readMboxMessage(fromLine: string, raw: Uint8Array): FileMessage | null {
  const octets = unquoteLines(withoutLastLine(raw));
  return readOurs(octets) ?? readTheirs(fromLine, toWire(octets));
}

/** A message with its `From ` line ahead and an empty line behind. */
export function formatMboxMessage({ content, flags, receivedAt, uidl }: FileMessage): readonly Uint8Array[] {
  const lines = toLines(content);
  const octets = quoteLines(lines ?? content);
  const at = receivedAt ?? 0;
  const [status, xStatus, keywords] = statusOfFlags(flags);
  const head = [
    formatFromLine(SENDER, at),
    `${OUR_FIELD}: size=${content.length} lines=${lines === null ? 'kept' : 'lf'} received=${new Date(at).toISOString()} uidl=${uidl ?? ''}`,
    `Status: ${status}`,
    `X-Status: ${xStatus}`,
    `X-Keywords: ${keywords}`,
  ];
  const end = octets.at(-1) === LF ? '\n' : '\n\n';
  return [Buffer.from(`${head.join('\n')}\n`, 'latin1'), octets, Buffer.from(end)];
}

function readOurs(octets: Uint8Array): FileMessage | null {
  const head = Buffer.from(octets.subarray(0, OURS_BYTES_MAX)).toString('latin1');
  const [all, size, lines, received = '', uidl, status = '', xStatus = '', keywords = ''] = ours.exec(head) ?? [];
  if (all === undefined) return null;
  const rest = octets.subarray(all.length);
  const content = lines === 'lf' ? toWire(rest) : rest;
  const receivedAt = Date.parse(received);
  return {
    content: content.subarray(0, sizeOf(content, Number(size))),
    flags: flagsOfStatus(status, xStatus, keywords),
    receivedAt: Number.isNaN(receivedAt) ? null : receivedAt,
    uidl: uidl || null,
  };
}

// A line end may have been added to the last line; what differs by more was written to since, and is kept whole.
function sizeOf(content: Uint8Array, said: number): number {
  return said <= content.length && content.length - said <= 2 ? said : content.length;
}

function readTheirs(fromLine: string, content: Uint8Array): FileMessage | null {
  const section = readHeaders([content]);
  if (isInternal(headerValue(section, 'x-imap'), headerValue(section, 'subject'))) return null;
  const kept = section.fields.some(({ name }) => STRIPPED.has(name))
    ? Buffer.concat(stripFields([content], section, STRIPPED))
    : content;
  return { content: kept, flags: flagsOfFields(section), receivedAt: parseFromLine(fromLine), uidl: null };
}

function isInternal(xImap: string | null, subject: string | null): boolean {
  return xImap !== null && subject?.startsWith(INTERNAL_SUBJECT) === true;
}

/** RFC 4155 appendix A: an empty line behind each message is the file's. */
function withoutLastLine(raw: Uint8Array): Uint8Array {
  const before = (back: number): number | undefined => raw.at(-back);
  if (before(1) !== LF) return raw;
  const end = before(2) === CR ? 2 : 1;
  const isEmptyLine = raw.length === end || before(end + 1) === LF;
  return isEmptyLine ? raw.subarray(0, raw.length - end) : raw;
}
