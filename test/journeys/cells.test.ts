/** Tenants in two cells: one store goes away, and only its own tenants notice (design 4, Cells). */
import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, Holdfast } from '../support/holdfast.ts';
import { TestClient } from '../support/load.ts';
import { orSkip } from '../support/or-skip.ts';
import { startPostgres } from '../support/postgres.ts';
import { type Sink, startSink } from '../support/sink.ts';
import { arrived, settingsFor } from '../support/steward-kit.ts';

const TENANTS = {
  acme: { cell: 'east', from: '127.0.0.2' },
  bolt: { cell: 'west', from: '127.0.0.3' },
} as const;
type Tenant = keyof typeof TENANTS;

const RESOURCES = `tenants:\n${Object.entries(TENANTS)
  .map(
    ([id, { cell, from }]) =>
      `  - { id: ${id}, name: ${id}, cell: ${cell}, domains: [${id}.test], contacts: [a@${id}.test], users: [{ address: a@${id}.test }],
      relays: [{ name: server, kind: server, networks: [${from}/32], senders: ["*@${id}.test"] }] }`,
  )
  .join('\n')}\n`;

interface Audit {
  readonly balanced: boolean;
  readonly orphans: readonly unknown[];
  readonly tenants: readonly { readonly tenant: string; readonly accepted: number; readonly delivered: number }[];
}

/** What rules and facades promise by themselves is tested beside them; here once more, over the whole program. */
const LONG = process.env.HOLDFAST_LONG === '1';

let count = 0;

/** Sends one mail as a tenant's server; its id, or null where it is not taken. */
async function offer(holdfast: Holdfast, tenant: Tenant): Promise<string | null> {
  const id = `${tenant}-${++count}`;
  const client = await TestClient.open(holdfast.ports.smtp, TENANTS[tenant].from, 30_000);
  assert.ok(client, 'nobody greets');
  const answer = await client.send({ id, from: `a@${tenant}.test`, to: [`${id}@world.test`], bodyBytes: 1_000 });
  client.close();
  return answer.queueId === null ? null : id;
}

async function accepted(holdfast: Holdfast, tenant: Tenant): Promise<string> {
  const id = await offer(holdfast, tenant);
  assert.ok(id !== null, `mail of ${tenant} is refused`);
  return id;
}

/** The replies to these commands. */
async function replies(holdfast: Holdfast, from: string, ...commands: readonly string[]): Promise<readonly string[]> {
  const client = await TestClient.open(holdfast.ports.smtp, from, 30_000);
  assert.ok(client, 'nobody greets');
  const heard: string[] = [];
  for (const command of commands) heard.push((await client.say(command))?.slice(0, 9) ?? '');
  client.close();
  return heard;
}

async function assertServed(holdfast: Holdfast, sink: Sink, tenant: Tenant): Promise<void> {
  await arrived(sink, await accepted(holdfast, tenant));
}

/** Of a cell that is away: its tenants are told to come again, what needs it says so, and all else goes on. */
async function assertAwayAlone(holdfast: Holdfast, sink: Sink): Promise<void> {
  await eventually('it is told that west is away', async () => {
    await assertServed(holdfast, sink, 'acme');
    return (await holdfast.metric('holdfast_cell_up', 'cell="west"')) === 0;
  });
  assert.deepEqual(await replies(holdfast, '127.0.0.3', 'MAIL FROM:<a@bolt.test>'), ['451 4.3.0']);
  assert.deepEqual(
    await replies(holdfast, '127.0.0.1', 'MAIL FROM:<>', 'RCPT TO:<a@bolt.test>', 'RCPT TO:<a@acme.test>'),
    ['250 2.1.0', '451 4.3.0', '250 2.1.5'],
  );
  await assertServed(holdfast, sink, 'acme');
  const { status, text } = await holdfast.admin('/readyz', 15_000);
  assert.equal(status, 200);
  assert.match(text, /the cell west is away/);
  assert.match(holdfast.output, /"event":"cell\.away".*"cell":"west"/);
  const whole = await holdfast.cli('queue', 'list');
  assert.equal(whole.code, 4, whole.stdout);
  assert.match(whole.stderr, /the cell west/);
  assert.equal((await holdfast.cli('queue', 'list', 'tenant:acme')).code, 0);
}

async function assertBothServed(holdfast: Holdfast, sink: Sink): Promise<void> {
  await eventually('mail of bolt is taken again', async () => (await offer(holdfast, 'bolt')) !== null);
  for (const tenant of ['acme', 'bolt'] as const) await assertServed(holdfast, sink, tenant);
  assert.equal((await holdfast.cli('queue', 'list')).code, 0);
}

/** The books balance, and every recipient that was accepted is in the sink, once. */
async function assertAccounted(holdfast: Holdfast, sink: Sink): Promise<void> {
  const look = (): Promise<Audit> => holdfast.json<Audit>('audit', '--full');
  await eventually('everything is delivered', async () =>
    (await look()).tenants.every(({ accepted: all, delivered }) => all === delivered),
  );
  const { balanced, orphans, tenants } = await look();
  assert.deepEqual([balanced, orphans], [true, []]);
  assert.deepEqual(
    tenants.map(({ tenant }) => tenant),
    ['acme', 'bolt'],
  );
  const delivered = tenants.reduce((sum, books) => sum + books.delivered, 0);
  assert.equal(delivered, sink.taken.size);
  for (const [mail, times] of sink.taken) assert.equal(times, 1, `${mail} came ${times} times`);
}

