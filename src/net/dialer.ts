/**
 * Connections out (design 6). Takes literal addresses, so that what was checked is what is dialled: a name is resolved once, by the
 * caller, and never again.
 */
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { connect as connectTls, getCACertificates } from 'node:tls';
import type { Call, Network } from '#/model/index.ts';
import { holds, parseIp } from '#/model/index.ts';
import type { Dialer } from '#/ports/index.ts';
import { inTime } from './deadline.ts';
import { whyNotPublic } from './special-networks.ts';

export interface DialerSettings {
  /** Networks that are not public and may be reached all the same: the operator's list. */
  readonly allow: readonly Network[];
  /** Certificates (PEM) of authorities that are trusted beside the usual ones. */
  readonly authorities: readonly string[];
}

const PLAIN_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network unreachable',
  EADDRNOTAVAIL: 'no address of ours reaches it',
  ETIMEDOUT: 'connection timed out',
  EPIPE: 'connection closed',
  EMFILE: 'too many open connections here',
  ENFILE: 'too many open connections here',
};

/** The dialer of a process. Its errors are plain ones whose messages may stand in a trace. */
export function createDialer(settings: DialerSettings): Dialer {
  const authorities = settings.authorities.length === 0 ? [] : [...getCACertificates(), ...settings.authorities];
  return {
    connect: async (target, call) => {
      if (!target.trusted) refuseOwnNetworks(target.address, settings.allow);
      return open(target, call);
    },
    secure: (socket, options, call) => secure(socket, options, authorities, call),
  };
}

function refuseOwnNetworks(address: string, allow: readonly Network[]): void {
  const ip = parseIp(address);
  if (ip !== null && allow.some((network) => holds(network, ip))) return;
  const why = whyNotPublic(address);
  if (why !== null) throw new Error(`${address} is not a public address (${why})`);
}

function open({ address, port, from }: Parameters<Dialer['connect']>[0], call: Call): Promise<Socket> {
  return inTime(
    call,
    (signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<Socket>();
      if (parseIp(address) === null) throw new Error(`${address} is not an address`);
      // A source that this machine does not have fails here, at once.
      const socket = connect({ host: address, port, noDelay: true, ...(from ? { localAddress: from } : {}) });
      const fail = (error: Error): void => reject(plain(error));
      socket.once('error', fail);
      socket.once('connect', () => {
        socket.off('error', fail);
        resolve(socket);
      });
      signal.addEventListener('abort', () => socket.destroy(new Error('given up')));
      return promise;
    },
    () => lateOr(call, 'connection timed out'),
    (socket) => socket.destroy(),
  );
}

function secure(
  socket: Socket,
  { servername, verify }: { readonly servername: string; readonly verify: 'name' | null },
  authorities: readonly string[],
  call: Call,
): Promise<TLSSocket> {
  return inTime(
    call,
    (signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
      const tls = connectTls({ socket, ...nameOf(servername), ...demands(verify), ...trust(authorities) });
      const fail = (error: Error): void => reject(plain(error));
      const closed = (): void => reject(new Error('the peer closed the connection during the TLS handshake'));
      tls.once('error', fail).once('close', closed);
      tls.once('secureConnect', () => {
        tls.off('error', fail).off('close', closed);
        resolve(tls);
      });
      signal.addEventListener('abort', () => tls.destroy(new Error('given up')));
      return promise;
    },
    () => lateOr(call, 'TLS handshake timed out'),
    (tls) => tls.destroy(),
  );
}

// RFC 6066 §3: a server name is a name, an address is none.
function nameOf(servername: string): { servername: string } | { host: string } {
  return parseIp(servername) === null ? { servername } : { host: servername };
}

// RFC 7435 §3: where any certificate will do, old TLS is still better than none.
function demands(verify: 'name' | null): ConnectionOptions {
  return verify === 'name'
    ? { rejectUnauthorized: true, minVersion: 'TLSv1.2' }
    : { rejectUnauthorized: false, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' };
}

function trust(authorities: readonly string[]): { ca?: string[] } {
  return authorities.length === 0 ? {} : { ca: [...authorities] };
}

function lateOr(call: Call, words: string): Error {
  return new Error(call.signal?.aborted ? 'given up before it was through' : words);
}

function plain(error: Error): Error {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const words = PLAIN_WORDS[code] ?? (code.startsWith('ERR_SSL') ? sslWords(error) : error.message);
  return new Error(words, { cause: error });
}

function sslWords(error: Error): string {
  const reason = (error as { reason?: unknown }).reason;
  return `TLS failed: ${typeof reason === 'string' ? reason : error.message}`;
}
