/**
 * `/api/v1`: the operations of people and administrators for programs. Each request signs in by HTTP Basic (RFC 7617), is held to the
 * caller's tenant, and goes to the process that has the mail, which checks it by the operation's own schema and writes acts down.
 *
 * What must never happen: a password in the clear beyond this machine; a form of another site that acts with a browser's remembered password
 * (bodies are JSON, which no form sends); something of another tenant (`input.ts`).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { within } from '#/model/index.ts';
import type { Clock, DirectorySource, OperationsElsewhere, SignIn } from '#/ports/index.ts';
import { Refusal } from '#/ports/index.ts';
import { answered, ask } from '../asking.ts';
import type { ClientAddresses } from '../client-address.ts';
import { AWAY_SECONDS, apiBodyBytesMax } from '../limits.ts';
import { isPrivate } from '../session/gate.ts';
import { LATER_SECONDS, SIGN_IN_MS } from '../session/limits.ts';
import { peerOf } from '../session/routes.ts';
import { Catalog } from './catalog.ts';
import { type Caller, type Fields, Forbidden, fieldsOfBody, fieldsOfQuery, heldToCaller } from './input.ts';
import { API_BASE, openApi } from './openapi.ts';
import { findRoute } from './paths.ts';

export interface ApiRouteParts {
  readonly operations: OperationsElsewhere;
  readonly signIn: SignIn;
  readonly clients: ClientAddresses;
  readonly directory: DirectorySource;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Of this program. */
  readonly release: string;
}

/** Mounts them. */
export function apiRoutes(app: FastifyInstance, parts: ApiRouteParts): void {
  const catalog = new Catalog(parts.operations, parts.clock);
  app.get(`${API_BASE}/openapi.json`, async (_request, reply) => {
    const routes = await answered(() => catalog.routes());
    if (routes.kind !== 'done') return away(reply);
    return reply.type('application/json; charset=utf-8').send(JSON.stringify(openApi(routes.value, parts.release)));
  });
  const bodyLimit = apiBodyBytesMax;
  app.route({
    method: ['GET', 'POST'],
    url: `${API_BASE}/*`,
    bodyLimit,
    handler: async (request, reply) => serve(request, reply, catalog, parts),
  });
}

async function serve(
  request: FastifyRequest,
  reply: FastifyReply,
  catalog: Catalog,
  parts: ApiRouteParts,
): Promise<FastifyReply> {
  const caller = await callerOf(request, reply, parts);
  if (caller === null) return reply;
  const routes = await answered(() => catalog.routes());
  if (routes.kind !== 'done') return away(reply);
  const path = `/${(request.params as { readonly '*': string })['*']}`;
  const found = findRoute(routes.value, request.method, path.replace(/\/$/, ''));
  if (found === null)
    return problem(
      reply,
      404,
      `There is nothing at ${request.method} ${API_BASE}${path}; ${API_BASE}/openapi.json says what there is.`,
    );
  const { operation } = found.route;
  try {
    const given = { ...givenIn(request, operation), ...(found.id !== null && { id: found.id }) };
    const input = heldToCaller(operation, given, caller, parts.directory.current());
    return await answer(reply, operation.name, input, caller, operation.reads, parts);
  } catch (error) {
    if (error instanceof Forbidden) return problem(reply, 403, error.message);
    if (error instanceof Refusal) return problem(reply, 400, error.message);
    if (error instanceof WrongType) return problem(reply, 415, error.message);
    throw error;
  }
}

class WrongType extends Error {
  override name = 'WrongType';
}

function givenIn(request: FastifyRequest, operation: Parameters<typeof fieldsOfQuery>[1]): Fields {
  if (request.method === 'GET') return fieldsOfQuery(request.query as Fields, operation);
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    throw new WrongType('Send the input as JSON, with the header field Content-Type: application/json.');
  return fieldsOfBody(request.body);
}

async function answer(
  reply: FastifyReply,
  name: string,
  input: Fields,
  { user }: Caller,
  reads: boolean,
  { operations }: ApiRouteParts,
): Promise<FastifyReply> {
  const answer = await ask<unknown>(operations, name, input, user.address);
  if (answer.kind === 'away') return away(reply, reads);
  if (answer.kind === 'done') return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer.value));
  if (answer.exit === 4) return problem(reply.header('retry-after', AWAY_SECONDS), 503, answer.why);
  // What is looked for and not there; what is there and may not, or can't, be done.
  return problem(reply, answer.exit === 2 ? 400 : reads ? 404 : 409, answer.why);
}

/** Who asks; null where the answer has been given. */
async function callerOf(
  request: FastifyRequest,
  reply: FastifyReply,
  { signIn, clients }: ApiRouteParts,
): Promise<Caller | null> {
  if (!isPrivate(request)) {
    problem(reply, 403, 'This connection is not encrypted, so no password is taken here. Use https.');
    return null;
  }
  const credentials = basicIn(request.headers.authorization);
  const answer =
    credentials === null
      ? null
      : await signIn.password(credentials.name, credentials.password, peerOf(request, clients), within(SIGN_IN_MS));
  if (answer?.kind === 'later') {
    problem(reply.header('retry-after', LATER_SECONDS), 429, 'Too many sign-ins failed. Try again in a minute.');
    return null;
  }
  const principal = answer?.kind === 'proven' ? answer.principal : null;
  if (principal?.user) return { user: principal.user, tenant: principal.tenant };
  // RFC 7617 §2.1: names and passwords are UTF-8.
  problem(
    reply.header('www-authenticate', 'Basic realm="Holdfast", charset="UTF-8"'),
    401,
    'Sign in with the address and password of a user.',
  );
  return null;
}

// RFC 7617 §2.
function basicIn(header: string | undefined): { readonly name: string; readonly password: string } | null {
  const [, encoded = ''] = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(header ?? '') ?? [];
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const at = text.indexOf(':');
  return at < 1 ? null : { name: text.slice(0, at), password: text.slice(at + 1) };
}

const AWAY = 'The part of this mail system that has the mail does not answer. Try again in a moment.';
const UNSURE = 'Whether it was done can’t be said yet: look before you repeat it.';

function away(reply: FastifyReply, reads = true): FastifyReply {
  return problem(reply.header('retry-after', AWAY_SECONDS), 503, reads ? AWAY : `${AWAY} ${UNSURE}`);
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is wrong in itself',
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Nothing was changed',
  415: 'Not JSON',
  429: 'Too many failures',
  503: 'Try again',
};

// RFC 9457 §3.
function problem(reply: FastifyReply, status: number, detail: string): FastifyReply {
  const body = { title: TITLES[status] ?? 'Failed', status, detail };
  return reply.code(status).type('application/problem+json; charset=utf-8').send(JSON.stringify(body));
}
