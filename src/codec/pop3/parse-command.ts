/** One line of a client into a command (RFC 1939 §3), or the refusal that it earned. */
import type { Command } from './command.ts';
import { numberDigitsMax } from './limits.ts';
import * as replies from './replies.ts';
import type { Reply } from './reply.ts';

export type Parsed =
  | { readonly kind: 'command'; readonly command: Command }
  /** After `hangUp`, answer and close. */
  | { readonly kind: 'refuse'; readonly reply: Reply; readonly hangUp: boolean };

/** Reads a line without its end. */
export function parseCommand(line: string): Parsed {
  const blank = line.indexOf(' ');
  const verb = (blank < 0 ? line : line.slice(0, blank)).toUpperCase();
  const rest = blank < 0 ? '' : line.slice(blank + 1);
  const parse = PARSERS[verb as Verb];
  return Object.hasOwn(PARSERS, verb) ? parse(rest, verb as Verb) : refuseUnknown(line);
}

type Verb = Command['verb'] | 'APOP';
type Bare = Extract<Command, { verb: 'CAPA' }>['verb'];
type Parser = (rest: string, verb: Verb) => Parsed;

const PARSERS: Readonly<Record<Verb, Parser>> = {
  CAPA: bare,
  STLS: bare,
  UTF8: bare,
  QUIT: bare,
  STAT: bare,
  NOOP: bare,
  RSET: bare,
  USER: (name) => (name.trim() === '' ? refuse(replies.nameMissing) : done({ verb: 'USER', name: name.trim() })),
  // RFC 1939 §7: a password may hold blanks, at its ends too.
  PASS: (password) => (password === '' ? refuse(replies.passwordMissing) : done({ verb: 'PASS', password })),
  AUTH: auth,
  APOP: () => refuse(replies.apopNotOffered),
  LIST: (rest) => listing('LIST', rest),
  UIDL: (rest) => listing('UIDL', rest),
  RETR: (rest) => single('RETR', rest),
  DELE: (rest) => single('DELE', rest),
  TOP: top,
};

function bare(rest: string, verb: Verb): Parsed {
  return rest.trim() === '' ? done({ verb: verb as Bare }) : refuse(replies.noArgument);
}

function auth(rest: string): Parsed {
  const [mechanism = '', initial = null, ...more] = rest.trim().split(/ +/);
  if (mechanism === '') return refuse(replies.mechanismMissing);
  if (more.length > 0) return refuse(replies.initialMalformed);
  return done({ verb: 'AUTH', mechanism: mechanism.toUpperCase(), initial: initial === '=' ? '' : initial });
}

function listing(verb: 'LIST' | 'UIDL', rest: string): Parsed {
  if (rest.trim() === '') return done({ verb, message: null });
  const message = readNumber(rest.trim());
  return message === null ? refuse(replies.numberMissing) : done({ verb, message });
}

function single(verb: 'RETR' | 'DELE', rest: string): Parsed {
  const message = readNumber(rest.trim());
  return message === null ? refuse(replies.numberMissing) : done({ verb, message });
}

function top(rest: string): Parsed {
  const [first = '', second = '', ...more] = rest.trim().split(/ +/);
  const [message, lines] = [readNumber(first), readNumber(second)];
  if (message === null || lines === null || more.length > 0) return refuse(replies.topArguments);
  return done({ verb: 'TOP', message, lines });
}

function readNumber(digits: string): number | null {
  return /^[0-9]+$/.test(digits) && digits.length <= numberDigitsMax ? Number(digits) : null;
}

/** A web page can make a browser send lines to us; they must not find commands among theirs. */
function refuseUnknown(line: string): Parsed {
  if (/ HTTP\/[0-9.]+$/.test(line)) return { kind: 'refuse', reply: replies.notAWebServer, hangUp: true };
  return refuse(replies.unknownCommand);
}

function done(command: Command): Parsed {
  return { kind: 'command', command };
}

function refuse(reply: Reply): Parsed {
  return { kind: 'refuse', reply, hangUp: false };
}
