/**
 * Sockets that outlive a role (design 3). The steward binds them and never accepts: `server.listen()` would accept in the parent and
 * swallow connections, so it binds with `net._createServerHandle`, which is private to Node and used in this file alone. A child gets
 * the descriptor through its stdio and listens on it; the kernel keeps what arrives between two children.
 * A socket is bound here and starts to listen with its first child: a connection before that is refused.
 */
import * as net from 'node:net';
import { getSystemErrorName } from 'node:util';
import { Fault } from '#/model/index.ts';

/** A bound socket. `fd` may stand in the `stdio` of a child. */
export interface BoundSocket {
  readonly fd: number;
  readonly address: string;
  readonly port: number;
  /** Gives up our descriptor. Children keep theirs. */
  close(): void;
}

type Handle = {
  readonly fd: number;
  getsockname(out: SocketName): number;
  close(): void;
};
type SocketName = { address?: string; port?: number };

const IPV6_ONLY = 1;

/**
 * Binds `127.0.0.1:2525`, `[::1]:2525` or `:0`-ports without listening. An IPv6 address binds IPv6 alone, so that `0.0.0.0` and `[::]`
 * may stand beside each other. Fault `config.invalid` where it can't be bound, with the reason.
 */
export function bindSocket(text: string): BoundSocket {
  const { address, port } = parseListenAddress(text);
  const handle = createHandle(address, port);
  if (typeof handle === 'number') throw new Fault('config.invalid', whyNotBound(text, getSystemErrorName(handle)));
  const bound: SocketName = {};
  // libuv keeps "in use" to itself until listen(); a socket that was not bound has no port.
  if (handle.getsockname(bound) !== 0 || !bound.port) {
    handle.close();
    throw new Fault('config.invalid', whyNotBound(text, 'EADDRINUSE'));
  }
  return { fd: handle.fd, address, port: bound.port, close: () => handle.close() };
}

/** Host and port of a listen address; brackets around IPv6. Fault `config.invalid` otherwise. */
export function parseListenAddress(text: string): { readonly address: string; readonly port: number } {
  const [, six, four, digits = ''] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = six ?? four ?? '';
  const wanted = six === undefined ? 4 : 6;
  if (net.isIP(address) !== wanted || Number(digits) > 65_535)
    throw new Fault('config.invalid', `"${text}" is no address:port; write 127.0.0.1:2525 or [::1]:2525.`);
  return { address, port: Number(digits) };
}

/** Makes `server` accept on an inherited descriptor. Resolves when it does. */
export async function adoptSocket(server: net.Server, fd: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ fd }, resolve);
  await promise;
  server.off('error', reject);
}

/**
 * Sockets that systemd hands over (sd_listen_fds), by their FileDescriptorName; `unknown` where they have none. Empty where they are
 * meant for another process.
 */
export function systemdSockets(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): ReadonlyMap<string, readonly number[]> {
  const named = new Map<string, number[]>();
  if (Number(env.LISTEN_PID) !== pid) return named;
  const names = (env.LISTEN_FDNAMES ?? '').split(':');
  const count = Math.min(Number(env.LISTEN_FDS) || 0, 64);
  for (let i = 0; i < count; i++) named.getOrInsert(names[i] || 'unknown', []).push(3 + i);
  return named;
}

/** Where a socket listens that somebody else has bound; null for one that is no TCP socket. It stays the descriptor's owner's. */
export function addressOfSocket(fd: number): { readonly address: string; readonly port: number } | null {
  const handle = serverHandle(null, null, null, fd);
  const name: SocketName = {};
  if (typeof handle === 'number' || typeof handle.getsockname !== 'function' || handle.getsockname(name) !== 0)
    return null;
  kept.push(handle);
  return name.address && name.port ? { address: name.address, port: name.port } : null;
}

/** Handles over descriptors that are not ours: one that is collected would close its descriptor. */
const kept: Handle[] = [];

function createHandle(address: string, port: number): Handle | number {
  const six = net.isIPv6(address);
  return serverHandle(address, port, six ? 6 : 4, undefined, six ? IPV6_ONLY : 0);
}

function serverHandle(...words: readonly unknown[]): Handle | number {
  const create: unknown = Reflect.get(net, '_createServerHandle');
  if (typeof create !== 'function') throw new TypeError('This Node has no _createServerHandle: see src/net/bind.ts.');
  return create(...words) as Handle | number;
}

function whyNotBound(text: string, code: string): string {
  return `${text} can't be bound: ${REASONS[code] ?? code}.`;
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has it; stop that program or choose another port',
  EACCES: 'ports below 1024 need a privilege; use systemd sockets or a higher port',
  EADDRNOTAVAIL: 'this machine has no such address',
};
