/**
 * Action links (design 6, Links in mail): GET shows, POST acts, for who has the link and no session. What it is for stands in it; whether its
 * person may still do it is asked of `held/` with each request, as that person. Neither path nor address comes into the log or a meter.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  BY_LINK,
  type HeldAnswer,
  type LinkClaim,
  type OpenedLink,
  type ShownMail,
  TOKEN_CHARS_MAX,
} from '#/held/index.ts';
import type { Tenant } from '#/model/index.ts';
import type { Clock, OperationsElsewhere } from '#/ports/index.ts';
import { type Answered, ask } from '../asking.ts';
import { partsOf } from '../held/parts.ts';
import { sayAway } from '../page/away.ts';
import { formOf, speaks } from '../page/request.ts';
import type { Watch } from '../page/times.ts';
import { type LinkEnd, linkEndPage, linkPage } from './pages.ts';

export interface LinkRouteParts {
  readonly links: { open(token: string): OpenedLink };
  readonly operations: OperationsElsewhere;
  readonly clock: Pick<Clock, 'now'>;
}

/** Mounts them. */
export function linkRoutes(app: FastifyInstance, parts: LinkRouteParts): void {
  app.get('/l/:token', async (request, reply) => withLink(request, reply, parts, show));
  app.post('/l/:token', async (request, reply) => withLink(request, reply, parts, act));
}

interface Live {
  readonly claim: LinkClaim;
  readonly tenant: Tenant;
  readonly here: string;
  readonly parts: LinkRouteParts;
}

type Doing = (request: FastifyRequest, reply: FastifyReply, live: Live) => Promise<FastifyReply>;

async function withLink(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: LinkRouteParts,
  doing: Doing,
): Promise<FastifyReply> {
  const { token } = request.params as { readonly token: string };
  const opened: OpenedLink = token.length > TOKEN_CHARS_MAX ? { kind: 'unknown' } : parts.links.open(token);
  switch (opened.kind) {
    case 'live':
      return doing(request, reply, { ...opened, here: `/l/${token}`, parts });
    case 'asks sign-in':
      return reply.redirect(`/held/${opened.claim.mail}`, 303);
    default:
      return end(request, reply.code(404), opened);
  }
}

async function show(request: FastifyRequest, reply: FastifyReply, live: Live): Promise<FastifyReply> {
  const { claim, tenant, here, parts } = live;
  const found = await ask<ShownMail>(parts.operations, 'held.show', meantBy(live), BY_LINK);
  if (found.kind === 'away') return sayAway(request, reply, here);
  if (found.kind === 'no') return end(request, reply.code(410), { kind: 'gone' });
  const mail = found.value;
  const may = partsOf(mail).flatMap((part) => part.may);
  const verbs = claim.verbs.filter((verb) => may.includes(verb));
  if (verbs.length === 0) return end(request, reply.code(410), { kind: 'gone' });
  const watch: Watch = { language: speaks(request, reply), timezone: tenant.timezone, now: parts.clock.now() };
  return html(reply, linkPage({ mail, verbs, person: claim.person, tenant, here, watch }));
}

async function act(request: FastifyRequest, reply: FastifyReply, live: Live): Promise<FastifyReply> {
  const { claim, here, parts } = live;
  const form = formOf(request);
  const verb = claim.verbs.find((one) => one === form.get('verb'));
  if (verb === undefined) return show(request, reply, live);
  const { id, ...meant } = meantBy(live);
  const asked = { ...meant, ids: [id], reason: form.get('reason') ?? '' };
  const done: Answered<HeldAnswer> = await ask<HeldAnswer>(parts.operations, `held.${verb}`, asked, BY_LINK);
  if (done.kind === 'away') return sayAway(request, reply, here);
  if (done.kind === 'no') return end(request, reply.code(410), { kind: 'gone' });
  const waits =
    verb === 'approve' && (await ask(parts.operations, 'held.show', meantBy(live), BY_LINK)).kind === 'done';
  return end(request, reply, { kind: 'done', verb, waits });
}

function meantBy({ claim: { mail, verdict, person }, tenant }: Live) {
  return { id: mail, verdict, as: person, tenant: tenant.id };
}

function end(request: FastifyRequest, reply: FastifyReply, what: LinkEnd): FastifyReply {
  return html(reply, linkEndPage(what, speaks(request, reply)));
}

function html(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(text);
}
