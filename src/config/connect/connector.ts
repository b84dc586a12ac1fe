/** A cloud's connector as its instructions need it: the names of this installation and of the tenant, and no secret. */
import type { StoredTenant } from '../resources/stored.ts';

export type CloudKind = 'microsoft365' | 'google';

export interface Connector {
  readonly kind: CloudKind;
  readonly name: string;
  /** How others know this installation. */
  readonly hostname: string;
  readonly tenant: string;
  readonly domains: readonly string[];
  /** The host of the cloud that its mail goes back to; null: it goes on to the MX of its recipients. */
  readonly returnTo: string | null;
  /** Whether the resources have it. */
  readonly isDeclared: boolean;
  readonly isOff: boolean;
  /** How many networks it is known by. */
  readonly networks: number;
}

const USUAL_NAME: Readonly<Record<CloudKind, string>> = { microsoft365: 'm365', google: 'google' };

/** The first connector of a cloud that a tenant has; as it would be where there is none. */
export function connectorOf({ id, domains, relays }: StoredTenant, kind: CloudKind, hostname: string): Connector {
  const relay = relays.find((one) => one.kind === kind && !one.disabled) ?? relays.find((one) => one.kind === kind);
  return {
    kind,
    name: relay?.name ?? USUAL_NAME[kind],
    hostname,
    tenant: id,
    domains: domains.map(({ name }) => name),
    returnTo: relay?.returnTo ?? null,
    isDeclared: relay !== undefined,
    isOff: relay?.disabled ?? false,
    networks: relay?.networks.length ?? 0,
  };
}
