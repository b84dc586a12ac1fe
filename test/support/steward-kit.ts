/** What the journeys of processes share: a tenant with a server, a way to send one mail and to see it arrive, and the books. */
import assert from 'node:assert/strict';
import { SmtpPeer } from '#/testkit/index.ts';
import { eventually, type Holdfast } from './holdfast.ts';
import { TestClient } from './load.ts';
import type { Sink } from './sink.ts';

export const RESOURCES = `tenants:
  - id: acme
    name: Acme
    domains: [acme.test]
    relays:
      - { name: server, kind: server, networks: [127.0.0.2/32], senders: ["*@acme.test"] }
      - { name: scanner, kind: device, username: scanner, password: "paper jam", senders: [scanner@acme.test] }
`;

interface Audit {
  readonly balanced: boolean;
  readonly orphans: readonly unknown[];
  readonly tenants: readonly { readonly accepted: number; readonly delivered: number; readonly held: number }[];
}

export function settingsFor(sink: Sink): string {
  return `outbound: on\nretry: { first: 1s, factor: 2, max: 2s, delayNotice: 4h, expire: 5d }\nroutes:\n  - { domains: ["*"], host: 127.0.0.1, port: ${sink.port}, tls: none }`;
}

let sent = 0;

/** Sends one mail by a connection of its own; resolves with its id in the sink. */
export async function send(port: number): Promise<string> {
  const id = `steward-${++sent}`;
  const client = await TestClient.open(port, '127.0.0.2', 30_000);
  assert.ok(client, 'nobody greets');
  const answer = await client.send({ id, from: 'a@acme.test', to: [`${id}@world.test`], bodyBytes: 1000 });
  client.close();
  assert.ok(answer.queueId, `not accepted: ${answer.reply}`);
  return id;
}

/** Signs in as the scanner, and sends nothing. */
export async function signIn(port: number): Promise<void> {
  using peer = await SmtpPeer.connect(port);
  await peer.hears('220');
  await peer.asks('EHLO scanner', '250');
  await peer.startsTls();
  await peer.asks('EHLO scanner', '250');
  await peer.asks(`AUTH PLAIN ${Buffer.from('\0scanner\0paper jam').toString('base64')}`, '235');
}

export async function arrived(sink: Sink, id: string): Promise<void> {
  await eventually(`${id} arrives`, () => sink.taken.has(`${id} ${id}@world.test`), 30_000);
}

export async function assertBalanced(holdfast: Holdfast, expected: Partial<Audit['tenants'][number]>): Promise<void> {
  const audit = await holdfast.json<Audit>('audit', '--full');
  assert.deepEqual([audit.balanced, audit.orphans], [true, []]);
  assert.partialDeepStrictEqual(audit.tenants, [expected]);
}

export async function pidOf(holdfast: Holdfast, role: string): Promise<number> {
  const pid = (await holdfast.pids()).get(role);
  assert.ok(pid !== undefined, `${role} does not run`);
  return pid;
}

/** Whether there is such a process. */
export function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
