/** Which addresses belong to the public Internet (RFC 6890 and the registries that it founded). */
import type { Network } from '#/model/index.ts';
import { networkTable, parseIp, parseNetwork } from '#/model/index.ts';

/** Not public, with the word that a refusal uses. IPv4 addresses mapped into IPv6 are looked up as IPv4. */
const NOT_PUBLIC = {
  '0.0.0.0/8': 'this host',
  '10.0.0.0/8': 'private',
  '100.64.0.0/10': 'shared by carriers',
  '127.0.0.0/8': 'loopback',
  '169.254.0.0/16': 'link-local',
  '172.16.0.0/12': 'private',
  '192.0.0.0/24': 'reserved for protocols',
  '192.0.2.0/24': 'for documentation',
  '192.88.99.0/24': 'a retired relay',
  '192.168.0.0/16': 'private',
  '198.18.0.0/15': 'for benchmarks',
  '198.51.100.0/24': 'for documentation',
  '203.0.113.0/24': 'for documentation',
  '224.0.0.0/4': 'multicast',
  '240.0.0.0/4': 'reserved',
  '::/128': 'unspecified',
  '::1/128': 'loopback',
  // Both carry an IPv4 address inside, and with it the way back into our own networks.
  '::/96': 'a retired form of IPv4',
  '64:ff9b::/96': 'a translated IPv4 address',
  '64:ff9b:1::/48': 'a translated IPv4 address',
  '100::/64': 'discarded',
  '2001::/23': 'reserved for protocols',
  '2001:db8::/32': 'for documentation',
  '2002::/16': 'a retired form of IPv4',
  '3fff::/20': 'for documentation',
  '5f00::/16': 'segment routing',
  'fc00::/7': 'private',
  'fe80::/10': 'link-local',
  'fec0::/10': 'retired site-local',
  'ff00::/8': 'multicast',
} as const;

const TABLE = networkTable(Object.entries(NOT_PUBLIC).map(([text, kind]) => [networkOf(text), kind] as const));

/** Why an address is not of the public Internet, in a word or two; null where it is public; `no address` for any other text. */
export function whyNotPublic(address: string): string | null {
  return parseIp(address) === null ? 'no address' : (TABLE.find(address) ?? null);
}

function networkOf(text: string): Network {
  const network = parseNetwork(text);
  if (network === null) throw new TypeError(`${text} is no network.`);
  return network;
}
