import type { TLSSocket } from 'node:tls';

/** What TLS a connection has, for Received and the log. */
export interface TlsFacts {
  readonly version: string;
  readonly cipher: string;
  /** Host names that a verified certificate of the client proves; none where none was asked for. */
  readonly clientNames: readonly string[];
}

/** After the handshake. */
export function tlsFactsOf(socket: TLSSocket, clientNames: readonly string[] = []): TlsFacts {
  const cipher = socket.getCipher()?.standardName ?? 'unknown';
  return { version: socket.getProtocol() ?? 'unknown', cipher, clientNames };
}
