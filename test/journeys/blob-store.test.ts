/** The bucket of large content goes away and comes back: only large mail notices, and nothing is lost, doubled or given up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, Holdfast } from '../support/holdfast.ts';
import { TestClient } from '../support/load.ts';
import { orSkip } from '../support/or-skip.ts';
import { startSink } from '../support/sink.ts';
import { startSwift } from '../support/swift.ts';

const RESOURCES = `tenants:
  - { id: acme, name: Acme, domains: [acme.test], relays: [{ name: server, kind: server, networks: [127.0.0.2/32], senders: ["*@acme.test"] }] }
`;
const LARGE_BYTES = 3_000_000;
const SMALL_BYTES = 20_000;
const PATIENCE_MS = 40_000;

test('M4, H5: while the blob store is away small mail flows, large mail is told to come again or waits, and all of it arrives when it is back', async (t) => {
  await using swift = orSkip(t, await startSwift());
  if (swift === undefined) return;
  await using sink = await startSink();
  await using holdfast = await Holdfast.start({
    resources: RESOURCES,
    env: swift.env,
    settings: [
      `blobs: "${swift.url('journey')}"`,
      'retry: { first: 1s, max: 2s }',
      `routes:\n  - { domains: ["*"], host: 127.0.0.1, port: ${sink.port}, tls: none }`,
    ].join('\n'),
  });
  const send = (id: string, bodyBytes: number) => sendOne(holdfast, id, bodyBytes);
  const arrived = (id: string) => eventually(`${id} arrives`, async () => sink.taken.has(key(id)), PATIENCE_MS);

  assert.match(await send('large-before', LARGE_BYTES), /^250/);
  await arrived('large-before');
  assert.ok((await swift.list('journey/')).length > 0, 'it lay in the bucket');
  await sink.down();
  const [, stuck = ''] = /queued as (\S+)/.exec(await send('large-stuck', LARGE_BYTES)) ?? [];
  assert.notEqual(stuck, '');

  await swift.kill();
  assert.match(await send('large-refused', LARGE_BYTES), /^451 4\.3\./);
  assert.match(await send('small-during', SMALL_BYTES), /^250/);
  await sink.up();
  await arrived('small-during');
  await eventually(
    'its trace says why it waits',
    async () =>
      /◔ Waits for another try .*: 4\.3\.0 our store of large content/.test(
        (await holdfast.cli('trace', stuck)).stdout.replace(/\s+/g, ' '),
      ),
    PATIENCE_MS,
  );
  const audit = await holdfast.json<{ balanced: boolean; orphans: unknown[] }>('audit');
  assert.deepEqual([audit.balanced, audit.orphans], [true, []]);
  const full = await holdfast.cli('audit', '--full');
  assert.equal(full.code, 4, full.stdout + full.stderr);
  assert.match(full.stderr, /blob store/);

  await swift.start();
  await arrived('large-stuck');
  const isTaken = async () => (await send('large-after', LARGE_BYTES)).startsWith('250');
  await eventually('large mail is taken again', isTaken, PATIENCE_MS);
  await arrived('large-after');
  for (const id of ['large-before', 'large-stuck', 'small-during', 'large-after'])
    assert.equal(sink.taken.get(key(id)), 1, id);
  assert.ok(!sink.taken.has(key('large-refused')));
  assert.deepEqual(sink.others, []);
  await eventually('the books balance', async () => (await holdfast.cli('audit', '--full')).code === 0, PATIENCE_MS);
  assert.match(holdfast.output, /store\.blobs-down/);
  assert.match(holdfast.output, /store\.blobs-back/);
  assert.doesNotMatch(holdfast.output, /content-lost|sesame/);
});

function key(id: string): string {
  return `${id} ${id}@world.test`;
}

async function sendOne(holdfast: Holdfast, id: string, bodyBytes: number): Promise<string> {
  const client = await TestClient.open(holdfast.ports.smtp, '127.0.0.2', 60_000);
  assert.ok(client !== null);
  const { reply } = await client.send({ id, from: 'a@acme.test', to: [`${id}@world.test`], bodyBytes });
  client.close();
  return reply ?? 'no reply';
}
