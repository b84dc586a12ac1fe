/** What another program pushed of a person (SCIM), whether a generation was made of it yet or not. */
import type { TenantId } from '#/model/index.ts';
import type { PeoplePushes } from '#/ports/index.ts';
import { ROWS_A_PAGE } from './limits.ts';
import { timeOf } from './mail-places.ts';
import type { Person } from './person.ts';
import type { Place } from './place.ts';

/** `tenants`: those that there are. */
export function pushedPlace(pushes: Pick<PeoplePushes, 'after'>, tenants: () => readonly TenantId[]): Place {
  return {
    name: 'pushed-people',
    about: 'What another program pushed of them (SCIM).',
    isShared: false,
    async page(person, after, call) {
      const [home = '', behind = ''] = (after ?? '').split(' ');
      const [tenant, next] = turnOf(person, home === '' ? null : home, tenants);
      if (tenant === undefined) return { records: [], next: null };
      const found = await pushes.after(tenant, 'User', behind, ROWS_A_PAGE, call);
      const records = found
        .filter(({ body }) => person.mention.isWithin(JSON.parse(body)))
        .map(({ id, body, changedAt }) => ({
          ...{ tenant, id, changedAt: timeOf(changedAt) },
          user: JSON.parse(body) as object,
        }));
      const isOver = found.length < ROWS_A_PAGE;
      return { records, next: isOver ? (next ?? null) : `${tenant} ${found.at(-1)?.id}` };
    },
  };
}

/** The tenant of a page, and the one behind it. */
function turnOf(
  { tenant }: Person,
  after: string | null,
  tenants: () => readonly TenantId[],
): readonly [TenantId | undefined, TenantId | undefined] {
  const all = tenant === null ? tenants() : [tenant];
  const at = after === null ? 0 : all.indexOf(after as TenantId);
  return at < 0 ? [undefined, undefined] : [all[at], all[at + 1]];
}
