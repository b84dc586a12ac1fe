import { replyLineBytesMax, replyLinesMax } from './limits.ts';

/** An answer of ours to an SMTP peer. */
export interface Reply {
  /** RFC 5321 §4.2: three digits. */
  readonly code: number;
  /** RFC 3463, e.g. '5.1.1'; null for the banner, 354, 334 and the EHLO list, which carry none (RFC 2034 §3). */
  readonly enhanced: string | null;
  /** At least one; plain words that name the remedy. */
  readonly lines: readonly string[];
}

/** A reply in one line. */
export function reply(code: number, enhanced: string | null, ...lines: readonly string[]): Reply {
  return { code, enhanced, lines };
}

/** Ends a line early, speaks another language, or rings bells: never part of what we say. */
const unprintable = /[^\x20-\x7e]/g;

/**
 * The reply as it goes on the wire, ASCII, CRLF included. A line that would pass 512 octets goes on in the next one
 * (RFC 5321 §4.5.3.1.5), up to 64 lines, each with the code and the enhanced code (RFC 2034 §4). What isn't printable ASCII becomes
 * `?`: nothing that a peer once said can end our line.
 */
export function formatReply(answer: Reply): string {
  const prefix = answer.enhanced === null ? '' : `${answer.enhanced} `;
  const room = replyLineBytesMax - 6 - prefix.length;
  const lines = answer.lines.flatMap((line) => wrap(line.replace(unprintable, '?'), room)).slice(0, replyLinesMax);
  const last = lines.pop() ?? '';
  return `${lines.map((line) => `${answer.code}-${prefix}${line}\r\n`).join('')}${answer.code} ${prefix}${last}\r\n`;
}

function wrap(line: string, room: number): string[] {
  const parts: string[] = [];
  let rest = line;
  while (rest.length > room) {
    const space = rest.lastIndexOf(' ', room);
    const at = space > 0 ? space : room;
    parts.push(rest.slice(0, at));
    rest = rest.slice(space > 0 ? at + 1 : at);
  }
  parts.push(rest);
  return parts;
}
