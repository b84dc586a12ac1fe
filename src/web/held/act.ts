/** What the forms of held mail and approvals send: the verb, the mails that are meant, a comment. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HeldAnswer, ShownMail } from '#/held/index.ts';
import { HELD_VERBS, type HeldVerb, isMailId } from '#/model/index.ts';
import { ask } from '../asking.ts';
import { sayAway } from '../page/away.ts';
import { formOf } from '../page/request.ts';
import { isOwnForm, placeOf, visitorOrSignIn } from '../session/gate.ts';
import type { Visitor } from '../session/session.ts';
import { isFinal } from './parts.ts';
import { type HeldRouteParts, sightOf } from './sight.ts';
import { surePage } from './sure-page.ts';
import { type Told, toldOf } from './told.ts';

/** Mails of one form: a page has fewer. */
const ID_COUNT_MAX = 200;
/** Subjects that are named before something that can't be undone. */
const NAMED_MAX = 10;

interface Wish {
  readonly verb: HeldVerb;
  readonly ids: readonly string[];
  readonly verdict: string | null;
  readonly reason: string;
  readonly isSure: boolean;
  readonly back: string;
}

/** Mounts `POST /held/act`; each answer is the way to a page that tells what came of it. */
export function actRoute(app: FastifyInstance, parts: HeldRouteParts): void {
  app.post('/held/act', async (request, reply) => {
    const visitor = await visitorOrSignIn(request, reply, parts);
    if (visitor === null) return reply;
    const wish = wishIn(request);
    // Also after a new sign-in in another window: the page that it leads to has a form of this session.
    if (wish === null || !isOwnForm(request, visitor, parts)) return reply.redirect(wish?.back ?? '/held', 303);
    const { verb, ids, isSure, back } = wish;
    if (ids.length === 0) return lead(reply, back, { kind: 'nothing selected' }, visitor, parts);
    if (isFinal(verb) && !isSure) return askOnce(request, reply, wish, visitor, parts);
    const done = await act(wish, visitor, parts);
    return done === null ? sayAway(request, reply, back) : lead(reply, back, done, visitor, parts);
  });
}

function wishIn(request: FastifyRequest): Wish | null {
  const form = formOf(request);
  const verb = HELD_VERBS.find((one) => one === form.get('verb'));
  if (verb === undefined) return null;
  return {
    verb,
    ids: form.getAll('id').filter(isMailId).slice(0, ID_COUNT_MAX),
    verdict: form.get('verdict'),
    reason: form.get('reason') ?? '',
    isSure: form.get('sure') === 'yes',
    back: placeOf(form.get('back') ?? ''),
  };
}

async function act(
  { verb, ids, verdict, reason }: Wish,
  visitor: Visitor,
  parts: HeldRouteParts,
): Promise<Told | null> {
  const { address } = visitor.user;
  const asked = { as: address, tenant: visitor.tenant.id, ids, reason, ...(verdict !== null && { verdict }) };
  const answer = await ask<HeldAnswer>(parts.operations, `held.${verb}`, asked, address);
  if (answer.kind === 'away') return null;
  if (answer.kind === 'done') return toldOf(verb, answer.value);
  const { why, ja } = answer;
  return { kind: 'no', why, ja };
}

async function askOnce(
  request: FastifyRequest,
  reply: FastifyReply,
  wish: Wish,
  visitor: Visitor,
  parts: HeldRouteParts,
): Promise<FastifyReply> {
  const { address } = visitor.user;
  const named = await Promise.all(
    wish.ids.slice(0, NAMED_MAX).map((id) => {
      const asked = { as: address, tenant: visitor.tenant.id, id };
      return ask<ShownMail>(parts.operations, 'held.show', asked, address);
    }),
  );
  const subjects = named.flatMap((one) => (one.kind === 'done' ? [one.value.subject] : []));
  const room = wish.back.startsWith('/approvals') ? 'approvals' : 'held';
  const text = surePage({ ...wish, room, subjects, ...sightOf(request, reply, visitor, parts) });
  return reply.type('text/html; charset=utf-8').send(text);
}

function lead(
  reply: FastifyReply,
  back: string,
  told: Told,
  visitor: Visitor,
  { sessions }: HeldRouteParts,
): FastifyReply {
  const sealed = sessions.seal(visitor.session, told);
  return reply.redirect(`${back}${back.includes('?') ? '&' : '?'}told=${sealed}`, 303);
}
