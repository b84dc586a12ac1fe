/** What we say to an IMAP client about a command, or about the connection (RFC 9051 §7.1). */
export interface Reply {
  readonly status: 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH';
  /** A response code without its brackets, e.g. `UIDNEXT 7`; null where there is none. */
  readonly code: string | null;
  /** Plain words that name the remedy. */
  readonly text: string;
}

export function reply(status: Reply['status'], code: string | null, text: string): Reply {
  return { status, code, text };
}

/** Ends a line early, speaks another language, or rings bells: never part of what we say. */
const unprintable = /[^\x20-\x7e]/g;

/** The reply as it goes on the wire, ASCII, CRLF included: with the tag of the command that it ends, or untagged where that is null. */
export function formatReply(tag: string | null, answer: Reply): string {
  // RFC 9051 §7.1.5 and §7.1.4: BYE and PREAUTH end no command.
  const untagged = tag === null || answer.status === 'BYE' || answer.status === 'PREAUTH';
  const code = answer.code === null ? '' : `[${answer.code}] `;
  return `${untagged ? '*' : tag} ${answer.status} ${`${code}${answer.text}`.replace(unprintable, '?')}\r\n`;
}
