/** `ports/ended-sessions.ts` over cells: a session stands in the cell of its tenant, whose pages are away with it. */
import type { Call, TenantId } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { EndedSession, EndedSessions } from '#/ports/index.ts';
import type { Cell, Cells } from './cell.ts';

export function cellsEndedSessions(cells: Cells): EndedSessions {
  const home = (tenant: TenantId): Cell => {
    const found = cells.homeOf(tenant);
    if (found === null) throw new Fault('store.unavailable', `No cell has the tenant ${tenant}.`);
    return found;
  };
  return {
    end: async (session: EndedSession, call: Call) =>
      cells.ask(home(session.tenant), ({ sessions }) => sessions.end(session, call)),
    isEnded: async (session: Pick<EndedSession, 'tenant' | 'id'>, call: Call) =>
      cells.ask(home(session.tenant), ({ sessions }) => sessions.isEnded(session, call)),
  };
}
