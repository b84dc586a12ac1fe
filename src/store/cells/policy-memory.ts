/** `ports/policy-memory.ts` over cells: what policy remembers of a tenant stands in the tenant's cell. Each cell learns and forgets by itself. */
import type { TenantId } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { PolicyMemory } from '#/ports/index.ts';
import type { CellStores, Cells } from './cell.ts';

export function cellsPolicyMemory(cells: Cells): PolicyMemory {
  const at = <T>(tenant: TenantId, work: (stores: CellStores) => Promise<T>): Promise<T> => {
    const home = cells.homeOf(tenant);
    if (home === null) throw new Fault('store.unavailable', `No cell has the tenant ${tenant}.`);
    return cells.ask(home, work);
  };
  return {
    correspondents: {
      learn: ownHouse,
      known: ownHouse,
      forget: ownHouse,
      erase: async (tenant, person, call) =>
        at(tenant, ({ policyMemory }) => policyMemory.correspondents.erase(tenant, person, call)),
    },
    documents: {
      add: async (document, bounds, call) =>
        at(document.tenant, ({ policyMemory }) => policyMemory.documents.add(document, bounds, call)),
      remove: async (tenant, name, call) =>
        at(tenant, ({ policyMemory }) => policyMemory.documents.remove(tenant, name, call)),
      list: async (tenant, call) => at(tenant, ({ policyMemory }) => policyMemory.documents.list(tenant, call)),
      snapshot: async (tenant, known, call) =>
        at(tenant, ({ policyMemory }) => policyMemory.documents.snapshot(tenant, known, call)),
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

async function ownHouse(): Promise<never> {
  throw new TypeError('Each cell learns and forgets by itself.');
}
