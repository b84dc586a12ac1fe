/**
 * Everything that we say to an SMTP client. One place, so that the words can be judged together: each reply says what
 * happened and what to do next, and nothing of our insides. Codes: RFC 5321 §4.2.3, RFC 3463, and the registry of RFC 5248.
 */
import { type Reply, reply } from './reply.ts';

// ── Greetings and lists ────────────────────────────────────────────────────────────────────────────────────────────

/** RFC 5321 §4.3.1: the first word is our name. */
export function banner(hostname: string): Reply {
  return reply(220, null, `${hostname} ESMTP Holdfast`);
}

export function heloReply(hostname: string): Reply {
  return reply(250, null, hostname);
}

/** RFC 5321 §4.1.1.1: our name, then a keyword with its parameters per line. */
export function ehloReply(hostname: string, keywords: readonly string[]): Reply {
  return reply(250, null, hostname, ...keywords);
}

// ── Yes ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The contract's answer to DATA and BDAT: `trace` takes the id. */
export function accepted(id: string): Reply {
  return reply(250, '2.0.0', `Ok: queued as ${id}`);
}

export const senderOk: Reply = reply(250, '2.1.0', 'Sender ok');
export const recipientOk: Reply = reply(250, '2.1.5', 'Recipient ok');
export const startMailInput: Reply = reply(354, null, 'Send the message, end with <CRLF>.<CRLF>');
export const resetOk: Reply = reply(250, '2.0.0', 'Reset');
export const noopOk: Reply = reply(250, '2.0.0', 'Ok');
export const goodbye: Reply = reply(221, '2.0.0', 'Goodbye');
export const startTlsNow: Reply = reply(220, '2.0.0', 'Start TLS now');
export const signedIn: Reply = reply(235, '2.7.0', 'Signed in');
export const helpText: Reply = reply(
  214,
  '2.0.0',
  'This is the Holdfast mail service; ask your administrator for help',
);
/** RFC 5321 §3.5.3: neither yes nor no, so that nobody lists our users. */
export const willTry: Reply = reply(252, '2.1.5', 'Addresses are not disclosed here; send the message to find out');

/** RFC 3030 §2: a chunk was taken and more is expected. */
export function chunkOk(bytes: number): Reply {
  return reply(250, '2.0.0', `${bytes} octets received`);
}

/** RFC 4954 §4: `base64` goes to the client as it stands. */
export function challenge(base64: string): Reply {
  return reply(334, null, base64);
}

// ── Lines that can't be read ───────────────────────────────────────────────────────────────────────────────────────

export const unknownCommand: Reply = reply(500, '5.5.1', 'Command not known; send HELP, or check the spelling');
export const notAWebServer: Reply = reply(554, '5.5.1', 'This is a mail service, not a web server');
export const plainTextPort: Reply = reply(
  554,
  '5.5.1',
  'This port begins without TLS; set the device to STARTTLS here, or use the port for TLS',
);
export const lineTooLong: Reply = reply(500, '5.5.2', 'Line too long; shorten it and send it again');
/** RFC 4954 §6: 5.5.6 is for the lines of an AUTH exchange. */
export const authLineTooLong: Reply = reply(500, '5.5.6', 'Authentication line too long');
export const bareLineEnd: Reply = reply(
  500,
  '5.5.2',
  'Lines must end with CR and LF together; correct the sending program',
);
export const controlInLine: Reply = reply(500, '5.5.2', 'Commands are plain text; correct the sending program');
export const notUtf8: Reply = reply(
  500,
  '5.5.2',
  'Commands are ASCII, or UTF-8 with SMTPUTF8; correct the sending program',
);
export const badMailSyntax: Reply = reply(501, '5.5.2', 'Write MAIL FROM:<address>, or MAIL FROM:<> for none');
export const badRcptSyntax: Reply = reply(501, '5.5.2', 'Write RCPT TO:<address>');
export const badSender: Reply = reply(501, '5.1.7', 'The sender is not a valid address; write MAIL FROM:<name@domain>');
export const badRecipient: Reply = reply(
  501,
  '5.1.3',
  'The recipient is not a valid address; write RCPT TO:<name@domain>',
);
export const badBdat: Reply = reply(501, '5.5.4', 'Write BDAT and a number of octets, then LAST with the final chunk');
export const badAuth: Reply = reply(501, '5.5.4', 'Write AUTH and a mechanism from the EHLO list');
export const badXclient: Reply = reply(501, '5.5.4', 'An XCLIENT attribute is not valid; nothing of it was taken');

export function noArgument(verb: string): Reply {
  return reply(501, '5.5.4', `${verb} takes no argument`);
}

export function nameNeeded(verb: string): Reply {
  return reply(501, '5.5.4', `Write ${verb} and the name of your host`);
}

/** RFC 5321 §4.1.1.11. */
export function unknownParameter(keyword: string): Reply {
  return reply(555, '5.5.4', `Parameter ${shown(keyword)} is not offered here; send the command without it`);
}

