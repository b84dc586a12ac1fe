/** The command line against the real program: while it runs, while it is stopped, and as scripts use it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually, Holdfast } from '../support/holdfast.ts';
import { TestClient } from '../support/load.ts';
import { GENTLE, startSink } from '../support/sink.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/holdfast.js', import.meta.url));
const RESOURCES = `tenants:
  - id: acme
    name: Acme
    domains: [acme.test]
    relays:
      - { name: server, kind: server, networks: [127.0.0.2/32], senders: ["*@acme.test"] }
`;

interface Traced {
  readonly id: string;
  readonly recipients: readonly { readonly address: string; readonly state: string; readonly reason: string }[];
}
interface Audit {
  readonly balanced: boolean;
  readonly tenants: readonly { readonly tenant: string; readonly accepted: number; readonly delivered: number }[];
  readonly orphans: readonly unknown[];
}

async function send(port: number, to: readonly string[]): Promise<string> {
  const client = await TestClient.open(port, '127.0.0.2');
  assert.ok(client);
  const { queueId, reply } = await client.send({ id: 'cli', from: 'alice@acme.test', to, bodyBytes: 500 });
  client.close();
  assert.ok(queueId, reply ?? 'no answer');
  return queueId;
}

test('contract: an operator follows, moves and counts mail on the command line, with and without a server', async () => {
  await using sink = await startSink();
  sink.temper = { ...GENTLE };
  const route = `{ domains: ["peer.test"], host: 127.0.0.1, port: ${sink.port}, tls: none }`;
  await using holdfast = await Holdfast.start({ settings: `routes: [${route}]`, resources: RESOURCES });

  const tried = await holdfast.cli('try');
  assert.equal(tried.code, 0, tried.stderr);
  assert.match(
    tried.stdout,
    /went through everything[\s\S]*submission +connect .*STARTTLS .*AUTH .*\n[\s\S]*It arrived /,
  );

  const id = await send(holdfast.ports.smtp, ['bob@peer.test', 'carol@elsewhere.test']);
  const traced = async (): Promise<Traced> => {
    const [mail] = await holdfast.json<Traced[]>('trace', id);
    assert.ok(mail);
    return mail;
  };
  await eventually('bob has it', async () => (await traced()).recipients[0]?.state === 'delivered');
  assert.deepEqual(
    (await traced()).recipients.map(({ state, reason }) => [state, reason]),
    [
      ['delivered', ''],
      ['held', 'outbound off'],
    ],
  );
  const page = await holdfast.cli('trace', id);
  assert.match(page.stdout, /^Of 2 recipients: 1 delivered, 1 held\.\n■ Held on its way to carol@elsewhere\.test/);

  const list = await holdfast.json<Traced[]>('queue', 'list', 'state:held');
  assert.deepEqual(
    list.map((mail) => mail.id),
    [id],
  );
  const rerouted = await holdfast.cli('queue', 'reroute', id, '--via', `127.0.0.1:${sink.port}`);
  assert.equal(rerouted.stdout, '1 recipient rerouted.\n');
  assert.equal((await holdfast.cli('queue', 'drop', 'to:*@elsewhere.test')).code, 2);
  const dropped = await holdfast.cli('queue', 'drop', 'to:*@elsewhere.test', '--yes', '--reason', 'not wanted');
  assert.equal(dropped.code, 0, dropped.stderr);
  assert.equal((await traced()).recipients[1]?.state, 'discarded');
  assert.equal((await holdfast.cli('queue', 'release', id)).code, 1);

  const audit = await holdfast.json<Audit>('audit', '--full');
  assert.deepEqual([audit.balanced, audit.orphans], [true, []]);
  assert.partialDeepStrictEqual(audit.tenants, [{ tenant: 'acme', accepted: 2, delivered: 1 }]);

  const exported = await holdfast.cli('export');
  await writeFile(join(holdfast.folder, 'again.yaml'), exported.stdout);
  const again = await holdfast.cli('apply', '-f', join(holdfast.folder, 'again.yaml'));
  assert.match(again.stdout, /nothing to change\.\n$/);
  assert.equal((await holdfast.cli('export')).stdout, exported.stdout);

  assert.equal(await holdfast.stop(), 0);
  assert.equal((await holdfast.cli('try')).code, 3);
  assert.equal((await traced()).recipients[1]?.state, 'discarded');
  const { tenants, orphans } = await holdfast.json<Audit>('audit', '--full');
  assert.deepEqual([tenants, orphans], [audit.tenants, audit.orphans]);
  assert.equal((await holdfast.cli('trace', 'nobody@acme.test')).code, 1);
});

test('contract: a reader that has seen enough ends the command quietly', async () => {
  const child = spawn(process.execPath, [LAUNCHER, 'config', 'explain'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  assert.deepEqual([code, stderr], [0, '']);
});
