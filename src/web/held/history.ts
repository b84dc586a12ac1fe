/** The page of what became of held mail, for who is signed in: their own, what they decided, and for administrators what anybody did. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PastMail } from '#/held/index.ts';
import { ask } from '../asking.ts';
import { sayAway } from '../page/away.ts';
import { queryOf } from '../page/request.ts';
import { visitorOrSignIn } from '../session/gate.ts';
import { historyPage, historyPath } from './history-page.ts';
import type { HistoryTray } from './history-words.ts';
import { type HeldRouteParts, sightOf } from './sight.ts';

const PAGE = 50;
const PLACE_CHARS_MAX = 500;

/** Mounts `GET /held/history`. */
export function historyRoute(app: FastifyInstance, parts: HeldRouteParts): void {
  app.get('/held/history', async (request, reply) => show(request, reply, parts));
}

async function show(request: FastifyRequest, reply: FastifyReply, parts: HeldRouteParts): Promise<FastifyReply> {
  const visitor = await visitorOrSignIn(request, reply, parts);
  if (visitor === null) return reply;
  const { user, tenant, isAdmin } = visitor;
  const trays: readonly HistoryTray[] = isAdmin ? ['mine', 'decided', 'all'] : ['mine', 'decided'];
  const tray = trays.find((one) => one === queryOf(request, 'tray')) ?? 'mine';
  const after = queryOf(request, 'after');
  const input = { as: user.address, tenant: tenant.id, tray, limit: PAGE };
  const asked = after === '' || after.length > PLACE_CHARS_MAX ? input : { ...input, after };
  const found = await ask<{ mails: PastMail[]; next: string | null }>(
    parts.operations,
    'held.history',
    asked,
    user.address,
  );
  if (found.kind === 'away') return sayAway(request, reply, historyPath(tray));
  const { mails, next } = found.kind === 'done' ? found.value : { mails: [], next: null };
  const text = historyPage({
    ...{ tray, trays, tenantName: tenant.name, mails },
    next: next === null ? null : historyPath(tray, next),
    ...sightOf(request, reply, visitor, parts),
  });
  return reply.type('text/html; charset=utf-8').send(text);
}
