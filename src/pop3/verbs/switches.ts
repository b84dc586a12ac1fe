/** STLS (RFC 2595 §4) and UTF8 (RFC 6856 §2.1): how the rest of the session is spoken. */
import { replies } from '#/codec/pop3/index.ts';
import type { Answer } from '../answer.ts';
import type { Session } from '../session.ts';

export function stls(session: Session): Answer {
  if (session.tls) return replies.tlsAlready;
  if (!session.world.tls.ready(session.kind)) return replies.tlsUnavailable;
  return { kind: 'tls', reply: replies.startTlsNow };
}

/**
 * Messages come as they are stored with it and without it.
 * Departs from RFC 6856 §2.1, which lets a client without UTF8 have no message with a header in UTF-8, or a rewritten one: refusing keeps the mail
 * from its reader, who can't change his client, and a rewritten one is not what was sent.
 */
export function utf8(session: Session): Answer {
  return session.open === null ? replies.utf8On : replies.signedInAlready;
}
