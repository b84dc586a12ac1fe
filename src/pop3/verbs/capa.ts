/** CAPA (RFC 2449 §5): what is offered here and now. */
import { formatLines, replies } from '#/codec/pop3/index.ts';
import type { Answer } from '../answer.ts';
import type { Session } from '../session.ts';

export function capa(session: Session): Answer {
  return { kind: 'part', reply: replies.capabilities, pieces: [formatLines(capabilities(session))] };
}

function capabilities(session: Session): string[] {
  const { world, kind, tls } = session;
  return [
    'TOP',
    'UIDL',
    // RFC 2595 §2.3: what would carry a password is not shown where it would be refused.
    ...(session.maySignIn ? ['USER', 'SASL PLAIN'] : []),
    ...(!tls && world.tls.ready(kind) ? ['STLS'] : []),
    'PIPELINING',
    'RESP-CODES',
    // RFC 3206 §5: each refused sign-in says whether the password was the reason.
    'AUTH-RESP-CODE',
    // RFC 6856 §2.1 and §2.2.
    'UTF8 USER',
    // RFC 2449 §6.7: nothing is deleted here but by its owner.
    'EXPIRE NEVER',
    'IMPLEMENTATION Holdfast',
  ];
}
