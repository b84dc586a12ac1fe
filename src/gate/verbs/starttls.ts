/** STARTTLS (RFC 3207). */
import { replies } from '#/codec/smtp/index.ts';
import type { Answer } from '../answer.ts';
import type { Session } from '../session.ts';

export function startTls(session: Session): Answer {
  const { rules, tls, world, kind } = session;
  if (!rules.startTls && tls === null) return replies.commandNotOffered;
  if (tls !== null) return replies.tlsAlready;
  if (session.hello === null) return replies.helloFirst;
  if (!world.tls.ready(kind)) return replies.tlsUnavailable;
  return { reply: replies.startTlsNow, follows: { kind: 'tls' } };
}