/** Two mails that wait, one of each tenant. */
async function waiting(holdfast: Holdfast, sink: Sink): Promise<readonly [string, string]> {
  await sink.down();
  const ids = [await accepted(holdfast, 'acme'), await accepted(holdfast, 'bolt')] as const;
  return ids;
}

test('design 4: a database that is killed stops its own tenants’ mail alone, over a restart too, and it flows when it is back', {
  timeout: 300_000,
}, async (t) => {
  await using east = orSkip(t, await startPostgres({ version: 15 }));
  if (east === undefined) return;
  await using west = orSkip(t, await startPostgres({ version: 18 }));
  if (west === undefined) return;
  await using sink = await startSink();
  const [inEast, inWest] = [await east.createDatabase('mail'), await west.createDatabase('mail')];
  const cells = `cells: { east: { store: "${inEast}" }, west: { store: "${inWest}" } }`;
  await using holdfast = await Holdfast.start({ settings: `${settingsFor(sink)}\n${cells}`, resources: RESOURCES });
  const [ofAcme, ofBolt] = await waiting(holdfast, sink);
  await west.kill9();
  await sink.up();
  await arrived(sink, ofAcme);
  await assertAwayAlone(holdfast, sink);
  assert.equal(await holdfast.stop(), 0, 'it ends in order while a cell is away');
  await holdfast.launch();
  await assertAwayAlone(holdfast, sink);
  assert.ok(!sink.taken.has(`${ofBolt} ${ofBolt}@world.test`), 'what a cell has is not delivered while it is away');
  await west.start();
  await arrived(sink, ofBolt);
  await assertBothServed(holdfast, sink);
  await assertAccounted(holdfast, sink);
});

test('design 1: a process that is declared dead in one cell begins anew there, and serves the others all the time', {
  skip: !LONG,
  timeout: 300_000,
}, async (t) => {
  await using west = orSkip(t, await startPostgres({ version: 18 }));
  if (west === undefined) return;
  await using sink = await startSink();
  const cells = `cells: { east: { store: ./east }, west: { store: "${await west.createDatabase('mail')}" } }`;
  await using holdfast = await Holdfast.start({ settings: `${settingsFor(sink)}\n${cells}`, resources: RESOURCES });
  const before = await holdfast.pids();
  await west.query('UPDATE holdfast.incarnation SET retired_at = 1', 'mail');
  await eventually('it is given up', async () => {
    await assertServed(holdfast, sink, 'acme');
    return holdfast.output.includes('cell.given-up');
  });
  await assertBothServed(holdfast, sink);
  assert.deepEqual(await holdfast.pids(), before);
  await assertAccounted(holdfast, sink);
});

test('design 4: a folder that is not there at the start is away, not made anew, and is taken up when it comes', {
  timeout: 300_000,
}, async () => {
  await using sink = await startSink();
  // Each role in a process of its own: two of them reach the cells by the third.
  const cells = 'cells: { east: { store: ./east }, west: { store: ./west } }\nroles: [gate, deliver, janitor]';
  await using holdfast = await Holdfast.start({ settings: `${settingsFor(sink)}\n${cells}`, resources: RESOURCES });
  const [ofAcme, ofBolt] = await waiting(holdfast, sink);
  assert.equal(await holdfast.stop(), 0);
  const [folder, elsewhere] = [join(holdfast.folder, 'west'), join(holdfast.folder, 'unmounted')];
  await rename(folder, elsewhere);
  await sink.up();
  await holdfast.launch();
  await arrived(sink, ofAcme);
  await assertAwayAlone(holdfast, sink);
  await rename(elsewhere, folder);
  await arrived(sink, ofBolt);
  await assertBothServed(holdfast, sink);
  await assertAccounted(holdfast, sink);
});

test('contract: a tenant says its cell once, one that there is, and stays there; a stranger’s mail is of one cell', {
  skip: !LONG,
}, async () => {
  const cells = 'outbound: on\ncells: { east: { store: ./east }, west: { store: ./west } }';
  await using holdfast = await Holdfast.start({ settings: cells, resources: RESOURCES });
  const refusal = async (text: string): Promise<string> => {
    const file = join(holdfast.folder, 'more.yaml');
    await writeFile(file, text);
    const { code, stderr } = await holdfast.cli('apply', '-f', file);
    assert.equal(code, 2, stderr);
    return stderr;
  };
  assert.match(await refusal('tenants: [{ id: coal }]'), /coal names no cell.*add cell: one of east, west/s);
  assert.match(await refusal('tenants: [{ id: coal, cell: eest }]'), /no cell eest.*did you mean 'east'/s);
  assert.match(await refusal('tenants: [{ id: bolt, cell: east }]'), /bolt is in the cell west/);
  assert.deepEqual(
    await replies(holdfast, '127.0.0.1', 'MAIL FROM:<>', 'RCPT TO:<a@acme.test>', 'RCPT TO:<a@bolt.test>'),
    ['250 2.1.0', '250 2.1.5', '452 4.5.3'],
  );
});
