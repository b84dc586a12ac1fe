/** What all pages of held mail are given. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock, OperationsElsewhere } from '#/ports/index.ts';
import { speaks } from '../page/request.ts';
import type { Watch } from '../page/times.ts';
import type { GateParts } from '../session/gate.ts';
import { cornerOf } from '../session/pages.ts';
import type { Visitor } from '../session/session.ts';

export interface HeldRouteParts extends GateParts {
  readonly operations: OperationsElsewhere;
  readonly clock: Pick<Clock, 'now'>;
}

/** What every page of a visitor has. */
export function sightOf(request: FastifyRequest, reply: FastifyReply, visitor: Visitor, parts: HeldRouteParts) {
  const language = speaks(request, reply);
  const watch: Watch = { language, timezone: visitor.tenant.timezone, now: parts.clock.now() };
  const { sessions } = parts;
  return { watch, corner: cornerOf(visitor, language, sessions), formToken: sessions.formToken(visitor.session) };
}
