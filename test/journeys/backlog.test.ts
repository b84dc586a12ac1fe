/** A destination is down for a while: accepting costs what it always does, and the drain is fair, complete and no obstacle to fresh mail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, Holdfast } from '../support/holdfast.ts';
import { TestClient, type TestMail } from '../support/load.ts';
import { GENTLE, startSink } from '../support/sink.ts';

const TENANTS = [
  { id: 'acme', from: '127.0.0.2' },
  { id: 'bolt', from: '127.0.0.3' },
] as const;
const RESOURCES = `tenants:\n${TENANTS.map(
  ({ id, from }) =>
    `  - { id: ${id}, name: ${id}, domains: [${id}.test], relays: [{ name: server, kind: server, networks: [${from}/32], senders: ["*@${id}.test"] }] }\n`,
).join('')}`;

/** Mails of each tenant: one sends much more than the other. */
const BACKLOG = { acme: 2_400, bolt: 600 } as const;
const SAMPLE = 100;
const WATCHED = 500;

interface Audit {
  readonly balanced: boolean;
  readonly orphans: readonly unknown[];
  readonly tenants: readonly { readonly tenant: string; readonly accepted: number; readonly delivered: number }[];
}

/** Sends `count` mails of a tenant over four connections; each must be accepted. */
async function fill(holdfast: Holdfast, tenant: (typeof TENANTS)[number], name: string, count: number): Promise<void> {
  let number = 0;
  const work = async (): Promise<void> => {
    const client = await TestClient.open(holdfast.ports.smtp, tenant.from, 30_000);
    if (client === null) throw new Error('nobody greets');
    for (let mail = next(); mail !== null; mail = next()) {
      const { queueId, reply } = await client.send(mail);
      if (queueId === null) throw new Error(`not accepted: ${reply}`);
    }
    client.close();
  };
  const next = (): TestMail | null => {
    if (number >= count) return null;
    const id = `${name}-${++number}`;
    return { id, from: `a@${tenant.id}.test`, to: [`${id}@world.test`], bodyBytes: 1500 };
  };
  await Promise.all(Array.from({ length: 4 }, work));
}

/** Statements that one acceptance costs now. */
async function statementsPerAccept(holdfast: Holdfast, name: string): Promise<number> {
  const count = () => holdfast.metric('holdfast_store_statements_total', 'call="accept"');
  const before = await count();
  await fill(holdfast, TENANTS[0], name, SAMPLE);
  return ((await count()) - before) / SAMPLE;
}

test('M3 M5: a backlog costs accepting nothing; it drains fairly and exactly once, and fresh mail passes it', async (t) => {
  await using sink = await startSink();
  await sink.down();
  const settings = `outbound: on\nretry: { first: 1m, factor: 2, max: 1h, delayNotice: 4h, expire: 5d }\nroutes:\n  - { domains: ["*"], host: 127.0.0.1, port: ${sink.port}, tls: none }`;
  await using holdfast = await Holdfast.start({ settings, resources: RESOURCES });

  // The first mail of a day makes the key of its day.
  await fill(holdfast, TENANTS[0], 'first', SAMPLE);
  const empty = await statementsPerAccept(holdfast, 'empty');
  // What has been attempted is backlog, what has just come is fresh: so each is refused for now, once.
  sink.temper = { ...GENTLE, softRefusal: 1 };
  await sink.up();
  await Promise.all(TENANTS.map((tenant) => fill(holdfast, tenant, tenant.id, BACKLOG[tenant.id])));
  const deferred = () => holdfast.metric('holdfast_queue_outcomes_total', 'outcome="deferred"');
  const waiting = BACKLOG.acme + BACKLOG.bolt + 2 * SAMPLE;
  await eventually('all wait for another attempt', async () => (await deferred()) >= waiting, 60_000);
  await sink.down();
  sink.temper = { ...GENTLE };
  const full = await statementsPerAccept(holdfast, 'full');
  t.diagnostic(`${empty} statements an accept with an empty queue, ${full} with a backlog`);
  assert.ok(empty > 0);
  assert.equal(full, empty);

  await sink.up();
  await eventually('the drain begins', () => sink.order.length >= 50, 90_000);
  await fill(holdfast, TENANTS[0], 'fresh', 1);
  const accepted = sink.order.length;
  const backlog = waiting + SAMPLE;
  await eventually('everything arrives', () => sink.taken.size === backlog + 1, 90_000);

  const first = sink.order.slice(0, WATCHED).filter(({ domain }) => domain === 'bolt.test').length;
  t.diagnostic(`of the first ${WATCHED} mails ${first} are of the tenant that sent a fifth`);
  assert.ok(first > WATCHED * 0.27 && first < WATCHED * 0.73, `${first} of ${WATCHED}`);
  const place = sink.order.findIndex(({ id }) => id === 'fresh-1');
  t.diagnostic(`the fresh mail came as ${place} of ${backlog}, accepted after ${accepted}`);
  assert.ok(place < accepted + 200, `fresh mail was stuck: accepted after ${accepted}, came as ${place}`);
  for (const [mail, times] of sink.taken) assert.equal(times, 1, `${mail} came ${times} times`);
  const drained = async () =>
    (await holdfast.json<Audit>('audit')).tenants.every((one) => one.accepted === one.delivered);
  await eventually('all outcomes are stored', drained, 30_000);
  const audit = await holdfast.json<Audit>('audit', '--full');
  assert.deepEqual([audit.balanced, audit.orphans], [true, []]);
});
