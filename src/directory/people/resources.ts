/** People as the resources have them: the first source of every tenant. */
import type { Tenant } from '#/model/index.ts';
import type { Row } from './rows.ts';

export const RESOURCES = 'resources';

/** Users with their attributes, and groups. */
export function* rowsOfTenant({ users, groups }: Pick<Tenant, 'users' | 'groups'>): Iterable<Row> {
  for (const { address, aliases, attributes } of users) yield { person: { id: address, address, aliases, attributes } };
  for (const { name, address, members } of groups) yield { group: { id: address, name, address, members } };
}

/** An id that says the content: the same people have the same id on every host and after every `apply`. */
export function resourcesId(digest: string): string {
  return `r-${digest.slice(0, 16)}`;
}
