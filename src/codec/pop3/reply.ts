import { replyLineBytesMax } from './limits.ts';

/** Words in brackets for programs (RFC 2449 §8, RFC 3206 §4). */
export type ResponseCode = 'AUTH' | 'IN-USE' | 'SYS/PERM' | 'SYS/TEMP';

/** One status line of ours. */
export interface Reply {
  /** `+OK` or `-ERR`. */
  readonly ok: boolean;
  readonly code: ResponseCode | null;
  readonly text: string;
}

/** Ends a line early, speaks another language, or rings bells: never part of what we say. */
const unprintable = /[^\x20-\x7e]/g;

/** The reply as it goes on the wire, CRLF included: one line, ASCII, never longer than RFC 2449 §4 allows. */
export function formatReply({ ok, code, text }: Reply): string {
  const status = ok ? '+OK' : '-ERR';
  const words = [status, ...(code === null ? [] : [`[${code}]`]), ...(text === '' ? [] : [text])].join(' ');
  return `${words.replace(unprintable, '?').slice(0, replyLineBytesMax - 2)}\r\n`;
}
