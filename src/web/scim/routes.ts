/**
 * `/scim/v2`: programs push people (RFC 7644), each with the token of its tenant.
 *
 * What must never happen: a token in the clear beyond this machine, or in a line of a log.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ScimAnswer, ScimRequest } from '#/directory/index.ts';
import { Fault } from '#/model/index.ts';
import type { Log } from '#/ports/index.ts';
import { AWAY_SECONDS, scimBodyBytesMax } from '../limits.ts';
import { isPrivate } from '../session/gate.ts';

export interface ScimRouteParts {
  readonly scim: { answer(request: ScimRequest): Promise<ScimAnswer> };
  /** Public base of links, without a slash at the end. */
  readonly url: string;
  readonly log: Log;
}

const BASE = '/scim/v2';
const TYPE = 'application/scim+json; charset=utf-8';
const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** Mounts them. */
export function scimRoutes(app: FastifyInstance, parts: ScimRouteParts): void {
  app.route({
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: `${BASE}/*`,
    bodyLimit: scimBodyBytesMax,
    handler: async (request, reply) => serve(request, reply, parts),
  });
}

async function serve(request: FastifyRequest, reply: FastifyReply, parts: ScimRouteParts): Promise<FastifyReply> {
  if (!isPrivate(request)) return refuse(reply, 403, 'This connection is not encrypted; use https.');
  const answer = await answerTo(request, parts);
  if (answer !== null) return send(reply, answer);
  return refuse(reply.header('retry-after', AWAY_SECONDS), 503, 'What keeps people does not answer; try again.');
}

/** Null where what keeps people is away. */
async function answerTo(request: FastifyRequest, { scim, url, log }: ScimRouteParts): Promise<ScimAnswer | null> {
  const path = (request.params as { readonly '*': string })['*'];
  try {
    return await scim.answer({
      ...{ method: request.method, path: path.split('/').filter((each) => each !== '') },
      query: queryOf(request),
      authorization: request.headers.authorization,
      ifMatch: request.headers['if-match'],
      body: typeof request.body === 'string' ? request.body : '',
      base: `${url}${BASE}`,
    });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    log.warn('people.not-pushed', { why: error.message });
    return null;
  }
}

function send(reply: FastifyReply, { status, body, etag, location }: ScimAnswer): FastifyReply {
  if (etag !== null) reply.header('etag', etag);
  if (location !== null) reply.header('location', location);
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="Holdfast"');
  reply.header('cache-control', 'no-store').code(status);
  return body === null ? reply.send() : reply.type(TYPE).send(JSON.stringify(body));
}

function refuse(reply: FastifyReply, status: number, detail: string): FastifyReply {
  return reply
    .code(status)
    .type(TYPE)
    .send(JSON.stringify({ schemas: [ERROR], status: String(status), detail }));
}

/** Names in any case; of several with one name the first. */
function queryOf({ query }: FastifyRequest): Readonly<Record<string, string>> {
  const given = Object.entries(query as Readonly<Record<string, string | readonly string[]>>);
  return Object.fromEntries(
    given.map(([name, value]) => [name.toLowerCase(), typeof value === 'string' ? value : (value[0] ?? '')]),
  );
}
