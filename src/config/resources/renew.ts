/** Replaces the hash of one password by a better one of the same password, at its first use (contract: crypt is renewed at sign-in). */
import type { Call, Identity, StoredSecret } from '#/model/index.ts';
import { addressKey } from '#/model/index.ts';
import type { Clock, Registry } from '#/ports/index.ts';
import { isSame } from './merge.ts';
import { secretJson } from './password.ts';
import type { StoredResources, StoredTenant } from './stored.ts';
import { readStored } from './stored.ts';

/** False when the password was changed, or its owner removed, meanwhile: the newer word stands. */
export async function renewSecret(
  { registry, clock }: { readonly registry: Registry; readonly clock: Clock },
  identity: Identity,
  { from, to }: { readonly from: StoredSecret; readonly to: StoredSecret },
  call: Call,
): Promise<boolean> {
  const { version, resources } = await registry.load(call);
  const stored = readStored(resources);
  const next = replaced(stored, identity, from, to);
  if (next === null) return false;
  const list = identity.kind === 'relay' ? 'relay' : 'user';
  const lines = [`~ ${identity.tenant}: ${list} ${identity.name}: password kept as argon2id from now on`];
  const change = { at: clock.now(), by: 'system', lines };
  return await registry.replace(version, JSON.parse(JSON.stringify(next)), change, call);
}

function replaced(
  stored: StoredResources,
  identity: Identity,
  from: StoredSecret,
  to: StoredSecret,
): StoredResources | null {
  let hits = 0;
  const renew = <T extends StoredTenant['users'][number] | StoredTenant['relays'][number]>(
    item: T,
    name: string,
  ): T => {
    const isMeant = addressKey(name) === addressKey(identity.name) && isSame(item.password, secretJson(from));
    if (isMeant) hits += 1;
    return isMeant ? { ...item, password: secretJson(to) } : item;
  };
  const tenants = stored.tenants.map((tenant) => {
    if (tenant.id !== identity.tenant) return tenant;
    return identity.kind === 'relay'
      ? { ...tenant, relays: tenant.relays.map((relay) => renew(relay, relay.name)) }
      : { ...tenant, users: tenant.users.map((user) => renew(user, user.address)) };
  });
  return hits === 0 ? null : { tenants };
}
