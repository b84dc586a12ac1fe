/** A backup is taken while mail comes and goes; the machine is lost; what was restored sends nothing until it is told to. */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, Holdfast } from '../support/holdfast.ts';
import { TestClient } from '../support/load.ts';
import { startSink } from '../support/sink.ts';

const RESOURCES =
  'tenants:\n  - { id: acme, name: acme, domains: [acme.test], relays: [{ name: server, kind: server, networks: [127.0.0.2/32], senders: ["*@acme.test"] }] }\n';
const LARGE_BYTES = 3_000_000;
/** Mails that wait before the backup is begun. */
const WAITING = 150;

interface Backup {
  readonly good: boolean;
  readonly opened: boolean;
  readonly damage: readonly string[];
  readonly balanced: boolean;
  readonly live: number;
  readonly key: { readonly included: boolean };
}

interface Audit {
  readonly balanced: boolean;
  readonly orphans: readonly unknown[];
  readonly tenants: readonly {
    readonly accepted: number;
    readonly delivered: number;
    readonly held: number;
    readonly queued: number;
  }[];
}

interface Listed {
  readonly id: string;
  readonly recipients: readonly { readonly state: string }[];
}

interface Traced {
  readonly recipients: readonly {
    readonly state: string;
    readonly reason: string;
    readonly possiblyDuplicate: boolean;
  }[];
  readonly events: readonly { readonly kind: string; readonly detail: string }[];
}

/** Sends one mail after the other until it is stopped; knows the queue ID of each that got its 250. */
class Load {
  readonly ids: string[] = [];
  #stopped = false;
  readonly #holdfast: Holdfast;
  readonly #running: Promise<void>;

  constructor(holdfast: Holdfast) {
    this.#holdfast = holdfast;
    this.#running = this.#send();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #send(): Promise<void> {
    const client = await TestClient.open(this.#holdfast.ports.smtp, '127.0.0.2', 30_000);
    if (client === null) throw new Error('nobody greets');
    for (let number = 0; !this.#stopped; number++) {
      const bodyBytes = number === 20 ? LARGE_BYTES : 4_000;
      const id = `load-${number}`;
      const { queueId, reply } = await client.send({ id, from: 'a@acme.test', to: [`${id}@world.test`], bodyBytes });
      if (queueId === null) throw new Error(`not accepted: ${reply}`);
      this.ids.push(queueId);
    }
    client.close();
  }
}

test('design 1: a restored backup balances, sends nothing by itself, says what may have been served, and goes on at one command', async (t) => {
  const room = await mkdtemp(join(tmpdir(), 'holdfast-backups-'));
  await using _room = { [Symbol.asyncDispose]: () => rm(room, { recursive: true, force: true }) };
  await using sink = await startSink();
  const settings = `outbound: on\nretry: { first: 1s, factor: 2, max: 2s, delayNotice: 4h, expire: 5d }\nroutes:\n  - { domains: ["*"], host: 127.0.0.1, port: ${sink.port}, tls: none }`;
  await using holdfast = await Holdfast.start({ settings, resources: RESOURCES });

  const load = new Load(holdfast);
  await eventually('some mail arrives', () => sink.order.length >= 10);
  await sink.down();
  await eventually('a queue grows', () => load.ids.length >= sink.order.length + WAITING);
  const answered = [...load.ids];
  const folder = join(room, 'first');
  const made = await holdfast.json<Backup>('backup', folder);
  const meanwhile = load.ids.length - answered.length;
  assert.deepEqual([made.good, made.opened, made.damage, made.balanced], [true, true, [], true]);
  assert.ok(!made.key.included);
  assert.ok(meanwhile > 0, 'nothing came while the backup was taken');
  t.diagnostic(`${answered.length} mails answered before, ${meanwhile} meanwhile, ${made.live} live in the copy`);
  const [entry] = (await holdfast.json<{ act: string; subject: string }[]>('audit', '--log')).slice(-1);
  assert.deepEqual([entry?.act, entry?.subject], ['backup.begin', folder]);

  // After the backup, all of it is served; then the machine is lost.
  await load.stop();
  await sink.up();
  await eventually('all is served', () => sink.order.length >= load.ids.length, 90_000);
  await holdfast.killAll();
  await holdfast.stop();
  const lost = join(room, 'lost');
  await rename(holdfast.data, lost);
  const verified = await holdfast.json<Backup>('backup', 'verify', folder, '--key', join(lost, 'secrets.key'));
  assert.deepEqual([verified.good, verified.opened, verified.damage], [true, true, []]);
  const restored = await holdfast.json<{ data: string; key: string }>('restore', folder);
  assert.deepEqual([restored.data, restored.key], [holdfast.data, 'missing']);
  await copyFile(join(lost, 'secrets.key'), join(holdfast.data, 'secrets.key'));

  const [mails, servedBefore] = [sink.order.length, new Map(sink.taken)];
  await holdfast.launch();
  const held = await holdfast.json<Listed[]>('queue', 'list', 'reason:restored', '--limit', '100000');
  assert.ok(held.length >= WAITING, `${held.length} held`);
  const audit = await holdfast.json<Audit>('audit', '--full');
  const [books] = audit.tenants;
  assert.deepEqual([audit.balanced, audit.orphans, books?.held, books?.queued], [true, [], held.length, 0]);
  const first = held[0]?.id ?? '';
  const shown = await holdfast.json<Traced>('queue', 'show', first);
  assert.deepEqual(
    shown.recipients.map(({ state, reason, possiblyDuplicate }) => [state, reason, possiblyDuplicate]),
    [['held', 'restored', true]],
  );
  assert.match(shown.events.at(-1)?.detail ?? '', /restored from a backup/);
  // Whatever had a 250 before the backup is in it: delivered by then, or held.
  const known = new Set(held.map(({ id }) => id));
  const absent = answered.filter((id) => !known.has(id));
  for (const id of [absent[0], absent.at(-1)]) {
    if (id === undefined) continue;
    const trace = await holdfast.json<Traced>('queue', 'show', id);
    assert.deepEqual(
      trace.recipients.map(({ state }) => state),
      ['delivered'],
    );
  }
  assert.ok((books?.accepted ?? 0) >= answered.length, `${books?.accepted} of ${answered.length}`);
  assert.equal(sink.order.length, mails, 'mail left before it was released');
  const released = await holdfast.json<{ recipients: number }>('queue', 'release', 'reason:restored');
  assert.equal(released.recipients, held.length);
  const delivered = async () => {
    const [line] = (await holdfast.json<Audit>('audit')).tenants;
    return line?.accepted === line?.delivered;
  };
  await eventually('what was released arrives', delivered, 60_000);
  assert.equal(sink.order.length, mails + held.length);
  for (const [mail, times] of sink.taken)
    assert.ok(times <= (servedBefore.get(mail) ?? 0) + 1, `${mail} came ${times} times`);
  const after = await holdfast.json<Traced>('queue', 'show', first);
  assert.deepEqual(
    after.recipients.map(({ state, possiblyDuplicate }) => [state, possiblyDuplicate]),
    [['delivered', true]],
  );
});
