/** EHLO, HELO (RFC 5321 §4.1.1.1) and LHLO (RFC 2033 §4.1): who calls, and what we offer. */
import { type Command, type Reply, replies } from '#/codec/smtp/index.ts';
import { capabilities } from '../capabilities.ts';
import type { Session } from '../session.ts';

type Hello = Extract<Command, { verb: 'HELO' | 'EHLO' | 'LHLO' }>;

export function hello(command: Hello, session: Session): Reply {
  const isLmtp = session.rules.protocol === 'lmtp';
  if (isLmtp !== (command.verb === 'LHLO')) return isLmtp ? replies.wrongHello : replies.commandNotOffered;
  // RFC 5321 §4.1.4: a greeting ends the transaction, as RSET does.
  session.startAnew();
  session.hello = { verb: command.verb, name: command.name };
  const { hostname } = session.world.settings;
  return command.verb === 'HELO' ? replies.heloReply(hostname) : replies.ehloReply(hostname, capabilities(session));
}
