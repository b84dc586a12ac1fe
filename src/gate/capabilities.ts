/** What EHLO lists: by listener, and by what has been said so far. */
import { xclientNames } from '#/codec/smtp/index.ts';
import type { Session } from './session.ts';

/** Keywords with their parameters, one a line (RFC 5321 §4.1.1.1). */
export function capabilities(session: Session): string[] {
  const { world, rules, tls, kind } = session;
  const { messageBytesMax, recipientsMax } = world.settings;
  const offered = [
    'PIPELINING',
    `SIZE ${messageBytesMax}`,
    '8BITMIME',
    'SMTPUTF8',
    'ENHANCEDSTATUSCODES',
    'CHUNKING',
    'DSN',
  ];
  // RFC 9422 §4.2.
  offered.push(`LIMITS RCPTMAX=${recipientsMax}`);
  // RFC 3207 §4.2: not again once TLS is on.
  if (rules.startTls && tls === null && world.tls.ready(kind)) offered.push('STARTTLS');
  // RFC 8689 §4.1: only where it can be kept.
  if (tls !== null) offered.push('REQUIRETLS');
  if (mayAuthenticate(session)) offered.push(`AUTH ${mechanisms(session).join(' ')}`);
  if (isTrustedFront(session)) offered.push(`XCLIENT ${xclientNames.join(' ')}`);
  return offered;
}

/** Whether AUTH is open at this point. */
export function mayAuthenticate({ rules, tls, signedIn }: Session): boolean {
  return rules.auth === 'over TLS' && tls !== null && !signedIn;
}

/** Strongest first. */
export function mechanisms({ world }: Session): readonly string[] {
  return world.settings.scram ? ['SCRAM-SHA-256', 'PLAIN', 'LOGIN'] : ['PLAIN', 'LOGIN'];
}

/** Whether the other end of the wire may speak for others (`trust.xclient`). */
export function isTrustedFront({ world, wireAddress }: Session): boolean {
  return world.trustXclient.find(wireAddress) !== undefined;
}
