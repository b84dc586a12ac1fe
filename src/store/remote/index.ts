/**
 * Custody, journal and mailboxes as another process reaches it: over the local socket of the process that writes it (design 4). The caller's deadline goes
 * along; a lost connection is `server.unreachable`, after which what was asked may or may not have come to be, as with any late call.
 *
 * What must never happen: a method of the port that a caller can reach and that is not on the list here.
 */
export * from './custody.ts';
export * from './incidents.ts';
export * from './journal.ts';
export * from './local-delivery.ts';
export * from './mailbox-room.ts';
export * from './mailboxes.ts';
export * from './status-history.ts';
