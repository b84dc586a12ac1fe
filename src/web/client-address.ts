/**
 * Whose request it is: the other end of the connection, or whom a proxy names that we believe (contract, `trust.http`).
 *
 * What must never happen: an address that a stranger wrote counts as theirs. So lists are read from their end, where our proxy wrote, and only as far
 * as those who wrote are believed; and where a request names its client in both forms, of which a proxy writes one and hands the other on as it
 * came, and they differ, it is the proxy's.
 */
import type { FastifyRequest } from 'fastify';
import { formatIp, networkTable, parseIp, parseNetwork } from '#/model/index.ts';

type Headers = FastifyRequest['headers'];

export class ClientAddresses {
  readonly #believed: { find(ip: string): true | undefined };

  /** `networks` as settings have them. */
  constructor(networks: readonly string[]) {
    const read = networks.map(parseNetwork).filter((network) => network !== null);
    this.#believed = networkTable(read.map((network) => [network, true] as const));
  }

  /** Whether many clients may come from there. */
  isProxy(address: string): boolean {
    return this.#believed.find(address) !== undefined;
  }

  of({ socket, headers }: Pick<FastifyRequest, 'socket' | 'headers'>): string {
    const peer = written(socket.remoteAddress ?? '') ?? '';
    if (!this.isProxy(peer)) return peer;
    const named = [usual(headers), standard(headers)].flatMap((path) =>
      path === null ? [] : [this.#firstNotOurs(peer, path)],
    );
    return new Set(named).size === 1 ? (named[0] ?? peer) : peer;
  }

  /** Who speaks to the last proxy that we believe; it itself where what it says is no address. */
  #firstNotOurs(peer: string, path: readonly string[]): string {
    let last = peer;
    for (const text of path.toReversed()) {
      const address = written(text);
      if (address === null || !this.isProxy(last)) break;
      last = address;
    }
    return last;
  }
}

function usual(headers: Headers): readonly string[] | null {
  const value = headers['x-forwarded-for'];
  return value === undefined ? null : [value].flat().join(',').split(',');
}

// RFC 7239 §4. Split without regard for quotation marks: of an address there is nothing to quote, and one that a stranger opened must not swallow the rest.
function standard({ forwarded }: Headers): readonly string[] | null {
  if (forwarded === undefined) return null;
  const elements = [forwarded].flat().join(',').split(',');
  return elements.map((element) => /(?:^|;)\s*for\s*=\s*"?([^";\s]+)/i.exec(element)?.[1] ?? '');
}

/** As we write addresses, without port and brackets; null where it is none. */
function written(text: string): string | null {
  const [, six, four] = /^(?:\[([^\]]+)\]|(\d[\d.]+))(?::\d{1,5})?$/.exec(text.trim()) ?? [];
  const ip = parseIp(six ?? four ?? text.trim());
  return ip === null ? null : formatIp(ip);
}
