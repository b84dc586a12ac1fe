/**
 * Everything that we say to an IMAP client in words. One place, so that they can be judged together: each says what happened and what to
 * do next, and nothing of our insides. Codes: RFC 9051 §7.1, RFC 5530, and those of the extension that is named.
 */
import { type Reply, reply } from './reply.ts';

// ── Lines that can't be read ───────────────────────────────────────────────────────────────────────────────────────

export const noTag: Reply = reply('BAD', null, 'Begin each command with a tag, a space and the name of the command');
export const notAWebServer: Reply = reply('BYE', null, 'This is a mail service, not a web server');
export const plainTextPort: Reply = reply(
  'BYE',
  null,
  'This port begins without TLS; choose STARTTLS for it, or use the port for TLS',
);
export const tooLong: Reply = reply('BAD', 'LIMIT', 'Command too long; send it in several smaller ones');
export const tooManyLiterals: Reply = reply('BAD', 'LIMIT', 'Too many literals in one command; use quoted strings');
export const binaryLiteral: Reply = reply('BAD', null, 'Only APPEND takes a literal with ~; write it without');
export const literalNotANumber: Reply = reply('BAD', 'TOOBIG', 'No message can be that large; correct the number');
export const controlInCommand: Reply = reply(
  'BAD',
  null,
  'NUL and lone CR are not allowed here; correct the sending program',
);
export const rawOctets: Reply = reply(
  'BAD',
  null,
  'Letters beyond ASCII belong in a quoted string or a literal, in UTF-8; correct the sending program',
);
export const notUtf8: Reply = reply('BAD', null, 'Text must be UTF-8; correct the sending program');
export const tooManyErrors: Reply = reply(
  'BYE',
  null,
  'Too many commands that could not be read; correct the sending program and connect again',
);
export const tooMuchRefused: Reply = reply('BYE', 'TOOBIG', 'Too much was sent along with a refused command');
export const saslLineTooLong: Reply = reply('BAD', 'LIMIT', 'Line too long; sign in with a shorter token');
export const signInFirst: Reply = reply('BAD', null, 'Sign in first');
export const trailing: Reply = reply('BAD', null, 'There is more after the end of this command; correct the command');

/** `form` shows what can be read. */
export function badForm(form: string): Reply {
  return reply('BAD', null, `Write ${form}`);
}

export function unknownCommand(name: string): Reply {
  return reply('BAD', null, `Command ${shown(name)} is not known here; ask for CAPABILITY`);
}

export function unknownWord(word: string): Reply {
  return reply('BAD', null, `${shown(word)} is not known here; ask for CAPABILITY, or leave it out`);
}

// ── Arguments that are not taken ───────────────────────────────────────────────────────────────────────────────────

export const tooManyRanges: Reply = reply('BAD', 'LIMIT', 'Too many messages named one by one; use ranges');
export const tooManyItems: Reply = reply('BAD', 'LIMIT', 'List too long; send several commands');
export const tooDeep: Reply = reply('BAD', 'LIMIT', 'Too many parentheses in parentheses; simplify the command');
export const tooManyKeys: Reply = reply('BAD', 'LIMIT', 'Too many search keys; send several commands');
export const badDate: Reply = reply('BAD', null, 'There is no such date; write it like 1-Feb-2026');
export const badDateTime: Reply = reply(
  'BAD',
  null,
  'There is no such date and time; write it like " 1-Feb-2026 09:00:00 +0900"',
);
export const badFlag: Reply = reply(
  'BAD',
  null,
  'Flags are \\Seen \\Answered \\Flagged \\Deleted \\Draft, or a keyword of at most 255 letters',
);
/** RFC 9051 §5.1: with a name in modified UTF-7 that is none, two clients would see two mailboxes. */
export const badMailboxName: Reply = reply(
  'NO',
  'CANNOT',
  'No mailbox can have this name; write & as &-, use no control characters and no empty level',
);
/** RFC 6154 §3. */
export const badSpecialUse: Reply = reply(
  'NO',
  'USEATTR',
  'A new mailbox can have one use: \\Archive \\Drafts \\Flagged \\Junk \\Sent or \\Trash',
);
/** RFC 5258 §3.1. */
export const recursiveMatchAlone: Reply = reply('BAD', null, 'RECURSIVEMATCH needs another option beside it');
export const vanishedAlone: Reply = reply('BAD', null, 'VANISHED goes with UID FETCH and CHANGEDSINCE only');
export const tooManyMails: Reply = reply('NO', 'LIMIT', 'Too many messages in one APPEND; send several');
/** RFC 3502 §6.3.11: so a client gives up what it began. */
export const emptyMail: Reply = reply('NO', null, 'An empty message ends APPEND; nothing was stored');
export const badCharsetText: Reply = reply('BAD', null, 'The text is not in the charset that the command names');

/** RFC 9051 §6.4.4. */
export function unknownCharset(known: readonly string[]): Reply {
  return reply('NO', `BADCHARSET (${known.join(' ')})`, 'This charset is not known here; use UTF-8');
}

/** A client's words, cut short; `formatReply` takes out what could end our line. */
function shown(word: string): string {
  return word.length > 40 ? `${word.slice(0, 40)}...` : word;
}
