/** The language of IMAP: octets <-> values (RFC 9051, RFC 3501). Pure: no socket, clock or await. */
export type { Command } from './command.ts';
