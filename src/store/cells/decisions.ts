/** `ports/decisions.ts` over cells: what was decided stands in the cell of its tenant. */
import type { Call, TenantId } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { DecisionFilter, Decisions, FoundDecision, HeldDecision } from '#/ports/index.ts';
import type { Cell, Cells } from './cell.ts';

export function cellsDecisions(cells: Cells): Decisions {
  const home = (tenant: TenantId): Cell => {
    const found = cells.homeOf(tenant);
    if (found === null) throw new Fault('store.unavailable', `No cell has the tenant ${tenant}.`);
    return found;
  };
  return {
    note: async (decisions: readonly HeldDecision[], keptMs: number, call: Call) => {
      const byTenant = Map.groupBy(decisions, ({ tenant }) => tenant);
      for (const [tenant, theirs] of byTenant)
        await cells.ask(home(tenant), (stores) => stores.decisions.note(theirs, keptMs, call));
    },
    list: async (filter: DecisionFilter, after: string | null, limit: number, call: Call) => {
      const { tenant } = filter;
      if (tenant !== undefined)
        return cells.ask(home(tenant), ({ decisions }) => decisions.list(filter, after, limit, call));
      const lists = await cells.askAll(({ decisions }) => decisions.list(filter, after, limit, call));
      return lists.flat().sort(newestFirst).slice(0, limit);
    },
    erase: async (person: string, call: Call) => {
      const counts = await cells.askAll(({ decisions }) => decisions.erase(person, call));
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}

function newestFirst(one: FoundDecision, other: FoundDecision): number {
  return one.place < other.place ? 1 : -1;
}
