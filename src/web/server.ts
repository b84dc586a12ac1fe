/**
 * The sockets below the routes: plain and in TLS, with their deadlines. Node's own server keeps them; a connection in TLS is handed to it as
 * one of its own.
 */
import { createServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { Meter } from '#/ports/index.ts';
import { type AppParts, makeApp } from './app.ts';
import { ClientAddresses } from './client-address.ts';
import { Connections } from './connections.ts';
import { drainMs, headerBytesMax, headerMs, idleMs, requestMs, requestsMax, stillMs } from './limits.ts';

export interface WebListener {
  readonly kind: 'http' | 'https';
  /** Begins to listen on a socket that is bound already. */
  readonly listen: (server: Server) => Promise<void>;
}

export interface WebParts extends Omit<AppParts, 'requests'> {
  /** The certificate of now; asked for each handshake. */
  readonly tls: () => SecureContext;
  readonly listeners: readonly WebListener[];
  readonly meter: Meter;
  /** Ours where not given. */
  readonly deadlines?: Partial<typeof DEADLINES>;
}

const DEADLINES = { headerMs, requestMs };

/** Serves until it is disposed; answers that are under way get their time. */
export async function startWeb(parts: WebParts): Promise<AsyncDisposable> {
  const { meter, tls, listeners } = parts;
  const requests = meter.counter('holdfast_web_requests_total', 'Requests, by route and status.');
  const app = await makeApp({ ...parts, requests });
  const connections = new Connections(new ClientAddresses(parts.trustHttp));
  const http = createHttp((request, response) => app.routing(request, response), { ...DEADLINES, ...parts.deadlines });
  const servers = listeners.map(({ kind }) =>
    createPlainServer((socket) => {
      socket.on('error', () => socket.destroy());
      if (connections.take(socket)) http.emit('connection', kind === 'https' ? secured(socket, tls()) : socket);
    }),
  );
  for (const [i, { listen }] of listeners.entries()) await listen(servers[i] as Server);
  return { [Symbol.asyncDispose]: () => leave() };

  async function leave(): Promise<void> {
    const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    http.closeIdleConnections();
    const until = parts.clock.monotonic() + drainMs;
    while (connections.size > 0 && parts.clock.monotonic() < until) {
      await parts.clock.sleep(LOOK_MS);
      http.closeIdleConnections();
    }
    connections.destroyAll();
    await Promise.all(closed);
    await new Promise<void>((resolve) => http.close(() => resolve()));
    await app.close();
  }
}

const LOOK_MS = 50;
const LOOK_AT_DEADLINES_MS = 1_000;

function createHttp(answer: RequestListener, deadlines: typeof DEADLINES): HttpServer {
  const options = { maxHeaderSize: headerBytesMax, connectionsCheckingInterval: LOOK_AT_DEADLINES_MS };
  const timeouts = { headersTimeout: deadlines.headerMs, requestTimeout: deadlines.requestMs };
  const http = createServer({ ...options, ...timeouts }, answer);
  http.keepAliveTimeout = idleMs;
  http.maxRequestsPerSocket = requestsMax;
  http.setTimeout(stillMs);
  // Node looks at its deadlines from the moment that a server listens, which this one, fed by others, never does.
  http.emit('listening');
  return http;
}

function secured(socket: Socket, secureContext: SecureContext): TLSSocket {
  const secure = new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ['http/1.1'] });
  secure.on('error', () => socket.destroy());
  return secure;
}
