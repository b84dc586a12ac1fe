/** What the directory says of a person: the generation of people that serves now. */
import type { TenantId } from '#/model/index.ts';
import type { PeopleGenerations } from '#/ports/index.ts';
import { timeOf } from './mail-places.ts';
import type { Place } from './place.ts';

/** `tenants`: those that there are. */
export function peoplePlace(
  generations: Pick<PeopleGenerations, 'current'>,
  tenants: () => readonly TenantId[],
): Place {
  return {
    name: 'people',
    about: 'What the directory says of them now: attributes, manager, groups, photo, and from which source.',
    isShared: false,
    async page({ addresses, tenant: own }, _after, call) {
      const records: object[] = [];
      for (const tenant of own === null ? tenants() : [own]) {
        const generation = await generations.current(tenant, call);
        // By an alias they are found once more.
        const found = new Set(addresses.flatMap((one) => generation.person(one) ?? []).map(({ address }) => address));
        for (const address of found) {
          const { id, source, at } = generation;
          records.push({ tenant, generation: id, source, at: timeOf(at), ...generation.person(address) });
        }
      }
      return { records, next: null };
    },
  };
}
