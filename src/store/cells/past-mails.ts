/** `ports/past-mails.ts` over cells: a batch stands in the cell of its tenant. Each cell keeps its own house. */
import { Fault, type TenantId } from '#/model/index.ts';
import type { PastMails } from '#/ports/index.ts';
import type { Cells } from './cell.ts';

export function cellsPastMails(cells: Cells): PastMails {
  const of = <T>(tenant: TenantId, work: (past: PastMails) => Promise<T>): Promise<T> => {
    const home = cells.homeOf(tenant);
    if (home === null) throw new Fault('store.unavailable', `No cell has the tenant ${tenant}.`);
    return cells.ask(home, ({ past }) => work(past));
  };
  return {
    keep: async (batch, bounds, call) => await of(batch.tenant, (past) => past.keep(batch, bounds, call)),
    read: async (tenant, since, before, limit, call) =>
      await of(tenant, (past) => past.read(tenant, since, before, limit, call)),
    drop: async (tenant, limit, call) => await of(tenant, (past) => past.drop(tenant, limit, call)),
    forget: async () => {
      throw new TypeError('Each cell keeps its own house.');
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
