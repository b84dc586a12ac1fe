import type { Command } from './command.ts';
import { parseMail, parseRcpt } from './envelope.ts';
import * as replies from './replies.ts';
import type { Reply } from './reply.ts';
import { parseXclient } from './xclient.ts';

/** What a line says, or the answer that it earns. After `hangUp` nothing more is to be read. */
export type Parsed =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'refuse'; readonly reply: Reply; readonly hangUp: boolean };

type Reader = (argument: string) => Command | Reply;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['MAIL', parseMail],
  ['RCPT', parseRcpt],
  ['DATA', bare('DATA')],
  ['BDAT', parseBdat],
  ['EHLO', greeting('EHLO')],
  ['HELO', greeting('HELO')],
  ['LHLO', greeting('LHLO')],
  ['RSET', bare('RSET')],
  ['QUIT', bare('QUIT')],
  ['STARTTLS', bare('STARTTLS')],
  ['AUTH', parseAuth],
  ['NOOP', (text) => ({ verb: 'NOOP', text })],
  ['VRFY', (text) => ({ verb: 'VRFY', text })],
  ['EXPN', (text) => ({ verb: 'EXPN', text })],
  ['HELP', (text) => ({ verb: 'HELP', text })],
  ['XCLIENT', readXclient],
]);

/** Words that only a web browser opens a line with: someone drives it against us through a form (cross-protocol attack). */
const webVerbs: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'HEAD', 'CONNECT', 'OPTIONS']);

/** Reads one command line, given without its CRLF. Verbs are known in any case (RFC 5321 §2.4). */
export function parseCommand(line: string): Parsed {
  const space = line.indexOf(' ');
  const verb = (space < 0 ? line : line.slice(0, space)).toUpperCase();
  const reader = readers.get(verb);
  if (reader === undefined)
    return refuse(webVerbs.has(verb) ? replies.notAWebServer : replies.unknownCommand, webVerbs.has(verb));
  const read = reader(space < 0 ? '' : line.slice(space + 1).trim());
  if ('verb' in read) return { kind: 'command', command: read };
  // RFC 3030 §2: the octets that follow a BDAT which we can't read can't be told from commands.
  return refuse(read, verb === 'BDAT');
}

function refuse(answer: Reply, hangUp: boolean): Parsed {
  return { kind: 'refuse', reply: answer, hangUp };
}

function bare(verb: 'DATA' | 'RSET' | 'QUIT' | 'STARTTLS'): Reader {
  const command = { verb };
  // RFC 5321 §4.1.1.4, RFC 3207 §4: no argument.
  return (argument) => (argument === '' ? command : replies.noArgument(verb));
}

// Departs from RFC 5321 §4.1.1.1: scanners greet as HP_2F or with blanks; taken as text (M1).
function greeting(verb: 'HELO' | 'EHLO' | 'LHLO'): Reader {
  return (argument) => (argument === '' || argument.length > 255 ? replies.nameNeeded(verb) : { verb, name: argument });
}

function parseBdat(argument: string): Command | Reply {
  const [digits = '', last, ...more] = argument.split(/ +/);
  const size = Number(digits);
  if (!/^[0-9]{1,15}$/.test(digits) || more.length > 0) return replies.badBdat;
  if (last !== undefined && last.toUpperCase() !== 'LAST') return replies.badBdat;
  return { verb: 'BDAT', size, last: last !== undefined };
}

function parseAuth(argument: string): Command | Reply {
  const [mechanism = '', initial, ...more] = argument.split(/ +/);
  // RFC 4422 §3.1: mechanism names.
  if (!/^[A-Za-z0-9_-]{1,20}$/.test(mechanism) || more.length > 0) return replies.badAuth;
  if (initial === undefined) return { verb: 'AUTH', mechanism: mechanism.toUpperCase(), initial: null };
  // RFC 4954 §4: `=` stands for an answer of no octets.
  return { verb: 'AUTH', mechanism: mechanism.toUpperCase(), initial: initial === '=' ? '' : initial };
}

function readXclient(argument: string): Command | Reply {
  const attributes = parseXclient(argument);
  return attributes === null ? replies.badXclient : { verb: 'XCLIENT', attributes };
}
