/** A literal that the end of a line announces (RFC 9051 §4.3, RFC 7888, RFC 3516 §4.4). */
export interface Literal {
  /** How many octets follow; not finite where the number can't be kept. */
  readonly bytes: number;
  /** The client waits for our word before it sends them. */
  readonly synchronizing: boolean;
  /** Written `~{…}`: octets of any value. */
  readonly binary: boolean;
  /** Where in the line it stands. */
  readonly at: number;
}

/** Longer than any announcement: no number that can be meant has more than 30 digits. */
export const announcementBytesMax = 40;
const announcement = /(~?)\{(\d{1,30})(\+?)\}\r?\n$/;

/**
 * What the line, its line end included, announces; null where it is the last of its command. What stands before `from` is no part of it: the
 * octets of a literal may look like an announcement.
 */
export function literalOf(line: Buffer, from: number): Literal | null {
  // Nearly every line ends a command: it is looked at no further.
  if (line[textEnd(line, from) - 1] !== CLOSE) return null;
  const start = Math.max(from, line.length - announcementBytesMax);
  const found = announcement.exec(line.toString('latin1', start));
  if (found === null) return null;
  const bytes = Number(found[2]);
  return {
    bytes: Number.isSafeInteger(bytes) ? bytes : Number.POSITIVE_INFINITY,
    synchronizing: found[3] === '',
    binary: found[1] === '~',
    at: start + found.index,
  };
}

/** Where the line's text ends and its line end begins: CRLF, or LF alone. */
export function textEnd(line: Buffer, from: number): number {
  const end = line.length - 1;
  return end > from && line[end - 1] === CR ? end - 1 : end;
}

const CR = 0x0d;
const CLOSE = 0x7d;
