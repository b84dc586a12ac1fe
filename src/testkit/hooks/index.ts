/** What tests of servers beside ours share: inspectors that ask them by a rule, and servers that go wrong. */
import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { type HookConnect, type HookKind, type HookSetting, Hooks, RuleBook, RuleInspector } from '#/inspect/index.ts';
import type { MailAddress, MailInCustody, TenantId, Verdict } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { AbsencePolicies } from '#/policy/index.ts';
import type { Clock } from '#/ports/index.ts';
import { recipientTo } from '../facts/index.ts';
import { directoryOf, FakeLog, tenantOf } from '../index.ts';

const WAIT_MS = 60_000;

/** Connections to a port of the loopback. */
export function toPort(port: number): HookConnect {
  return async () => {
    const socket = dial({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    return socket;
  };
}

export interface Judge extends AsyncDisposable {
  /** The verdict on a mail from alice@acme.test to the outside. */
  verdict(content: Uint8Array | AsyncIterable<Uint8Array>): Promise<Verdict>;
  readonly log: FakeLog;
}

interface Knobs {
  readonly deadlineMs?: number;
  readonly absences?: AbsencePolicies;
  readonly monotonic?: () => number;
  readonly acceptsEarly?: boolean;
}

/** An installation whose rules ask the server `beside`, of this kind or a program by HTTP. */
export function judge(
  server: Exclude<HookKind, 'http'> | (HookSetting & { readonly kind: 'http' })['http'],
  connect: HookConnect,
  rules: readonly Record<string, unknown>[],
  { deadlineMs = WAIT_MS, absences = {}, monotonic = () => performance.now(), acceptsEarly = false }: Knobs = {},
): Judge {
  const log = new FakeLog();
  const clock: Pick<Clock, 'monotonic'> = { monotonic };
  const beside = { name: 'beside', deadlineMs, connect, acceptsEarly };
  const setting =
    typeof server === 'string' ? { ...beside, kind: server } : ({ ...beside, kind: 'http', http: server } as const);
  const hooks = new Hooks([setting], { clock, log });
  const book = new RuleBook(
    { current: () => directoryOf([tenantOf({ id: 'acme', domains: [] })]), freshSince: async () => true },
    rules,
    { absences, deadlines: {} },
  );
  const inspector = new RuleInspector(book, hooks);
  const identity = { kind: 'user', tenant: 'acme' as TenantId, name: 'alice@acme.test' } as const;
  const mail = {
    id: 'MAIL',
    tenant: 'acme',
    identity,
    sender: 'alice@acme.test' as MailAddress,
  } as unknown as MailInCustody;
  return {
    log,
    verdict: async (content) => {
      const everybody = [recipientTo('taro@example.test', 1)];
      const verdicts = await inspector.inspect({ mail, asked: [1], everybody, content }, within(WAIT_MS));
      const verdict = verdicts.get(1);
      if (verdict === undefined) throw new Error('there is no verdict');
      return verdict;
    },
    [Symbol.asyncDispose]: () => inspector[Symbol.asyncDispose](),
  };
}

/** A letter with this text. */
export function letter(text: string): Buffer {
  return Buffer.from(`From: alice@acme.test\r\nTo: taro@example.test\r\nSubject: x\r\n\r\n${text}\r\n`);
}

export interface FakeServer extends AsyncDisposable {
  readonly port: number;
  /** Connections so far. */
  readonly count: () => number;
}

/** A server that does with each connection as it is told. */
export async function fakeServer(onSocket: (socket: Socket, count: number) => void): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    onSocket(socket, ++count);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  return {
    port,
    count: () => count,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await once(server.close(), 'close');
    },
  };
}
