/** The disk lost the content of some mails: they are held and raised, everything else goes on, and what a backup brings back goes out. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { eventually, Holdfast } from '../support/holdfast.ts';
import { TestClient } from '../support/load.ts';
import { startSink } from '../support/sink.ts';

const RESOURCES = `tenants:
  - { id: acme, name: Acme, domains: [acme.test], relays: [{ name: server, kind: server, networks: [127.0.0.2/32], senders: ["*@acme.test"] }] }
`;
/** Content stands in the log, or in a row where it outlived its segment. */
const LOSSES = [
  ['UPDATE message SET log_at = log_at + 99 * 4294967296 WHERE id = ?', /content is missing on our disk/],
  ['UPDATE message SET log_at = (SELECT min(log_at) FROM message) WHERE id = ?', /content is damaged on our disk/],
  ['UPDATE message SET log_at = NULL, body = -1 WHERE id = ?', /key that opens its content is missing/],
] as const;

interface Traced {
  readonly recipients: readonly { readonly state: string; readonly reason: string }[];
}

test('H5: mail whose content is lost is held and raised instead of tried for ever, and other mail goes on', async () => {
  await using sink = await startSink();
  await using holdfast = await Holdfast.start({ resources: RESOURCES });
  const ids = await send(holdfast, ['first', ...LOSSES.map((_, i) => `lost-${i}`), 'last']);
  const lost = ids.slice(1, -1);
  assert.equal(await holdfast.stop(), 0);

  using db = new DatabaseSync(join(holdfast.data, 'custody.db'), { timeout: 5_000 });
  db.exec("INSERT INTO body (id, day, content) VALUES (-1, '2020-01-01', zeroblob(2000))");
  for (const [i, [sql]] of LOSSES.entries()) assert.equal(db.prepare(sql).run(lost[i] ?? '').changes, 1);
  await holdfast.configure(`routes:\n  - { domains: ["*"], host: 127.0.0.1, port: ${sink.port}, tls: none }`);
  await holdfast.launch();
  assert.equal((await holdfast.cli('queue', 'release', 'reason:"outbound off"')).code, 0);

  await eventually('the others are delivered', async () => sink.taken.size === 2, 30_000);
  for (const [i, id] of lost.entries()) {
    await eventually(`${id} is set aside`, async () => (await reasonOf(holdfast, id)) === 'held set-aside', 30_000);
    assert.match((await holdfast.cli('trace', id)).stdout.replace(/\s+/g, ' '), LOSSES[i]?.[1] ?? /^$/);
  }
  const raised = holdfast.output.split('\n').filter((line) => line.includes('outbound.content-lost'));
  assert.equal(raised.length, LOSSES.length, raised.join('\n'));
  for (const line of raised) assert.match(line, /"incident":true/);

  db.prepare('UPDATE message SET log_at = log_at - 99 * 4294967296 WHERE id = ?').run(lost[0] ?? '');
  assert.equal((await holdfast.cli('queue', 'release', lost[0] ?? '')).code, 0);
  await eventually('what came back is delivered', async () => sink.taken.size === 3, 30_000);
  for (const name of ['first', 'last', 'lost-0']) assert.equal(sink.taken.get(`${name} ${name}@world.test`), 1);
});

async function send(holdfast: Holdfast, names: readonly string[]): Promise<string[]> {
  const client = await TestClient.open(holdfast.ports.smtp, '127.0.0.2', 30_000);
  assert.ok(client !== null);
  const ids: string[] = [];
  for (const id of names) {
    const { queueId, reply } = await client.send({
      id,
      from: 'a@acme.test',
      to: [`${id}@world.test`],
      bodyBytes: 1_500,
    });
    assert.ok(queueId !== null, reply ?? 'no reply');
    ids.push(queueId);
  }
  client.close();
  return ids;
}

async function reasonOf(holdfast: Holdfast, id: string): Promise<string> {
  const [mail] = await holdfast.json<Traced[]>('trace', id);
  return `${mail?.recipients[0]?.state} ${mail?.recipients[0]?.reason}`;
}
