/** From a command to what is said: one table, with the state in which each is understood (RFC 1939 §9). */
import { type Command, replies } from '#/codec/pop3/index.ts';
import type { Answer } from '../answer.ts';
import type { OpenMaildrop, Session } from '../session.ts';
import { capa } from './capa.ts';
import { list, stat, uidl } from './lists.ts';
import { dele, rset } from './marks.ts';
import { retr, top } from './messages.ts';
import { quit } from './quit.ts';
import { auth, pass, user } from './sign-in.ts';
import { stls, utf8 } from './switches.ts';

/** Performs a command. */
export function perform(command: Command, session: Session): Answer {
  switch (command.verb) {
    case 'CAPA':
      return capa(session);
    case 'QUIT':
      return quit(session);
    case 'STLS':
      return stls(session);
    case 'UTF8':
      return utf8(session);
    case 'USER':
      return user(command, session);
    case 'PASS':
      return pass(command, session);
    case 'AUTH':
      return auth(command, session);
    default:
      return session.open === null ? replies.signInFirst : transact(command, session.open, session);
  }
}

type Transacting = Exclude<Command, { verb: 'USER' | 'PASS' | 'AUTH' }>;

/** Commands of the TRANSACTION state. */
function transact(command: Transacting, open: OpenMaildrop, session: Session): Answer {
  switch (command.verb) {
    case 'STAT':
      return stat(open.drop);
    case 'LIST':
      return list(command, open.drop);
    case 'UIDL':
      return uidl(command, open.drop);
    case 'RETR':
      return retr(command, open, session);
    case 'TOP':
      return top(command, open, session);
    case 'DELE':
      return dele(command, open.drop);
    case 'RSET':
      return rset(open.drop);
    default:
      return replies.noop;
  }
}
