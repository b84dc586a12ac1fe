/** Real exchanges that prove a role ready (M6): a greeting and a first command on every listener, a question on the local socket. */
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import type { Role } from '#/config/index.ts';
import { beginsWithTls, LISTENERS } from '#/gate/index.ts';
import { connectLocal } from '#/net/index.ts';
import type { Proof } from '#/steward/index.ts';
import { type Bound, KINDS_OF_ROLE, type ListenerKind } from './listeners.ts';

const CALL_MS = 3_000;

/** A greeting and a first command on each listener of a role that has an address of our own. */
export function provesListeners(role: Role, bound: readonly Bound[], hostname: string): Proof {
  const kinds = KINDS_OF_ROLE[role] ?? [];
  const own = bound.filter(({ kind, port }) => port !== 0 && kinds.includes(kind));
  return async (signal) => {
    await Promise.all(own.map((listener) => exchange(listener, hostname, signal)));
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

/** What a client says first, and how a server's answers begin and end. */
interface Manner {
  readonly tls: boolean;
  readonly says: (hostname: string) => string;
  /** Null where the client speaks first. */
  readonly greets: RegExp | null;
  readonly answers: RegExp;
}

const SMTP: Omit<Manner, 'tls' | 'says'> = { greets: wholeReply('220'), answers: wholeReply('250') };
const IMAP: Omit<Manner, 'tls'> = {
  says: () => 'a CAPABILITY',
  greets: /^\* (?:OK|PREAUTH).*\r\n$/,
  answers: /^(?:\*.*\r\n)*a OK.*\r\n$/,
};
/** RFC 9112 §3: the home page of a name that is not looked at. */
const HTTP: Omit<Manner, 'tls'> = {
  says: (hostname) => `GET / HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n`,
  greets: null,
  answers: /^HTTP\/1\.1 200 .*\r\n/,
};
const POP3: Omit<Manner, 'tls'> = {
  says: () => 'CAPA',
  greets: /^\+OK.*\r\n$/,
  answers: /^\+OK(?:.*\r\n)+\.\r\n$/,
};

function mannerOf(kind: ListenerKind): Manner {
  if (kind === 'imap' || kind === 'imaps') return { ...IMAP, tls: kind === 'imaps' };
  if (kind === 'pop3' || kind === 'pop3s') return { ...POP3, tls: kind === 'pop3s' };
  if (kind === 'http' || kind === 'https') return { ...HTTP, tls: kind === 'https' };
  const hello = LISTENERS[kind].protocol === 'lmtp' ? 'LHLO' : 'EHLO';
  return { ...SMTP, tls: beginsWithTls(kind), says: (hostname) => `${hello} ${hostname}` };
}

function wholeReply(code: string): RegExp {
  return new RegExp(`^(?:${code}-.*\\r\\n)*${code} .*\\r\\n$`);
}

async function exchange({ kind, host, port }: Bound, hostname: string, signal: AbortSignal): Promise<void> {
  const manner = mannerOf(kind);
  const socket = open(manner, reachable(host), port);
  const stop = () => socket.destroy(new Error('no answer in time'));
  signal.addEventListener('abort', stop, { once: true });
  try {
    await converse(socket, manner, hostname);
  } catch (error) {
    throw new Error(`${kind} on port ${port}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

function open({ tls }: Manner, host: string, port: number): Socket {
  // Our own certificate is not what is proved here.
  return tls ? connectTls({ host, port, rejectUnauthorized: false }) : connect({ host, port });
}

/** Ends when the server has greeted and answered; what never becomes either is cut off by the caller's time. */
async function converse(socket: Socket, { says, greets, answers }: Manner, hostname: string): Promise<void> {
  let text = '';
  let asked = greets === null;
  if (asked) socket.write(`${says(hostname)}\r\n`);
  for await (const chunk of socket.setEncoding('latin1')) {
    text += String(chunk);
    if (!text.endsWith('\n')) continue;
    if ((asked || greets === null ? answers : greets).test(text)) {
      if (asked) return;
      asked = true;
      text = '';
      socket.write(`${says(hostname)}\r\n`);
    } else if (/^(?:[45]\d\d |HTTP\/1\.1 |\* BYE|-ERR)/m.test(text)) throw new Error(text.trim());
  }
  throw new Error('the connection was closed');
}

/** Where something that listens at `host` is reached from here. */
export function reachable(host: string): string {
  return host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
}
