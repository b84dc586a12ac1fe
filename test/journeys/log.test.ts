/** Nobody reads the event log: the reader is stopped, or dead. Mail goes on, and what is lost of the log is counted. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startCollector } from '#/testkit/index.ts';
import { eventually, Holdfast, kill } from '../support/holdfast.ts';
import { TestClient } from '../support/load.ts';
import { type Sink, startSink } from '../support/sink.ts';

const RESOURCES = `tenants:
  - id: acme
    name: Acme
    domains: [acme.test]
    relays:
      - { name: server, kind: server, networks: [127.0.0.2/32], senders: ["*@acme.test"] }
`;
const MAILS = 200;
/** Lines of a round trip each; the log keeps 4 MiB for a reader that is late. */
const NOISE_ROUND = 2_000;
const NOISE_ROUNDS = 30;
const NOISE_AT_A_TIME = 100;

interface Watched extends AsyncDisposable {
  readonly holdfast: Holdfast;
  readonly reader: ChildProcess;
}

/** Its log goes to a reader of the test's. A neighbour that is trusted to speak PROXY, and doesn't, costs it a line of the log each time. */
async function startWith(sink: Sink, more = ''): Promise<Watched> {
  const reader = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
  const settings = `trust: { proxy: [127.0.0.9/32] }\nroutes:\n  - { domains: ["*"], host: 127.0.0.1, port: ${sink.port}, tls: none }\n${more}`;
  const holdfast = await Holdfast.start({ settings, resources: RESOURCES, reader: reader.stdin });
  reader.stdin.destroy();
  return {
    holdfast,
    reader,
    [Symbol.asyncDispose]: async () => {
      await holdfast[Symbol.asyncDispose]();
      reader.kill('SIGKILL');
      if (reader.exitCode === null && reader.signalCode === null) await once(reader, 'exit');
    },
  };
}

async function mailPasses(holdfast: Holdfast, sink: Sink, name: string): Promise<void> {
  const client = await TestClient.open(holdfast.ports.smtp, '127.0.0.2', 30_000);
  if (client === null) throw new Error('nobody greets');
  for (let i = 0; i < MAILS; i++) {
    const mail = { id: `${name}-${i}`, from: 'a@acme.test', to: [`${i}@world.test`], bodyBytes: 1000 };
    const { queueId, reply } = await client.send(mail);
    if (queueId === null) throw new Error(`not accepted: ${reply}`);
  }
  client.close();
  const all = () => sink.order.filter(({ id }) => id.startsWith(`${name}-`)).length === MAILS;
  await eventually('all mail is delivered', all, 30_000);
}

async function makeNoise(port: number): Promise<void> {
  let left = NOISE_ROUND;
  const work = async () => {
    while (left-- > 0) await oneLine(port);
  };
  await Promise.all(Array.from({ length: NOISE_AT_A_TIME }, work));
}

async function oneLine(port: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.9' });
  socket.on('error', () => {});
  socket.end('not PROXY\r\n').resume();
  // `once` would reject where the connection is reset.
  await new Promise((closed) => socket.once('close', closed));
}

async function untilLinesDrop(holdfast: Holdfast): Promise<number> {
  for (let round = 0; round < NOISE_ROUNDS; round++) {
    const dropped = await holdfast.metric('holdfast_log_dropped_lines', 'process="gate+deliver"');
    if (dropped > 0) return dropped;
    await makeNoise(holdfast.ports.smtp);
  }
  throw new Error('no line was dropped');
}

test('B6: mail is accepted and delivered while the reader of the log is stopped; dropped lines are counted', async (t) => {
  await using sink = await startSink();
  await using collector = await startCollector();
  await using watched = await startWith(sink, `telemetry: { url: "${collector.url}", sample: 1 }`);
  const { holdfast, reader } = watched;
  const pids = await holdfast.pids();
  reader.kill('SIGSTOP');
  const dropped = await untilLinesDrop(holdfast);
  t.diagnostic(`${dropped} lines dropped`);
  await mailPasses(holdfast, sink, 'stopped');
  assert.equal((await holdfast.admin('/readyz')).status, 200);
  reader.kill('SIGCONT');
  await mailPasses(holdfast, sink, 'read-again');
  // Design 5: a collector of traces hears of each mail.
  const told = () => collector.spans().filter(({ name }) => name === 'message').length === 2 * MAILS;
  await eventually('all mail is told as traces', told, 60_000);
  assert.deepEqual(await holdfast.pids(), pids, 'no process was lost');
});

test('B6: mail is accepted and delivered when the reader of the log is dead; nothing falls with it', async () => {
  await using sink = await startSink();
  await using watched = await startWith(sink);
  const { holdfast, reader } = watched;
  const pids = await holdfast.pids();
  const gone = once(reader, 'exit');
  reader.kill('SIGKILL');
  await gone;
  await makeNoise(holdfast.ports.smtp);
  await mailPasses(holdfast, sink, 'dead');
  assert.ok((await holdfast.metric('holdfast_log_dropped_lines', 'process="gate+deliver"')) > 0);
  assert.deepEqual(await holdfast.pids(), pids, 'no process was lost');
  // The steward has a line of its own to write now.
  const janitor = pids.get('janitor') ?? 0;
  assert.ok(kill(janitor));
  await eventually('the steward has begun another janitor', async () => {
    const now = (await holdfast.pids()).get('janitor') ?? janitor;
    return now !== janitor;
  });
  await holdfast.ready();
  await mailPasses(holdfast, sink, 'dead-still');
  assert.equal(await holdfast.stop(), 0);
});
