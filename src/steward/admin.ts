/** The admin port: `/livez`, `/readyz` and `/metrics` (contract). Served by the steward; plain HTTP, for monitoring on this host. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Readiness } from './readiness.ts';

export interface AdminParts {
  readonly readiness: Readiness;
  /** All processes' metrics as Prometheus text; never rejects, names a child that did not answer. */
  metrics(): Promise<string>;
}

/** An HTTP server that is not yet listening. */
export function createAdminServer(parts: AdminParts): Server {
  const server = createServer((request, response) => {
    answer(request, response, parts).catch((error: unknown) => {
      send(response, 500, 'text/plain', `${error instanceof Error ? error.message : 'failed'}\n`);
    });
  });
  server.requestTimeout = 10_000;
  server.headersTimeout = 5_000;
  server.maxConnections = 100;
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse, parts: AdminParts): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://admin.invalid');
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return send(response, 405, 'text/plain', 'Only GET is answered here.\n');
  switch (url.pathname) {
    case '/livez':
      return send(response, 200, 'text/plain', 'alive\n');
    case '/readyz':
      return readyz(response, parts.readiness, url.searchParams.get('role'));
    case '/metrics':
      return send(response, 200, 'text/plain; version=0.0.4', await parts.metrics());
    default:
      return send(response, 404, 'text/plain', 'Here are /livez, /readyz and /metrics.\n');
  }
}

async function readyz(response: ServerResponse, readiness: Readiness, role: string | null): Promise<void> {
  const reports = role === null ? await readiness.reports() : [await readiness.report(role)];
  const roles = reports.filter((report) => report !== undefined);
  if (roles.length === 0) {
    return send(
      response,
      404,
      'application/json',
      `${JSON.stringify({ error: `There is no role ${role} here.`, roles: readiness.roles })}\n`,
    );
  }
  const ready = roles.every((report) => report.ready);
  send(response, ready ? 200 : 503, 'application/json', `${JSON.stringify({ ready, roles })}\n`);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(body);
}
