/**
 * The status pages for everybody, in both languages, without JavaScript; the same for programs. What is shown comes from who watches, and is kept for a moment:
 * a crowd that looks because something is wrong costs one question.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { StatusView } from '#/model/index.ts';
import type { Clock, StatusBoard } from '#/ports/index.ts';
import { speaks } from '../page/request.ts';
import { awayPage } from './away-page.ts';
import { atomOf, rssOf } from './feeds.ts';
import type { Places } from './frame.ts';
import { historyPage } from './history-page.ts';
import { KeptView } from './kept-view.ts';
import { type PageParts, statusPage } from './page.ts';
import { API_NAMES, statuspageOf } from './statuspage.ts';
import { STATUS_STYLE } from './style.ts';

export interface StatusRouteParts {
  readonly board: StatusBoard;
  readonly clock: Clock;
  /** Whom to ask: an address. */
  readonly statusContact: string;
}

const BASE = '/status/';
const HTML = 'text/html; charset=utf-8';
/** Caches on the way may keep it for so long, and go on with it while we are away. */
const CACHE = 'public, max-age=10, stale-if-error=300';
const STYLE_SECONDS = 3_600;

/** Mounts them. */
export function statusRoutes(app: FastifyInstance, parts: StatusRouteParts): void {
  const kept = new KeptView(parts.board, parts.clock);
  const give = async (
    request: FastifyRequest,
    reply: FastifyReply,
    type: string,
    make: (view: StatusView) => string,
  ): Promise<FastifyReply> => {
    const view = await kept.read();
    if (view !== null) return reply.header('cache-control', CACHE).type(type).send(make(view));
    return reply
      .code(503)
      .header('retry-after', '30')
      .type(HTML)
      .send(awayPage(placed(request, reply, 'index')));
  };
  for (const [path, page] of [
    ['/status', 'index'],
    ['/status/history', 'history'],
  ] as const)
    app.get(path, async (request, reply) => {
      const here = placed(request, reply, page);
      const { language, places } = here;
      const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      const watch = { language, timezone, now: parts.clock.now() };
      const of = (view: StatusView): PageParts => ({ view, watch, places, contact: parts.statusContact });
      // One address has two languages.
      reply.header('vary', 'accept-language, cookie');
      return give(request, reply, HTML, (view) =>
        page === 'index' ? statusPage(of(view)) : historyPage({ ...of(view), changes: view.changes }),
      );
    });
  for (const name of API_NAMES)
    app.get(`${BASE}api/v2/${name}.json`, async (request, reply) => {
      // Pages of others may read what everybody may.
      reply.header('access-control-allow-origin', '*').header('cross-origin-resource-policy', 'cross-origin');
      return give(request, reply, 'application/json; charset=utf-8', (view) =>
        JSON.stringify(statuspageOf(name, view)),
      );
    });
  app.get(`${BASE}history.rss`, async (request, reply) =>
    give(request, reply, 'application/rss+xml; charset=utf-8', rssOf),
  );
  app.get(`${BASE}history.atom`, async (request, reply) =>
    give(request, reply, 'application/atom+xml; charset=utf-8', atomOf),
  );
  app.get(`${BASE}status.css`, async (_request, reply) =>
    reply.header('cache-control', `max-age=${STYLE_SECONDS}`).type('text/css; charset=utf-8').send(STATUS_STYLE),
  );
}

function placed(request: FastifyRequest, reply: FastifyReply, page: 'index' | 'history') {
  const language = speaks(request, reply);
  const paths = { index: '/status', history: '/status/history' };
  const places: Places = {
    base: BASE,
    styles: ['/style.css', `${BASE}status.css`],
    other: `${paths[page]}?lang=${language === 'en' ? 'ja' : 'en'}`,
    subscribe: `${BASE}subscribe`,
    page: (name) => paths[name],
  };
  return { language, places };
}
