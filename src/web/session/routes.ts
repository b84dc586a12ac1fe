/** Signing in and out. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { within } from '#/model/index.ts';
import type { SignIn } from '#/ports/index.ts';
import { answered } from '../asking.ts';
import type { ClientAddresses } from '../client-address.ts';
import { sayAway } from '../page/away.ts';
import { formOf, queryOf, speaks } from '../page/request.ts';
import { forget, type GateParts, isOwnForm, isPrivate, keep, placeOf, visitorOf } from './gate.ts';
import { LATER_SECONDS, SIGN_IN_MS } from './limits.ts';
import { type SignInView, signInPage } from './pages.ts';

export interface SignInRouteParts extends GateParts {
  readonly signIn: SignIn;
  readonly clients: ClientAddresses;
}

/** Mounts them. */
export function signInRoutes(app: FastifyInstance, parts: SignInRouteParts): void {
  app.get('/sign-in', async (request, reply) => {
    const next = placeOf(queryOf(request, 'next'));
    const visitor = await visitorOf(request, reply, parts);
    if (visitor === 'unknown') return sayAway(request, reply, '/sign-in');
    if (visitor !== null) return reply.redirect(next, 303);
    return isPrivate(request)
      ? show(request, reply, { state: 'asks', given: '', next })
      : show(request, reply.code(403), { state: 'not private', given: '', next });
  });
  app.post('/sign-in', async (request, reply) => comeIn(request, reply, parts));
  app.post('/sign-out', async (request, reply) => {
    const visitor = await visitorOf(request, reply, parts);
    if (visitor === 'unknown') return sayAway(request, reply, '/held');
    if (visitor !== null) {
      if (!isOwnForm(request, visitor, parts)) return reply.redirect('/held', 303);
      const ended = await answered(() => parts.sessions.end(visitor));
      // The cookie stays: whoever can't be signed out is to see it, and to try again.
      if (ended.kind !== 'done') return sayAway(request, reply, '/held');
      forget(request, reply, parts);
    }
    return show(request, reply, { state: 'signed out', given: '', next: '/held' });
  });
}

async function comeIn(request: FastifyRequest, reply: FastifyReply, parts: SignInRouteParts): Promise<FastifyReply> {
  const form = formOf(request);
  const given = form.get('name') ?? '';
  const next = placeOf(form.get('next') ?? '');
  if (!isPrivate(request)) return show(request, reply.code(403), { state: 'not private', given, next });
  // Nobody is to be signed in as somebody else by a page of theirs.
  if (request.headers['sec-fetch-site'] === 'cross-site')
    return show(request, reply, { state: 'asks', given: '', next });
  const answer = await parts.signIn.password(
    given,
    form.get('password') ?? '',
    peerOf(request, parts.clients),
    within(SIGN_IN_MS),
  );
  if (answer.kind === 'later')
    return show(request, reply.code(429).header('retry-after', LATER_SECONDS), { state: 'later', given, next });
  const user = answer.kind === 'proven' ? answer.principal.user : null;
  if (user === null) return show(request, reply.code(403), { state: 'wrong', given, next });
  keep(request, reply, parts.sessions.begin(user), parts);
  return reply.redirect(next, 303);
}

/** Whose attempts are counted. */
export function peerOf(request: FastifyRequest, clients: ClientAddresses) {
  return { address: clients.of(request), port: request.socket.remotePort ?? 0, name: null };
}

function show(request: FastifyRequest, reply: FastifyReply, view: Omit<SignInView, 'language'>): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(signInPage({ ...view, language: speaks(request, reply) }));
}
