/** Real exchanges that prove a role ready (M6): a greeting and EHLO on every listener, a question on the local socket. */
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { beginsWithTls, LISTENERS, type ListenerKind } from '#/gate/index.ts';
import { connectLocal } from '#/net/index.ts';
import type { Proof } from '#/steward/index.ts';
import type { Bound } from './listeners.ts';

const CALL_MS = 3_000;

/** EHLO (or LHLO) on each listener with an address of our own. */
export function provesGate(bound: readonly Bound[], hostname: string): Proof {
  return async (signal) => {
    await Promise.all(bound.filter(({ port }) => port !== 0).map((listener) => exchange(listener, hostname, signal)));
  };
}

/** `ready` of one role on a local socket. `socket` is asked each time, for a successor has another. */
export function provesRole(role: string, data: string, socket: () => string): Proof {
  return async (signal) => {
    await using client = await connectLocal(join(data, socket()));
    return await client.call('ready', { role }, { deadlineAt: performance.now() + CALL_MS, signal });
  };
}

/** All of them; what one of them tells is told. */
export function provesAll(...proofs: readonly Proof[]): Proof {
  return async (signal) => {
    const told = await Promise.all(proofs.map((proof) => proof(signal)));
    return told.find((one) => typeof one === 'string');
  };
}

async function exchange({ kind, host, port }: Bound, hostname: string, signal: AbortSignal): Promise<void> {
  const socket = open(kind, reachable(host), port);
  const stop = () => socket.destroy(new Error('no answer in time'));
  signal.addEventListener('abort', stop, { once: true });
  try {
    const hello = LISTENERS[kind].protocol === 'lmtp' ? 'LHLO' : 'EHLO';
    await converse(socket, hello, hostname);
  } catch (error) {
    throw new Error(`${kind} on port ${port}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

function open(kind: ListenerKind, host: string, port: number): Socket {
  // Our own certificate is not what is proved here.
  return beginsWithTls(kind) ? connectTls({ host, port, rejectUnauthorized: false }) : connect({ host, port });
}

async function converse(socket: Socket, hello: string, hostname: string): Promise<void> {
  let text = '';
  let asked = false;
  for await (const chunk of socket.setEncoding('latin1')) {
    text += String(chunk);
    if (!/^(?:\d{3}-.*\r\n)*\d{3} .*\r\n$/.test(text)) continue;
    if (text.startsWith(asked ? '250' : '220')) {
      if (asked) return;
      asked = true;
      text = '';
      socket.write(`${hello} ${hostname}\r\n`);
    } else throw new Error(text.trim());
  }
  throw new Error('the connection was closed');
}

function reachable(host: string): string {
  return host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
}
