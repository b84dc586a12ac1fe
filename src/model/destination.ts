import type { Domain } from './mail-address.ts';

/**
 * The next hop that a row waits for. A pure function of the recipient's domain and the configured routes, written at acceptance,
 * looked at again at each claim, so that a changed route moves what waits.
 * `mx:DOMAIN` · `route:HOST:PORT[:lmtp]` · `cloud:HOST` (back to where a connector's mail came from) · `local` (no local delivery yet) · `try` (the built-in sink) · `inspect`, `inspect:slow` (policy first) ·
 * `neighbour`: another tenant of this installation, by whose rules it goes on.
 * A `!` at the end: chosen by an operator, and not looked at again.
 */
export type DestinationKey = string & { readonly __brand: 'DestinationKey' };

/** The MX hosts of a domain. */
export function mxDestination(domain: Domain): DestinationKey {
  return `mx:${domain}` as DestinationKey;
}

/** A configured host. */
export function routeDestination(host: string, port: number, lmtp: boolean): DestinationKey {
  return `route:${host}:${port}${lmtp ? ':lmtp' : ''}` as DestinationKey;
}

/** A tenant's cloud, by the host that its connector names. */
export function cloudDestination(host: Domain): DestinationKey {
  return `cloud:${host}` as DestinationKey;
}

/** The host of a tenant's cloud; null for any other next hop. */
export function cloudHostOf(destination: DestinationKey): Domain | null {
  return destination.startsWith('cloud:') ? (destination.slice(6).replace(/!$/, '') as Domain) : null;
}

/** Inspection by policy: not a hop, but what stands before the next one. Whoever delivers leaves its rows alone. */
export const INSPECT_DESTINATION = 'inspect' as DestinationKey;

/** Its slow lane: mail that takes long to inspect waits there, so that no other mail waits behind it. What is held has left it, and stands before inspection. */
export const SLOW_INSPECT_DESTINATION = 'inspect:slow' as DestinationKey;

/** Whether inspection is still to come, in either lane. */
export function isBeforeInspection(destination: DestinationKey): boolean {
  return destination === INSPECT_DESTINATION || destination === SLOW_INSPECT_DESTINATION;
}
/** Another tenant of ours, whose rules may concern mail that comes to it: it leaves its sender's custody here, and enters by that tenant's door. */
export const NEIGHBOUR_DESTINATION = 'neighbour' as DestinationKey;

/** Local recipients without an LMTP route. */
export const LOCAL_DESTINATION = 'local' as DestinationKey;

/** The built-in sink of `holdfast try`. */
export const TRY_DESTINATION = 'try' as DestinationKey;

/** The same next hop by an operator's word (`queue reroute`): it stays, whatever the routes say. */
export function pinned(destination: DestinationKey): DestinationKey {
  return isPinned(destination) ? destination : (`${destination}!` as DestinationKey);
}

/** Whether an operator chose this next hop. */
export function isPinned(destination: DestinationKey): boolean {
  return destination.endsWith('!');
}
