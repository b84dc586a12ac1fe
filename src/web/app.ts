/** The routes over fastify: one form of errors, one set of headers, bodies as text. */
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { MailServices } from '#/announce/index.ts';
import type { OpenedLink } from '#/held/index.ts';
import type { Counter, EndedSessions, Log, OperationsElsewhere, SignIn } from '#/ports/index.ts';
import { apiRoutes } from './api/routes.ts';
import { ClientAddresses } from './client-address.ts';
import { type FilesParts, filesRoutes } from './files/routes.ts';
import { heldRoutes } from './held/routes.ts';
import { bodyBytesMax } from './limits.ts';
import { linkRoutes } from './links/routes.ts';
import { STYLE } from './page/style.ts';
import { type ScimRouteParts, scimRoutes } from './scim/routes.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { signInRoutes } from './session/routes.ts';
import { SessionDesk } from './session/session.ts';
import { setupRoutes } from './setup/routes.ts';
import { type StatusRouteParts, statusRoutes } from './status/routes.ts';
import { subscribeRoutes } from './subscribe/routes.ts';

export interface AppParts extends Omit<FilesParts, 'clients'>, StatusRouteParts, ScimRouteParts {
  /** Networks of proxies, which say who comes by them (`trust.http`). */
  readonly trustHttp: readonly string[];
  readonly services: MailServices;
  readonly signIn: SignIn;
  readonly operations: OperationsElsewhere;
  readonly links: { open(token: string): OpenedLink };
  /** 32 octets, for the cookies of people who are signed in; the same on all hosts. */
  readonly sessionKey: Uint8Array;
  readonly sessions: EndedSessions;
  /** Whether browsers come by https, be it to a proxy before us. */
  readonly isHttps: boolean;
  /** Of this program. */
  readonly release: string;
  readonly requests: Counter;
}

const STYLE_SECONDS = 3_600;

/** Ready to be asked; it listens nowhere by itself. */
export async function makeApp(given: AppParts): Promise<FastifyInstance> {
  const parts = { ...given, clients: new ClientAddresses(given.trustHttp) };
  const app = fastify({
    bodyLimit: bodyBytesMax,
    logger: false,
    trustProxy: false,
    requestIdHeader: false,
    // Outlook writes the path of autodiscover in several ways.
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, maxParamLength: 500 },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (_request, reply) => void reply.headers(SECURITY_HEADERS));
  app.addHook('onResponse', async ({ routeOptions }, { statusCode }) =>
    parts.requests.add(1, { route: routeOptions.url ?? 'none', status: String(statusCode) }),
  );
  app.setNotFoundHandler(async (_request, reply) =>
    say(reply, 404, 'There is nothing here. Mail programs are set up at /setup.'),
  );
  app.setErrorHandler(async (error: unknown, request, reply) => failed(error, request, reply, parts.log));
  app.get('/style.css', async (_request, reply) =>
    reply.header('cache-control', `max-age=${STYLE_SECONDS}`).type('text/css; charset=utf-8').send(STYLE),
  );
  setupRoutes(app, parts);
  const sessions = new SessionDesk({ ...parts, key: parts.sessionKey, ended: parts.sessions });
  signInRoutes(app, { ...parts, sessions });
  heldRoutes(app, { ...parts, sessions });
  linkRoutes(app, parts);
  apiRoutes(app, parts);
  scimRoutes(app, parts);
  filesRoutes(app, parts);
  statusRoutes(app, parts);
  subscribeRoutes(app, parts);
  await app.ready();
  return app;
}

/** What the caller did wrong is told to them; what we did wrong to the log. */
function failed(error: unknown, { routeOptions }: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  const status = (error as { statusCode?: unknown }).statusCode;
  if (status === 413) return say(reply, 413, 'The body is too large.');
  if (typeof status === 'number' && status >= 400 && status < 500)
    return say(reply, status, 'The request can not be read.');
  log.error('web.failed', {
    route: routeOptions.url ?? '',
    why: error instanceof Error ? error.message : String(error),
  });
  return say(reply, 500, 'It did not work, and that is our fault. Try again later.');
}

function say(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(`${text}\n`);
}
