/** `ports/domain-keys.ts` over cells: the keys of a tenant stand in its cell; those of the installation in the first one. */
import type { Call, TenantId } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { DomainKey, DomainKeyName, DomainKeys } from '#/ports/index.ts';
import type { Cell, Cells } from './cell.ts';

export function cellsDomainKeys(cells: Cells): DomainKeys {
  const home = (tenant: TenantId): Cell => {
    const found = cells.homeOf(tenant);
    if (found === null) throw new Fault('store.unavailable', `No cell has the tenant ${tenant}.`);
    return found;
  };
  const ask = async <T>(tenant: TenantId, question: (keys: DomainKeys) => Promise<T>): Promise<T> =>
    cells.ask(home(tenant), ({ domainKeys }) => question(domainKeys));
  return {
    list: (tenant: TenantId, call: Call) => ask(tenant, (keys) => keys.list(tenant, call)),
    add: (key: DomainKey, call: Call) => ask(key.tenant, (keys) => keys.add(key, call)),
    use: (key: DomainKeyName, at: number, call: Call) => ask(key.tenant, (keys) => keys.use(key, at, call)),
    retire: (key: DomainKeyName, at: number, call: Call) => ask(key.tenant, (keys) => keys.retire(key, at, call)),
    remove: (key: DomainKeyName, at: number, call: Call) => ask(key.tenant, (keys) => keys.remove(key, at, call)),
  };
}
