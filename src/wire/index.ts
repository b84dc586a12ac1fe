/** The connection below a session, the same for SMTP, IMAP and POP3. What is said over it is the affair of each service. */
export { Wire, type WireEvents } from './wire.ts';
