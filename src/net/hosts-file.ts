/** /etc/hosts, which c-ares does not read: an operator's route may name a host that stands only there. */
import { readFile } from 'node:fs/promises';
import { formatIp, parseIp } from '#/model/index.ts';
import type { Clock } from '#/ports/index.ts';

const READ_AGAIN_MS = 5_000;
const BYTES_MAX = 4 * 1024 * 1024;

/** Addresses of a host by the file at `path`, IPv6 first; undefined where it names none. An unreadable file names none. */
export function hostsFile(
  path: string,
  clock: Pick<Clock, 'monotonic'>,
): { find(host: string): Promise<readonly string[] | undefined> } {
  let readAt = Number.NEGATIVE_INFINITY;
  let names: Promise<ReadonlyMap<string, readonly string[]>> = Promise.resolve(new Map());
  return {
    find: async (host) => {
      if (clock.monotonic() - readAt > READ_AGAIN_MS) {
        readAt = clock.monotonic();
        names = readFile(path, 'utf8').then(parseHosts, () => new Map());
      }
      const name = host.toLowerCase().replace(/\.$/, '');
      // RFC 6761 §6.3: localhost is here, whatever a server says.
      return (await names).get(name) ?? (name === 'localhost' ? ['::1', '127.0.0.1'] : undefined);
    },
  };
}

/** Names and their addresses by the text of a hosts file. */
export function parseHosts(text: string): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const line of text.slice(0, BYTES_MAX).split('\n')) {
    const [address = '', ...hosts] = line.replace(/#.*/, '').trim().split(/\s+/);
    const ip = parseIp(address);
    if (ip === null) continue;
    for (const host of hosts) {
      const known = names.getOrInsert(host.toLowerCase(), []);
      if (ip.family === 6) known.unshift(formatIp(ip));
      else known.push(formatIp(ip));
    }
  }
  return names;
}
