/** `ports/people-book.ts` over cells: the people of a tenant stand in the tenant's cell. */
import { Fault, type TenantId } from '#/model/index.ts';
import type { PeopleBook } from '#/ports/index.ts';
import type { Cells } from './cell.ts';

export function cellsPeople(cells: Cells): PeopleBook {
  const at = async <T>(tenant: TenantId, work: (people: PeopleBook) => Promise<T>): Promise<T> => {
    const home = cells.homeOf(tenant);
    if (home === null) throw new Fault('store.unavailable', `No cell has the tenant ${tenant}.`);
    return cells.ask(home, ({ people }) => work(people));
  };
  const pushes: PeopleBook['pushes'] = {
    insert: (pushed, ...given) => at(pushed.tenant, (people) => people.pushes.insert(pushed, ...given)),
    replace: (pushed, ...given) => at(pushed.tenant, (people) => people.pushes.replace(pushed, ...given)),
    remove: (tenant, ...given) => at(tenant, (people) => people.pushes.remove(tenant, ...given)),
    read: (tenant, ...given) => at(tenant, (people) => people.pushes.read(tenant, ...given)),
    list: (tenant, ...given) => at(tenant, (people) => people.pushes.list(tenant, ...given)),
    after: (tenant, ...given) => at(tenant, (people) => people.pushes.after(tenant, ...given)),
    members: (tenant, ...given) => at(tenant, (people) => people.pushes.members(tenant, ...given)),
    changeMembers: (tenant, ...given) => at(tenant, (people) => people.pushes.changeMembers(tenant, ...given)),
    open: async (call) => (await cells.askAll(({ people }) => people.pushes.open(call))).flat(),
    taken: (tenant, ...given) => at(tenant, (people) => people.pushes.taken(tenant, ...given)),
    allow: (tenant, ...given) => at(tenant, (people) => people.pushes.allow(tenant, ...given)),
    secretOf: (tenant, ...given) => at(tenant, (people) => people.pushes.secretOf(tenant, ...given)),
  };
  return {
    pushes,
    present: (tenant, ...given) => at(tenant, (people) => people.present(tenant, ...given)),
    keep: (tenant, ...given) => at(tenant, (people) => people.keep(tenant, ...given)),
    parts: (tenant, ...given) => at(tenant, (people) => people.parts(tenant, ...given)),
    add: (entry, ...given) => at(entry.tenant, (people) => people.add(entry, ...given)),
    serve: (tenant, ...given) => at(tenant, (people) => people.serve(tenant, ...given)),
    tried: (tenant, ...given) => at(tenant, (people) => people.tried(tenant, ...given)),
    stand: (tenant, ...given) => at(tenant, (people) => people.stand(tenant, ...given)),
    stands: async (call) => (await cells.askAll(({ people }) => people.stands(call))).flat(),
    find: (tenant, ...given) => at(tenant, (people) => people.find(tenant, ...given)),
    list: (tenant, ...given) => at(tenant, (people) => people.list(tenant, ...given)),
    prune: (tenant, ...given) => at(tenant, (people) => people.prune(tenant, ...given)),
    tenants: async (call) => (await cells.askAll(({ people }) => people.tenants(call))).flat(),
    [Symbol.asyncDispose]: async () => {},
  };
}
