/** Who is meant by an address: a user with all their addresses, or somebody outside of whom the one address is all that is known. */
import { addressKey, type Directory, type MailAddress, Mention, type TenantId } from '#/model/index.ts';

export interface Person {
  /** Their own one first, lower case. */
  readonly addresses: readonly string[];
  /** Whose records are meant; null: those of every tenant. */
  readonly tenant: TenantId | null;
  readonly mention: Mention;
}

/** `tenant` limits what is looked at. Aliases count only where the user is that tenant's. */
export function personOf(address: string, tenant: TenantId | null, directory: Directory): Person {
  const found = directory.user(addressKey(address) as MailAddress) ?? directory.user(address as MailAddress);
  const isTheirs = found !== undefined && (tenant === null || found.tenant.id === tenant);
  const own = isTheirs ? [found.user.address, ...found.user.aliases] : [address];
  const addresses = [...new Set(own.map(addressKey))];
  return { addresses, tenant, mention: new Mention(addresses) };
}
