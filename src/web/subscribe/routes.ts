/**
 * Subscribing to incidents (B8): an address is asked for, confirmed from its mailbox, and ended by one click. GET shows, POST acts. Tokens stand in the
 * path alone; no line of a log has them.
 *
 * What must never happen: an answer that tells a stranger who is subscribed; a page that mails an address again and again.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ComponentId } from '#/model/index.ts';
import type { Clock, OperationsElsewhere, StatusBoard } from '#/ports/index.ts';
import { ask } from '../asking.ts';
import type { ClientAddresses } from '../client-address.ts';
import { ClientPace } from '../files/client-pace.ts';
import { sayAway } from '../page/away.ts';
import { formOf, speaks } from '../page/request.ts';
import { KeptView } from '../status/kept-view.ts';
import { askPage, linkPage, saidPage } from './pages.ts';
import { WORDS } from './words.ts';

export interface SubscribeParts {
  readonly operations: OperationsElsewhere;
  readonly clients: ClientAddresses;
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  readonly board: StatusBoard;
}

/** Who asks: a page, for somebody whom nobody knows. */
const BY_PAGE = 'status page';
/** Forms that one client sends in a minute: a person needs one, and one more after a slip. */
const ASKS_PER_MINUTE = 5;
/** Links that one client opens or follows in a minute; an office behind one address has several people. */
const FOLLOWS_PER_MINUTE = 60;
const FORM_BYTES_MAX = 4 * 1024;
const COMPONENTS_MAX = 50;
const HERE = '/status/subscribe';

/** Mounts them. */
export function subscribeRoutes(app: FastifyInstance, parts: SubscribeParts): void {
  const now = (): number => parts.clock.monotonic();
  const asks = new ClientPace(ASKS_PER_MINUTE, now);
  const follows = new ClientPace(FOLLOWS_PER_MINUTE, now);
  const board = new KeptView(parts.board, parts.clock);
  app.get(HERE, async (request, reply) => {
    const choice = { address: '', webhook: '', offered: await offered(board), chosen: componentsOf(request) };
    return send(reply, askPage(speaks(request, reply), choice, null));
  });
  app.post(HERE, { bodyLimit: FORM_BYTES_MAX }, async (request, reply) =>
    subscribe(request, reply, { ...parts, kept: board, pace: asks }),
  );
  app.get('/status/s/:token', async (request, reply) => follow(request, reply, parts, follows, false));
  // RFC 8058 §3.1: a mail program posts, without cookies and without anybody who looks at a page.
  app.post('/status/s/:token', { bodyLimit: FORM_BYTES_MAX }, async (request, reply) =>
    follow(request, reply, parts, follows, true),
  );
}

async function subscribe(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: SubscribeParts & { readonly kept: KeptView; readonly pace: ClientPace },
): Promise<FastifyReply> {
  const language = speaks(request, reply);
  const words = WORDS[language];
  if (!parts.pace.take(parts.clients.of(request))) return busy(reply, saidPage(language, words.title, words.busy));
  const form = formOf(request);
  const components = form.getAll('component').slice(0, COMPONENTS_MAX);
  const written = (name: string): string => (form.get(name) ?? '').trim();
  const [address, webhook] = [written('address'), written('webhook')];
  const input = { address, language, components, ...(webhook !== '' && { webhook }) };
  const asked = await ask<{ result: 'asked' | 'later' }>(parts.operations, 'subscriber.ask', input, BY_PAGE);
  if (asked.kind === 'away') return sayAway(request, reply, HERE);
  if (asked.kind === 'no') {
    const choice = { address, webhook, offered: await offered(parts.kept), chosen: components };
    return send(reply.code(400), askPage(language, choice, words.mistake));
  }
  if (asked.value.result === 'later') return busy(reply, saidPage(language, words.title, words.later));
  return send(reply, saidPage(language, words.title, words.asked));
}

async function follow(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: SubscribeParts,
  pace: ClientPace,
  act: boolean,
): Promise<FastifyReply> {
  const language = speaks(request, reply);
  const words = WORDS[language];
  if (!pace.take(parts.clients.of(request))) return busy(reply, saidPage(language, words.title, words.busy));
  const { token } = request.params as { readonly token: string };
  const here = `/status/s/${encodeURIComponent(token)}`;
  type Followed = { verb: 'confirm' | 'unsubscribe'; done: boolean; state: string };
  const found = await ask<Followed>(parts.operations, 'subscriber.follow', { token, act }, BY_PAGE);
  if (found.kind === 'away') return sayAway(request, reply, here);
  if (found.kind === 'no') return send(reply.code(404), saidPage(language, words.title, words.gone));
  const { verb, done, state } = found.value;
  const isThere = state === (verb === 'confirm' ? 'active' : 'ended');
  if (done || isThere) return send(reply, saidPage(language, words.title, isThere ? words[verb].done : words.gone));
  return send(reply, linkPage(language, verb, here));
}

/** One of each kind: who asks of delivery hears of it, wherever it is. None while nobody measures. */
async function offered(kept: KeptView): Promise<readonly ComponentId[]> {
  const view = await kept.read();
  return [...new Set(view?.components.map(({ kind }) => kind) ?? [])];
}

function componentsOf({ query }: FastifyRequest): readonly string[] {
  const { component = [] } = query as { readonly component?: string | readonly string[] };
  return [component].flat().slice(0, COMPONENTS_MAX);
}

function busy(reply: FastifyReply, text: string): FastifyReply {
  return send(reply.code(429).header('retry-after', '60'), text);
}

function send(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(text);
}
