import type { Domain, MailAddress } from './mail-address.ts';
import type { Group, Relay, Tenant, TenantDomain, TenantId, User } from './tenant.ts';

/**
 * One immutable generation of all tenants as acceptance and sign-in see them. A new one replaces the old whole; one transaction
 * reads one generation (C5). Look-ups are indexes made once at the switch: constant time, no wait.
 */
export interface Directory {
  /** Counts up with every switch. */
  readonly generation: number;
  /** Wall-clock ms of the switch. */
  readonly switchedAt: number;
  /** The newest source was refused or is too old: an unknown local recipient gets 451, not 550 (design 6). */
  readonly stale: boolean;
  readonly tenants: readonly Tenant[];
  tenant(id: TenantId): Tenant | undefined;
  /** Only proven domains. */
  domain(name: Domain): { readonly tenant: Tenant; readonly domain: TenantDomain } | undefined;
  user(address: MailAddress): { readonly tenant: Tenant; readonly user: User; readonly alias: boolean } | undefined;
  group(address: MailAddress): { readonly tenant: Tenant; readonly group: Group } | undefined;
  /** By the name that signs in: a user's address or a relay's username, any case. */
  login(
    username: string,
  ): { readonly tenant: Tenant; readonly user: User } | { readonly tenant: Tenant; readonly relay: Relay } | undefined;
  /** The relay whose networks hold this address; narrowest network first. */
  relayByAddress(ip: string): { readonly tenant: Tenant; readonly relay: Relay } | undefined;
}