export function badParameter(keyword: string): Reply {
  return reply(501, '5.5.4', `Parameter ${shown(keyword)} has no valid value, or stands twice`);
}

/** RFC 6531 §3.5. */
export const smtpUtf8Needed: Reply = reply(
  550,
  '5.6.7',
  'An address outside ASCII needs SMTPUTF8 with MAIL; use an ASCII address or a newer program',
);

// ── Commands out of order ──────────────────────────────────────────────────────────────────────────────────────────

export const helloFirst: Reply = reply(503, '5.5.1', 'Say EHLO first');
export const mailFirst: Reply = reply(503, '5.5.1', 'Name a sender with MAIL first');
export const rcptFirst: Reply = reply(503, '5.5.1', 'Name a recipient with RCPT first');
export const mailTwice: Reply = reply(503, '5.5.1', 'A sender was named already; send RSET to begin anew');
/** RFC 5321 §3.3: DATA after RCPTs that all were refused. */
export const noValidRecipients: Reply = reply(554, '5.5.1', 'No recipient was accepted, so there is nobody to send to');
/** RFC 3030 §2: DATA and BDAT don't mix in one message. */
export const chunksBegun: Reply = reply(503, '5.5.1', 'This message began with BDAT; go on with BDAT, or send RSET');
export const tlsAlready: Reply = reply(503, '5.5.1', 'TLS is on already');
export const signedInAlready: Reply = reply(503, '5.5.1', 'You are signed in already');
export const authDuringMail: Reply = reply(503, '5.5.1', 'Sign in before MAIL, or send RSET first');
/** RFC 3207 §4: commands sent along with STARTTLS could have been put there by someone between us. */
export const nothingAfterStartTls: Reply = reply(501, '5.5.1', 'Wait for the answer to STARTTLS before sending more');
export const commandNotOffered: Reply = reply(502, '5.5.1', 'This command is not offered here');
export const wrongHello: Reply = reply(500, '5.5.1', 'Say LHLO here: this is an LMTP service');
export const tooManyErrors: Reply = reply(
  421,
  '4.7.0',
  'Too many errors; correct the sending program and connect again',
);

// ── Signing in ─────────────────────────────────────────────────────────────────────────────────────────────────────

export const signInFirst: Reply = reply(
  530,
  '5.7.0',
  'Sign in first: set user name and password in the sending program',
);
export const startTlsFirst: Reply = reply(530, '5.7.0', 'Send STARTTLS first: switch on TLS in the sending program');
/** RFC 4954 §6. */
export const tlsBeforeAuth: Reply = reply(538, '5.7.11', 'Signing in needs TLS: switch it on in the sending program');
export const mechanismUnknown: Reply = reply(
  504,
  '5.5.4',
  'This way of signing in is not offered; choose one from the EHLO list',
);
export const mechanismTooWeak: Reply = reply(
  534,
  '5.7.9',
  'This way of signing in is too weak; choose another from the EHLO list',
);
export const wrongPassword: Reply = reply(
  535,
  '5.7.8',
  'User name or password is wrong; check both, or ask your administrator',
);
export const authCancelled: Reply = reply(501, '5.7.0', 'Signing in was cancelled');
export const authMalformed: Reply = reply(501, '5.5.2', 'The answer is not valid base64; check the sending program');
export const authBusy: Reply = reply(454, '4.7.0', 'Signing in is not possible right now; try again in a minute');
export const authTooOften: Reply = reply(
  421,
  '4.7.0',
  'Too many failed sign-ins; wait some minutes, and check the password',
);
export const tlsUnavailable: Reply = reply(454, '4.7.0', 'TLS is not available right now; try again in a minute');

// ── Senders and recipients ─────────────────────────────────────────────────────────────────────────────────────────

