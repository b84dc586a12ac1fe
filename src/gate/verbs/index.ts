/** Which file answers which verb. Each has three moves: read the arguments, ask the engine, write the answer. */
import { type Command, replies } from '#/codec/smtp/index.ts';
import type { Answer } from '../answer.ts';
import type { Session } from '../session.ts';
import { auth } from './auth.ts';
import { bdat, data } from './data.ts';
import { hello } from './hello.ts';
import { mail } from './mail.ts';
import { rcpt } from './rcpt.ts';
import { startTls } from './starttls.ts';
import { xclient } from './xclient.ts';

/** Does what a command asks and says what came of it. */
export function perform(command: Command, session: Session): Answer {
  switch (command.verb) {
    case 'EHLO':
    case 'HELO':
    case 'LHLO':
      return hello(command, session);
    case 'MAIL':
      return mail(command, session);
    case 'RCPT':
      return rcpt(command, session);
    case 'DATA':
      return data(session);
    case 'BDAT':
      return bdat(command, session);
    case 'AUTH':
      return auth(command, session);
    case 'STARTTLS':
      return startTls(session);
    case 'XCLIENT':
      return xclient(command, session);
    case 'RSET':
      session.reset();
      return replies.resetOk;
    case 'NOOP':
      return replies.noopOk;
    case 'QUIT':
      return replies.goodbye;
    case 'HELP':
      return replies.helpText;
    // RFC 5321 §3.5.3: addresses are nobody's to list.
    case 'VRFY':
      return replies.willTry;
    case 'EXPN':
      return replies.commandNotOffered;
  }
}
