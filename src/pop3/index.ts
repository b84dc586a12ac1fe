/**
 * POP3: users fetch their mail (RFC 1939). A session signs in over TLS, sees its maildrop as it was at that moment, takes messages, and
 * says at QUIT which of them are to be deleted.
 *
 * States: a connection is a `Visit` until its place and TLS are settled, then a `Dialogue`; its `Session` is in AUTHORIZATION,
 * TRANSACTION or UPDATE. Each file tells its own.
 *
 * What must never happen:
 * - a list that is short, a number that means another message than before, a message that ends early and looks whole (O4, O5);
 * - a message deleted that nobody marked, or before QUIT was said; a QUIT that says yes while marked messages remain;
 * - a password taken in the clear, or anything heard before TLS believed after it;
 * - a wait, buffer or count without a bound (B3); a heavy maildrop that others wait for (O4).
 *
 * Departs from RFC 1939 §4: a maildrop is not locked. Everything that a session sees is of one moment and stays readable after others have
 * deleted it, so a lock would protect nothing; and one that a dead connection holds keeps its owner out.
 *
 * Carries O1, O3 to O7; RFC 1939, 2449, 2595, 3206, 5034, 6856, 8314.
 */
export { POP3_LISTENER_KINDS, type Pop3ListenerKind, pop3BeginsWithTls } from './listeners.ts';
export type { Pop3Listener, RunningPop3 } from './service.ts';
export { POP3_LIMITS, type Pop3Limits, type Pop3Settings, pop3Settings } from './settings.ts';
export { type Pop3Parts, startPop3 } from './start.ts';
export type { Pop3Tls } from './world.ts';
