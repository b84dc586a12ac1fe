/** What another generation of the directory says of somebody who is known already (C5). */
import type { Directory } from '#/model/index.ts';
import type { Principal } from '#/ports/index.ts';

/** The same identity in that generation; null where it is not there any more, or is switched off. */
export function principalNow({ identity, tenant, user, relay }: Principal, directory: Directory): Principal | null {
  const now = directory.tenant(tenant.id);
  const userNow = user === null ? null : now?.users.find(({ address }) => address === user.address);
  const relayNow = relay === null ? null : now?.relays.find(({ name }) => name === relay.name);
  if (now === undefined || userNow === undefined || relayNow === undefined) return null;
  const isOff = userNow?.disabled === true || relayNow?.disabled === true;
  return isOff ? null : { identity, tenant: now, user: userNow, relay: relayNow };
}
