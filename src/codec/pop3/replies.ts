/**
 * Everything that we say to a POP3 client. One place, so that the words can be judged together: each reply says what happened and
 * what to do next, and nothing of our insides. A code in brackets is for programs: with `[AUTH]` they ask for the password again, with
 * `[SYS/TEMP]` they come back later and ask nobody (RFC 3206 §4 and §5).
 */
import type { Reply, ResponseCode } from './reply.ts';

function yes(text: string): Reply {
  return { ok: true, code: null, text };
}

function no(text: string, code: ResponseCode | null = null): Reply {
  return { ok: false, code, text };
}

// ── Yes ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** RFC 1939 §4. No timestamp in angle brackets: APOP is not offered. */
export function banner(hostname: string): Reply {
  return yes(`${hostname} POP3 Holdfast`);
}

export const capabilities: Reply = yes('Capabilities follow');
export const startTlsNow: Reply = yes('Start TLS now');
export const utf8On: Reply = yes('UTF8 is on');
/** RFC 1939 §7: said of every name, so that nobody lists our users. */
export const sendPassword: Reply = yes('Send the password');
export const noop: Reply = yes('');
export const goodbye: Reply = yes('Goodbye');

/** RFC 1939 §5 STAT: the form is fixed. */
export function stat(messages: number, bytes: number): Reply {
  return yes(`${messages} ${bytes}`);
}

export function signedIn(messages: number, bytes: number): Reply {
  return yes(`Signed in; ${counted(messages)}, ${bytes} octets`);
}

export function listFollows(messages: number, bytes: number): Reply {
  return yes(`${counted(messages)}, ${bytes} octets`);
}

export const uidlFollows: Reply = yes('Unique-ids follow');

/** LIST and UIDL of one message: number and size, or number and unique-id. */
export function one(message: number, what: number | string): Reply {
  return yes(`${message} ${what}`);
}

export function messageFollows(bytes: number): Reply {
  return yes(`${bytes} octets`);
}

export const topFollows: Reply = yes('Top of the message follows');

export function marked(message: number): Reply {
  return yes(`Message ${message} goes at QUIT`);
}

export function reset(messages: number, bytes: number): Reply {
  return yes(`Nothing is marked; ${counted(messages)}, ${bytes} octets`);
}

export function deleted(messages: number): Reply {
  return yes(messages === 0 ? 'Goodbye' : `${counted(messages)} deleted; goodbye`);
}

function counted(messages: number): string {
  return messages === 1 ? '1 message' : `${messages} messages`;
}

// ── Lines that can't be read ───────────────────────────────────────────────────────────────────────────────────────

export const unknownCommand: Reply = no('Command not known; CAPA lists what there is');
export const notAWebServer: Reply = no('This is a mail service, not a web server');
export const plainTextPort: Reply = no('TLS does not begin here at once: say STLS first, or use the port for POP3S');
export const lineTooLong: Reply = no('The line is too long');
export const authLineTooLong: Reply = no('The line is too long for a sign-in');
export const notUtf8: Reply = no('The line is neither ASCII nor UTF-8');
export const controlInLine: Reply = no('The line holds control characters');
export const noArgument: Reply = no('This command takes no argument');
export const nameMissing: Reply = no('Say USER and the name');
export const passwordMissing: Reply = no('Say PASS and the password');
export const mechanismMissing: Reply = no('Say AUTH and a mechanism: AUTH PLAIN');
export const initialMalformed: Reply = no('Behind the mechanism stands one answer in base64, or nothing');
export const numberMissing: Reply = no('Say the number of a message');
export const topArguments: Reply = no('Say the number of a message and how many lines of its body');

// ── Not now ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** RFC 2595 §2.3: nobody signs in over a line that others read. */
export const tlsFirst: Reply = no('Passwords need TLS: say STLS first, or use the port for POP3S');
export const tlsAlready: Reply = no('TLS is on already');
export const tlsUnavailable: Reply = no('TLS is not available now; try again later', 'SYS/TEMP');
export const nothingAfterStls: Reply = no('Something came behind STLS before TLS began; say STLS alone');
export const signInFirst: Reply = no('Sign in first');
export const signedInAlready: Reply = no('You are signed in already');
export const userFirst: Reply = no('Say USER first');
export const mechanismUnknown: Reply = no('This mechanism is not offered; CAPA lists those that are');
export const apopNotOffered: Reply = no('APOP is not offered; use USER and PASS, or AUTH PLAIN');
export const authMalformed: Reply = no('The answer is no SASL PLAIN in base64');
export const authCancelled: Reply = no('Sign-in cancelled');

// ── Sign-in ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const wrongPassword: Reply = no('Wrong user name or password', 'AUTH');
export const authTooOften: Reply = no('Wrong user name or password, too often; check them and connect again', 'AUTH');
/** Said in the middle of a session. */
export const switchedOff: Reply = no('This account is switched off; ask your administrator', 'AUTH');
/** Said once the password was right: a relay or a device sends mail, and has none. */
export const noMailbox: Reply = no('This account sends mail and has no mailbox', 'AUTH');
/** RFC 3206 §4.1: the password may be right, and a client that asks for another one is wrong. */
export const signInLater: Reply = no(
  'Sign-in is busy, or too many attempts failed; try again in some minutes',
  'SYS/TEMP',
);
export const tooManySessions: Reply = no(
  'Too many sessions have this mailbox open; try again when they are over',
  'IN-USE',
);

// ── Messages ───────────────────────────────────────────────────────────────────────────────────────────────────────

export const noSuchMessage: Reply = no('There is no message with this number');
export const markedAlready: Reply = no('This message is marked as deleted; RSET takes all marks back');
export const messageGone: Reply = no('This message was deleted by another program, and is gone for good');
export const messageUnreadable: Reply = no('This message is damaged; tell your administrator', 'SYS/PERM');
export const messageLater: Reply = no('This message cannot be read now; try again later', 'SYS/TEMP');

/** RFC 1939 §6: they are there at the next sign-in. */
export function notDeleted(left: number, of: number): Reply {
  return no(`${left} of ${counted(of)} could not be deleted and remain; try again later`, 'SYS/TEMP');
}

// ── Trouble of ours ────────────────────────────────────────────────────────────────────────────────────────────────

export const overloaded: Reply = no('The service is busy; try again in some minutes', 'SYS/TEMP');
export const tooManyOfTenant: Reply = no(
  'Too many sessions of your organisation now; try again in some minutes',
  'SYS/TEMP',
);
export const tooManyConnections: Reply = no('Too many connections from your address; close some', 'SYS/TEMP');
export const mailboxLater: Reply = no('The mailbox cannot be opened now; try again later', 'SYS/TEMP');
export const closing: Reply = no('The service restarts; come back in a moment', 'SYS/TEMP');
export const tooManyErrors: Reply = no('Too many commands that lead nowhere');