/** Mail of a shared cloud for the world, without the secret that says whose it is. */
export const connectorUnproven: Reply = reply(
  550,
  '5.7.1',
  'No relaying without the secret of your connector: let its rule add X-Holdfast-Connector with the value set here',
);
export const relayDenied: Reply = reply(
  550,
  '5.7.1',
  'No relaying from here: sign in first, or ask your administrator to allow this host',
);
export const ownNetworksOnly: Reply = reply(
  554,
  '5.7.1',
  'This port serves hosts of our own networks only; use the port for submission, or ask your administrator',
);
export const senderNotYours: Reply = reply(
  550,
  '5.7.1',
  'You may not send as this address; use your own, or ask your administrator',
);
export const unknownUser: Reply = reply(550, '5.1.1', 'There is no such mailbox here; check the address');
export const directoryStale: Reply = reply(451, '4.3.0', 'This address can not be checked right now; try again later');
export const deliveryOff: Reply = reply(
  451,
  '4.3.2',
  'Mail for this address is not accepted right now; try again later',
);
/** RFC 7505 §4.2: the sender's domain says that it takes no mail. */
export const senderNullMx: Reply = reply(
  550,
  '5.7.27',
  "The sender's domain accepts no mail, so nothing could be returned; use another sender",
);
/** RFC 7505 §4.1. */
export const recipientNullMx: Reply = reply(556, '5.1.10', "The recipient's domain accepts no mail; check the address");
export const senderDomainUnknown: Reply = reply(550, '5.1.8', "The sender's domain does not exist; check the address");
export const recipientDomainUnknown: Reply = reply(
  550,
  '5.1.2',
  "The recipient's domain does not exist; check the address",
);
export const senderDomainBusy: Reply = reply(
  451,
  '4.1.8',
  "The sender's domain can not be looked up right now; try again later",
);
/** RFC 5321 §4.5.3.1.10: the rest is sent again by the client. */
export const tooManyRecipients: Reply = reply(
  452,
  '4.5.3',
  'Too many recipients in one message; send the rest in another',
);
/** A recipient that another part of the installation serves (design 1, Doors). */
export const anotherTransaction: Reply = reply(452, '4.5.3', 'Send this recipient in a message of its own');
export const mailboxFull: Reply = reply(452, '4.2.2', 'The mailbox is full; try again later');
/** RFC 1870 §6.1: it never has so much room. */
export const tooLargeForMailbox: Reply = reply(552, '5.2.2', 'The message is larger than this mailbox may ever hold');
/** RFC 8689 §5. */
export const requireTlsUnsupported: Reply = reply(
  550,
  '5.7.30',
  'REQUIRETLS can not be kept on the way to this recipient; send without it',
);
export const requireTlsNeedsTls: Reply = reply(530, '5.7.30', 'REQUIRETLS is only taken over TLS; send STARTTLS first');

// ── Limits ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The contract's `per10m`. */
export const sendingTooFast: Reply = reply(
  450,
  '4.7.1',
  'Sending limit per 10 minutes reached; try again in some minutes',
);
/** The contract's `perDay`. */
export const sentTooMuchToday: Reply = reply(
  550,
  '5.7.1',
  'Sending limit per day reached; try again tomorrow, or ask your administrator',
);
export const dailyLimitDeferred: Reply = reply(450, '4.7.1', 'Sending limit per day reached; try again later');
export const tooManyConnections: Reply = reply(
  421,
  '4.7.0',
  'Too many connections from your address; close some and try again',
);

/** RFC 1870 §6. */
export function tooLarge(bytesMax: number): Reply {
  return reply(552, '5.3.4', `The message is too large; at most ${bytesMax} octets are accepted`);
}

// ── Content ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** RFC 5321 §2.3.8, §4.1.1.4: a bare CR or LF is how one message is smuggled inside another. */
export const bareLineEndInBody: Reply = reply(
  554,
  '5.6.0',
  'The message has a line that does not end with CR and LF together; correct the sending program',
);
/** RFC 5322 §2.3 and RFC 5321 §4.5.2 know no NUL in text; RFC 3030 §3 needs BINARYMIME for it. */
export const nulInBody: Reply = reply(
  554,
  '5.6.0',
  'The message has a NUL character; send binary content encoded, as base64',
);
export const headerTooLarge: Reply = reply(
  554,
  '5.6.0',
  'The header of the message is too large; correct the sending program',
);
/** RFC 5321 §6.3. */
export const loopFound: Reply = reply(554, '5.4.6', 'The message is going round in a loop; check forwards and routes');
/** Mail of a cloud's connector that goes back, and is sent here again and again. */
export const goesRound: Reply = reply(
  554,
  '5.4.6',
  'The message goes round between here and your cloud: let the rule that sends mail here leave out what has the field X-Holdfast-Stamp',
);
export const refusedByPolicy: Reply = reply(
  550,
  '5.7.1',
  'The message is refused by policy; ask the administrator of the recipient',
);
/** RFC 7489 §10.3. */
export const dmarcFailed: Reply = reply(
  550,
  '5.7.1',
  "The message fails the policy of its author's domain (DMARC); send it through that domain's service",
);
/** RFC 7208 §8.4. */
export const spfFailed: Reply = reply(
  550,
  '5.7.23',
  'This host may not send for that domain (SPF); use the service of the domain',
);

// ── Not now ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const tryLater: Reply = reply(451, '4.3.0', 'The message can not be taken right now; try again in a minute');
export const diskShort: Reply = reply(452, '4.3.1', 'No room for new mail right now; try again later');
export const closing: Reply = reply(421, '4.3.2', 'The service is about to restart; connect again in a minute');
export const overloaded: Reply = reply(421, '4.3.2', 'The service is busy; connect again in a minute');
export const timedOut: Reply = reply(421, '4.4.2', 'Nothing was heard for too long; connect again');

/** Keywords come from the peer and may be long. */
function shown(keyword: string): string {
  return keyword.length > 40 ? `${keyword.slice(0, 40)}...` : keyword;
}
