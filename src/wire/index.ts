/** The connections below a service, the same for SMTP, IMAP and POP3: how they are taken and closed, and octets. What is said over them is the affair of each service. */
export { type Listener, Reception } from './reception.ts';
export { Wire, type WireEvents } from './wire.ts';
