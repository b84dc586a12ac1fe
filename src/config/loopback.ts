/** What belongs to this machine alone. */
import type { Network } from '#/model/index.ts';
import { holds, overlaps, parseIp, parseNetwork } from '#/model/index.ts';

const LOOPBACK = ['127.0.0.0/8', '::1/128'].map(parseNetwork).filter((network) => network !== null);

/** Whether a literal address is a loopback address; a name never is. */
export function isLoopbackIp(text: string): boolean {
  const ip = parseIp(text);
  return ip !== null && LOOPBACK.some((network) => holds(network, ip));
}

/** Whether a network has a loopback address in it. */
export function touchesLoopback(network: Network): boolean {
  return LOOPBACK.some((loopback) => overlaps(loopback, network));
}
