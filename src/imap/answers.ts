/** What the service says in words beside `codec/imap`: each says what happened and what to do next, and nothing of our insides. Codes: RFC 9051 §7.1, RFC 5530. */
import { type Reply, reply } from '#/codec/imap/index.ts';
import { Fault } from '#/model/index.ts';

export const overloaded: Reply = reply('BYE', 'UNAVAILABLE', 'Too many connections now; try again in some minutes');
export const tooManyFromAddress: Reply = reply('BYE', 'LIMIT', 'Too many connections from your address; close some');
export const tooManyOfUser: Reply = reply('NO', 'LIMIT', 'Too many connections of this user; close some and try again');
export const tooManyOfTenant: Reply = reply(
  'NO',
  'UNAVAILABLE',
  'Too many connections of your organisation now; try again in some minutes',
);
export const closing: Reply = reply('BYE', 'UNAVAILABLE', 'The service begins anew; connect again');
export const timedOut: Reply = reply('BYE', null, 'Nothing was heard for too long; connect again');
export const signInTimedOut: Reply = reply('BYE', null, 'Nobody signed in; connect again');
export const tooManyErrors: Reply = reply(
  'BYE',
  'LIMIT',
  'Too many commands that could not be run; correct the program',
);
export const tooManyFailures: Reply = reply(
  'BYE',
  'LIMIT',
  'Too many failed sign-ins; correct the password and connect again',
);
export const mailboxGone: Reply = reply('BYE', null, 'The mailbox was deleted elsewhere; connect again');
export const switchedOff: Reply = reply('BYE', 'EXPIRED', 'This user may not sign in any more; ask your administrator');
export const loggedOut: Reply = reply('BYE', null, 'Goodbye');

export const done: Reply = reply('OK', null, 'Done');
export const unavailable: Reply = reply('NO', 'UNAVAILABLE', 'The mailbox can not be used now; try again in a moment');
export const serverBug: Reply = reply(
  'NO',
  'SERVERBUG',
  'This failed on our side; try again, or ask your administrator',
);
export const busy: Reply = reply('NO', 'UNAVAILABLE', 'Too much is under way; try again in a moment');

export const refused: Reply = reply(
  'NO',
  'CANNOT',
  'This can not be done: the name is none, or there are too many mailboxes',
);
export const numberTooHigh: Reply = reply('BAD', null, 'There is no message with such a number; look for EXISTS');

export const tlsFirst: Reply = reply(
  'NO',
  'PRIVACYREQUIRED',
  'Passwords are taken over TLS only; use STARTTLS or the port for TLS',
);
export const tlsAlready: Reply = reply('BAD', null, 'TLS is on already');
export const tlsNotReady: Reply = reply('NO', 'UNAVAILABLE', 'TLS is not available now; try again in a moment');
export const beginTls: Reply = reply('OK', null, 'Begin TLS now');
export const nothingAfterStartTls: Reply = reply('BYE', null, 'Wait for the answer to STARTTLS before you send more');
export const signInFirst: Reply = reply('BAD', null, 'Sign in first');
export const signedInAlready: Reply = reply('BAD', null, 'Somebody has signed in on this connection already');
export const selectFirst: Reply = reply('BAD', null, 'Select a mailbox first');
export const notOffered: Reply = reply('BAD', null, 'This is not offered to this account; ask for CAPABILITY');
export const wrongPassword: Reply = reply('NO', 'AUTHENTICATIONFAILED', 'User name or password is wrong');
export const signInLater: Reply = reply('NO', 'UNAVAILABLE', 'Sign-in is not possible now; try again in some minutes');
export const noMailbox: Reply = reply('NO', 'AUTHORIZATIONFAILED', 'This name has no mailbox; sign in as a user');
export const notForOthers: Reply = reply(
  'NO',
  'AUTHORIZATIONFAILED',
  'Nobody can sign in for somebody else; leave that name out',
);
export const mechanismUnknown: Reply = reply('NO', 'CANNOT', 'Only AUTHENTICATE PLAIN and LOGIN are offered');
export const saslMalformed: Reply = reply('BAD', null, 'This is no answer of SASL PLAIN in base64');
export const saslCancelled: Reply = reply('BAD', null, 'Sign-in was given up');

export const absent: Reply = reply('NO', 'NONEXISTENT', 'There is no such mailbox; list them with LIST');
export const tooManyPatterns: Reply = reply('NO', 'LIMIT', 'Too many patterns in one LIST; send several');
export const patternTooWild: Reply = reply('NO', 'LIMIT', 'A pattern has too many wildcards; write it with fewer');
export const createFirst: Reply = reply('NO', 'TRYCREATE', 'There is no such mailbox; create it first');
export const exists: Reply = reply('NO', 'ALREADYEXISTS', 'A mailbox has this name already; choose another');
export const kept: Reply = reply('NO', 'HASCHILDREN', 'It has mailboxes below it; delete those first');
export const inboxStays: Reply = reply('NO', 'CANNOT', 'INBOX can not be deleted');
export const notRenamed: Reply = reply('NO', 'CANNOT', 'A mailbox can not go below itself; choose another name');
export const readOnly: Reply = reply('NO', 'READ-ONLY', 'The mailbox was opened with EXAMINE; use SELECT to change it');
export const overQuota: Reply = reply('NO', 'OVERQUOTA', 'There is no room; delete messages first');
export const noRoot: Reply = reply('NO', 'NONEXISTENT', 'There is no such quota root; ask GETQUOTAROOT');
export const noWords: Reply = reply('NO', 'CANNOT', 'Search for a word: there is no letter and no digit in the text');
export const someGone: Reply = reply(
  'NO',
  'EXPUNGEISSUED',
  'Some of these messages were deleted elsewhere; the others are above',
);
export const unknownEncoding: Reply = reply(
  'NO',
  'UNKNOWN-CTE',
  'A part has an encoding that is not known here; fetch it with BODY',
);
export const idleEndsWithDone: Reply = reply('BAD', null, 'IDLE ends with DONE');

export function tooBig(bytesMax: number): Reply {
  return reply('NO', 'TOOBIG', `A message may have ${bytesMax} octets at most`);
}

/** What a client hears of a failure of ours. */
export function replyForFault(fault: unknown): Reply {
  if (fault instanceof Fault && fault.code === 'mailbox.refused') return refused;
  return fault instanceof Fault && fault.owner === 'us' && fault.retry !== 'never' ? unavailable : serverBug;
}
