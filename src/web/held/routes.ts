/** Held mail and approvals for who is signed in: trays, one mail, and acts. Who may do what is asked of `held/` each time; nothing is decided here. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HeldMail, ShownMail } from '#/held/index.ts';
import { addressKey, isMailId } from '#/model/index.ts';
import { ask } from '../asking.ts';
import { sayAway } from '../page/away.ts';
import { queryOf } from '../page/request.ts';
import { visitorOrSignIn } from '../session/gate.ts';
import type { Visitor } from '../session/session.ts';
import { actRoute } from './act.ts';
import { historyRoute } from './history.ts';
import { gonePage, mailPage } from './mail-page.ts';
import { type HeldRouteParts, sightOf } from './sight.ts';
import { formatTold, type Told } from './told.ts';
import { type TrayName, trayPage, trayPath } from './tray-page.ts';
import type { Room } from './words.ts';

/** Mails on a page: what one looks over at once, and what one form may hold. */
const PAGE = 50;

/** Mounts them. */
export function heldRoutes(app: FastifyInstance, parts: HeldRouteParts): void {
  app.get('/held', async (request, reply) => showTray('held', request, reply, parts));
  app.get('/approvals', async (request, reply) => showTray('approvals', request, reply, parts));
  app.get('/held/:id', async (request, reply) => showMail(request, reply, parts));
  historyRoute(app, parts);
  actRoute(app, parts);
}

async function showTray(
  room: Room,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: HeldRouteParts,
): Promise<FastifyReply> {
  const visitor = await visitorOrSignIn(request, reply, parts);
  if (visitor === null) return reply;
  const { address } = visitor.user;
  const trays = traysOf(room, visitor);
  const tray = trays.find((one) => one === queryOf(request, 'tray')) ?? trays[0] ?? 'mine';
  const filter = queryOf(request, 'q').slice(0, 500);
  const after = queryOf(request, 'after');
  const state = room === 'held' ? 'held' : 'approval';
  const input = { as: address, tenant: visitor.tenant.id, tray, filter: `state:${state} ${filter}`, limit: PAGE };
  const asked = isMailId(after) ? { ...input, after } : input;
  const found = await ask<{ mails: HeldMail[]; next: string | null }>(parts.operations, 'held.list', asked, address);
  if (found.kind === 'away') return sayAway(request, reply, trayPath(room, tray));
  const { mails, next } = found.kind === 'done' ? found.value : { mails: [], next: null };
  const more = next === null ? null : trayPath(room, tray, { ...(filter !== '' && { q: filter }), after: next });
  return htmlOf(
    reply.code(found.kind === 'no' ? 400 : 200),
    trayPage({
      ...{ room, tray, trays, filter, mails, next: more },
      mistake: found.kind === 'no' ? found : null,
      tenantName: visitor.tenant.name,
      told: toldIn(request, visitor, parts),
      ...sightOf(request, reply, visitor, parts),
    }),
  );
}

function traysOf(room: Room, { isAdmin, user, tenant }: Visitor): readonly TrayName[] {
  const addresses = [user.address, ...user.aliases].map(addressKey);
  const hasTeam = tenant.groups.some(({ members }) => members.some((member) => addresses.includes(addressKey(member))));
  const own: readonly TrayName[] = room === 'held' ? ['mine'] : ['approve', 'mine'];
  return [...own, ...(hasTeam ? (['team'] as const) : []), ...(isAdmin ? (['all'] as const) : [])];
}

async function showMail(request: FastifyRequest, reply: FastifyReply, parts: HeldRouteParts): Promise<FastifyReply> {
  const visitor = await visitorOrSignIn(request, reply, parts);
  if (visitor === null) return reply;
  const { id } = request.params as { readonly id: string };
  const sight = sightOf(request, reply, visitor, parts);
  const asked = { as: visitor.user.address, tenant: visitor.tenant.id, id };
  const found = await ask<ShownMail>(parts.operations, 'held.show', asked, visitor.user.address);
  if (found.kind === 'away') return sayAway(request, reply, '/held');
  if (found.kind === 'done') return htmlOf(reply, mailPage({ ...sight, mail: found.value }));
  const told = toldIn(request, visitor, parts);
  const lines = told === null ? null : formatTold(told, sight.watch.language);
  return htmlOf(reply.code(404), gonePage({ ...sight, told: lines }));
}

function toldIn(request: FastifyRequest, { session }: Visitor, { sessions }: HeldRouteParts): Told | null {
  return sessions.unseal(session, queryOf(request, 'told')) as Told | null;
}

function htmlOf(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(text);
}
