/**
 * IP addresses and CIDR networks. An IPv4 address mapped into IPv6 (`::ffff:192.0.2.1`, as dual-stack sockets show it) is the IPv4
 * address, everywhere; so an IPv6 network never holds an IPv4 address.
 */

/** An address as a number of 32 or 128 bits. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** All addresses that share the first `prefix` bits. */
export interface Network extends IpAddress {
  readonly prefix: number;
}

/** Values by network; look-ups cost one step per distinct prefix length, whatever the number of networks. */
export interface NetworkTable<T> {
  /** Value of the narrowest network that holds the address; undefined where none does, or where the text is no address. */
  find(ip: string): T | undefined;
  /** Values of all networks that hold the address, narrowest first. */
  findAll(ip: string): readonly T[];
}

const BITS = { 4: 32, 6: 128 } as const;

/** An IPv4 or IPv6 address without brackets; a zone (`%eth0`) is ignored. Null where the text is none. */
export function parseIp(text: string): IpAddress | null {
  const v4 = parseIpv4(text);
  if (v4 !== null) return { family: 4, value: v4 };
  const v6 = parseIpv6(text.replace(/%[\w.-]+$/, ''));
  if (v6 === null) return null;
  return v6 >> 32n === 0xffffn ? { family: 4, value: v6 & 0xffff_ffffn } : { family: 6, value: v6 };
}

/** `192.0.2.0/24`, `2001:db8::/32`, or one address. Bits behind the prefix are cleared. Null where the text is none of these. */
export function parseNetwork(text: string): Network | null {
  const [, address = '', digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
  const ip = parseIp(address);
  if (ip === null) return null;
  const written = address.includes(':') ? BITS[6] : BITS[4];
  const prefix = (digits === undefined ? written : Number(digits)) - (written - BITS[ip.family]);
  if (prefix < 0 || prefix > BITS[ip.family]) return null;
  return { family: ip.family, prefix, value: clearHost(ip, prefix) };
}

/** How we write an address (RFC 5952). */
export function formatIp({ family, value }: IpAddress): string {
  return family === 4 ? formatIpv4(value) : formatIpv6(value);
}

/** How we write a network, always with its prefix. */
export function formatNetwork(network: Network): string {
  return `${formatIp(network)}/${network.prefix}`;
}

/** Whether `network` holds `ip`. */
export function holds(network: Network, ip: IpAddress): boolean {
  return network.family === ip.family && clearHost(ip, network.prefix) === network.value;
}

/** Whether two networks have an address in common: then one holds the other. */
export function overlaps(a: Network, b: Network): boolean {
  return a.prefix <= b.prefix ? holds(a, b) : holds(b, a);
}

/** A table for look-ups. Of two values for one network the first counts first. */
export function networkTable<T>(entries: Iterable<readonly [Network, T]>): NetworkTable<T> {
  const levels = { 4: new Map<number, Map<bigint, T[]>>(), 6: new Map<number, Map<bigint, T[]>>() };
  for (const [{ family, prefix, value }, entry] of entries) {
    levels[family].getOrInsert(prefix, new Map<bigint, T[]>()).getOrInsert(value, []).push(entry);
  }
  const narrowestFirst = { 4: descending(levels[4]), 6: descending(levels[6]) };
  const search = function* (ip: string): Generator<T> {
    const address = parseIp(ip);
    if (address === null) return;
    for (const [prefix, values] of narrowestFirst[address.family]) yield* values.get(clearHost(address, prefix)) ?? [];
  };
  return { find: (ip) => search(ip).next().value ?? undefined, findAll: (ip) => [...search(ip)] };
}

function descending<T>(level: ReadonlyMap<number, T>): (readonly [number, T])[] {
  return [...level].sort(([a], [b]) => b - a);
}

function clearHost({ family, value }: IpAddress, prefix: number): bigint {
  const host = BigInt(BITS[family] - prefix);
  return (value >> host) << host;
}

// Four decimal numbers without leading zeros, which some read as octal.
function parseIpv4(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return null;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseIpv6(text: string): bigint | null {
  const halves = text.split('::');
  if (halves.length > 2 || !text.includes(':')) return null;
  const [head, tail] = [groupsOf(halves[0] ?? '', halves.length === 1), groupsOf(halves[1] ?? '', true)];
  if (head === null || tail === null) return null;
  const gap = 8 - head.length - tail.length;
  if (halves.length === 1 ? gap !== 0 : gap < 1) return null;
  const groups = [...head, ...Array<number>(gap).fill(0), ...tail];
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

// Sixteen bits each; the last two may be written as an IPv4 address (RFC 4291 §2.2).
function groupsOf(text: string, mayEndInIpv4: boolean): number[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const last = parts.at(-1) ?? '';
  const v4 = mayEndInIpv4 && last.includes('.') ? parseIpv4(last) : null;
  if (v4 !== null) parts.splice(-1, 1, (v4 >> 16n).toString(16), (v4 & 0xffffn).toString(16));
  return parts.every((part) => /^[0-9a-fA-F]{1,4}$/.test(part)) ? parts.map((part) => Number.parseInt(part, 16)) : null;
}

function formatIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
}

// RFC 5952 §4.2: the longest run of two or more zero groups, the first of equal ones, becomes `::`.
function formatIpv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => (value >> BigInt(112 - 16 * i)) & 0xffffn);
  const run = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (run.length < 2) return hex.join(':');
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`;
}

function longestZeroRun(groups: readonly bigint[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0n) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

/** What counts as one where connections are counted by address: one household or host: an IPv4 address, or an IPv6 /64, of which everybody has at least one (RFC 6177 §1). */
export function addressGroup(address: string): string {
  const ip = parseIp(address);
  if (ip === null) return address;
  return ip.family === 4 ? String(ip.value) : `6:${ip.value >> 64n}`;
}
