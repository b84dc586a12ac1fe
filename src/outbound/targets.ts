/**
 * From a next hop to addresses, in the order in which they are tried (RFC 5321 §5.1): by preference, IPv6 and IPv4 in turn, those that
 * failed lately behind the others. DNS answers that end the matter (no such domain, null MX, a loop to ourselves) are
 * refusals; DNS that does not answer is a delay.
 */
import { isIP } from 'node:net';
import { domainToAscii, literalAddress, parseDomain } from '#/codec/smtp/index.ts';
import type { Call, Domain, PeerReply } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Resolver } from '#/ports/index.ts';
import { localReply } from './local-reply.ts';
import type { Hop } from './routes.ts';
import type { OutboundLimits } from './settings.ts';
import type { Source } from './sources.ts';

/** One address to try. */
export interface Target {
  /** The name that TLS and reports use. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** Configured by the operator: any address range will do. */
  readonly trusted: boolean;
  /** The address of ours that it is tried from; absent where the system chooses. */
  readonly source?: Source;
}

export type Targets =
  | { readonly kind: 'found'; readonly targets: readonly Target[] }
  /** Final for every mail to this destination. */
  | { readonly kind: 'refused'; readonly reply: PeerReply }
  | { readonly kind: 'later'; readonly reply: PeerReply };

export interface TargetParts {
  readonly resolver: Resolver;
  readonly hostname: string;
  readonly limits: OutboundLimits;
}

/** Addresses of a hop; never rejects. `signal` ends the wait early. */
export async function findTargets(
  hop: Extract<Hop, { kind: 'mx' | 'route' | 'cloud' }>,
  parts: TargetParts,
  signal: AbortSignal,
): Promise<Targets> {
  const call = within(parts.limits.dnsMs, signal);
  try {
    if (hop.kind === 'mx') return await mxTargets(hop.domain, parts, call);
    return hop.kind === 'route' ? await routeTargets(hop, parts, call) : await cloudTargets(hop.host, parts, call);
  } catch {
    const name = hop.kind === 'mx' ? hop.domain : hop.host;
    return {
      kind: 'later',
      reply: localReply(0, '4.4.3', `DNS did not answer about ${name}; it will be asked again.`),
    };
  }
}

async function routeTargets(
  hop: Extract<Hop, { kind: 'route' }>,
  { resolver, limits }: TargetParts,
  call: Call,
): Promise<Targets> {
  const addresses = isIP(hop.host) > 0 ? [hop.host] : interleave(await resolver.addresses(hop.host, call));
  if (addresses.length === 0)
    return { kind: 'later', reply: localReply(0, '4.4.3', `The configured route ${hop.host} has no address in DNS.`) };
  const targets = addresses.map((address) => ({ host: hop.host, address, port: hop.port, trusted: true }));
  return { kind: 'found', targets: targets.slice(0, limits.addressesMax) };
}

async function cloudTargets(host: Domain, parts: TargetParts, call: Call): Promise<Targets> {
  const addresses = interleave(await parts.resolver.addresses(domainToAscii(host), call));
  if (addresses.length === 0) {
    const text = `The host ${host}, which the connector’s mail goes back to, has no address in DNS.`;
    return { kind: 'later', reply: localReply(0, '4.4.3', text) };
  }
  const targets = addresses.map((address) => mxTarget(host, address, parts));
  return { kind: 'found', targets: targets.slice(0, parts.limits.addressesMax) };
}

async function mxTargets(domain: Domain, parts: TargetParts, call: Call): Promise<Targets> {
  const literal = literalAddress(domain);
  if (literal !== null) return { kind: 'found', targets: [mxTarget(literal, literal, parts)] };
  const answer = await parts.resolver.mx(domainToAscii(domain), call);
  if (answer.kind === 'no-such-domain') return refused(550, '5.1.2', `The domain ${domain} does not exist.`);
  // RFC 7505 §4.2: nothing is tried.
  if (answer.kind === 'null-mx') return refused(556, '5.1.10', `The domain ${domain} accepts no mail.`);
  // RFC 5321 §5.1: without MX the domain itself is the host.
  const hosts = answer.kind === 'none' ? [domainToAscii(domain)] : exchangers(answer.hosts, parts);
  if (hosts.length === 0)
    return refused(554, '5.4.6', `Mail for ${domain} loops back to this server, which has no mailboxes for it.`);
  return addressesOf(domain, hosts, parts, call);
}

// RFC 5321 §5.1: where we are listed ourselves, only hosts that are better than us may be tried.
function exchangers(
  answer: readonly { readonly preference: number; readonly host: string }[],
  { hostname, limits }: TargetParts,
): string[] {
  const own = answer.filter(({ host }) => withoutDot(host) === hostname.toLowerCase());
  const limit = Math.min(...own.map(({ preference }) => preference));
  const better = answer.filter(({ preference }) => preference < limit);
  return better.slice(0, limits.mxHostsMax).map(({ host }) => withoutDot(host));
}

async function addressesOf(domain: Domain, hosts: readonly string[], parts: TargetParts, call: Call): Promise<Targets> {
  const answers = await Promise.allSettled(hosts.map((host) => parts.resolver.addresses(host, call)));
  const targets = answers.flatMap((answer, index) => {
    const host = hosts[index] ?? '';
    return answer.status === 'fulfilled' ? interleave(answer.value).map((at) => mxTarget(host, at, parts)) : [];
  });
  if (targets.length > 0) return { kind: 'found', targets: targets.slice(0, parts.limits.addressesMax) };
  if (answers.some(({ status }) => status === 'rejected'))
    return { kind: 'later', reply: localReply(0, '4.4.3', `DNS did not answer about the mail hosts of ${domain}.`) };
  return refused(550, '5.4.4', `No mail host of ${domain} has an address in DNS.`);
}

function mxTarget(host: string, address: string, { limits }: TargetParts): Target {
  return { host, address, port: limits.mxPort, trusted: false };
}

function refused(code: number, enhanced: string, text: string): Targets {
  return { kind: 'refused', reply: localReply(code, enhanced, text) };
}

function withoutDot(host: string): string {
  const name = host.toLowerCase().replace(/\.$/, '');
  return parseDomain(name) ?? name;
}

/** IPv6 and IPv4 in turn, so that a broken family costs one try, not all. */
export function interleave(addresses: readonly string[]): string[] {
  const six = addresses.filter((address) => isIP(address) === 6);
  const four = addresses.filter((address) => isIP(address) === 4);
  const pairs = Array.from({ length: Math.max(six.length, four.length) }, (_, i) => [six[i], four[i]]);
  return pairs.flat().filter((address) => address !== undefined);
}
