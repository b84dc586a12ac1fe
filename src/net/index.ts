/**
 * The room that opens and binds sockets: listeners that outlive a role, TLS contexts, the dialer, the DNS client, and the local socket
 * by which the parts of one installation meet. Engines see its ports only (`dialer`, `resolver`); roles put the parts together.
 *
 * What must never happen: a wait without a deadline; a connection to a place that a tenant or a mail named, inside the operator's own
 * networks (design 6); a parent that accepts connections on a socket which it only keeps for its children (design 3).
 *
 * Carries B3 (deadlines, bounds), M1 (old devices' TLS), M6 (sockets that a dying role does not reset).
 */
export * from './bind.ts';
export * from './dialer.ts';
export { parseHosts } from './hosts-file.ts';
export * from './local-client.ts';
export { FrameReader, formatFrame } from './local-protocol.ts';
export * from './local-server.ts';
export * from './proven-names.ts';
export * from './read-mailbox.ts';
export * from './resolver.ts';
export * from './special-networks.ts';
export { NotTaken, type Submission, type Submitted, submit } from './submit.ts';
export * from './tls.ts';
