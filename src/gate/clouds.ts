/**
 * Shared clouds: suites whose tenants all send from the same addresses with the same certificate. Either only says that the mail may be
 * of a relay of ours; whose it is, the secret in the header says (design 6).
 */
import { holds, parseIp, parseNetwork, type Relay } from '#/model/index.ts';

/** Kinds of relay that stand for a shared cloud. */
export type CloudKind = 'microsoft365' | 'google';

/** Names in the certificate that a cloud shows as a client; `*.` stands for one or more labels. Where there are none, a relay needs `networks`. */
const CERTIFICATE_NAMES: Readonly<Record<CloudKind, readonly string[]>> = {
  // Exchange Online Protection shows it to each server that it sends to. Exchange's own hybrid connectors look for the first name
  // (Set-ReceiveConnector, TlsDomainCapabilities).
  microsoft365: ['mail.protection.outlook.com', '*.protection.outlook.com'],
  // Google tells gateways to know it by its published addresses: https://support.google.com/a/answer/60764
  google: [],
};

/** Whether a relay stands for a shared cloud, which its network alone never proves. */
export function isCloud(relay: Relay | null): boolean {
  return relay !== null && cloudKindOf(relay) !== null;
}

/** Which cloud a relay stands for; null where it is a machine of its own. */
export function cloudKindOf({ kind }: Relay): CloudKind | null {
  return kind === 'microsoft365' || kind === 'google' ? kind : null;
}

/** Whether this cloud can be told by its certificate. */
export function hasCertificate(kind: CloudKind): boolean {
  return CERTIFICATE_NAMES[kind].length > 0;
}

/** The cloud that a verified certificate with these names belongs to. */
export function cloudCalled(names: readonly string[]): CloudKind | null {
  const kinds = Object.keys(CERTIFICATE_NAMES) as CloudKind[];
  return (
    kinds.find((kind) => CERTIFICATE_NAMES[kind].some((wanted) => names.some((name) => fits(name, wanted)))) ?? null
  );
}

function fits(name: string, wanted: string): boolean {
  const lower = name.toLowerCase();
  return wanted.startsWith('*.') ? lower.endsWith(wanted.slice(1)) : lower === wanted;
}

/** Whether a connection can be of this relay: its cloud's certificate, or an address of the relay's own networks. */
export function canBe(
  relay: Relay,
  { certified, address }: { readonly certified: CloudKind | null; readonly address: string },
): boolean {
  if (certified !== null && relay.kind === certified) return true;
  const ip = parseIp(address);
  if (ip === null) return false;
  return relay.networks.some((text) => {
    const network = parseNetwork(text);
    return network !== null && holds(network, ip);
  });
}
