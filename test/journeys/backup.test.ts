/** A backup is taken while mail comes and goes; the machine is lost; what was restored sends nothing until it is told to. */
import assert from 'node:assert/strict';
import { copyFile, cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ImapPeer, Pop3Peer } from '#/testkit/index.ts';
import { eventually, Holdfast, kill, pause } from '../support/holdfast.ts';
import { TestClient } from '../support/load.ts';
import { startSink } from '../support/sink.ts';
import { pidOf } from '../support/steward-kit.ts';

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
  /** Whom it goes to, and a rest between two. */
  readonly #to: string | null;
  readonly #restMs: number;
  #stopped = false;
  readonly #holdfast: Holdfast;
  readonly #running: Promise<void>;

  constructor(holdfast: Holdfast, to: string | null = null, restMs = 0) {
    this.#holdfast = holdfast;
    this.#to = to;
    this.#restMs = restMs;
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
      const [from, to] = this.#to === null ? ['a@acme.test', `${id}@world.test`] : ['x@world.test', this.#to];
      const { queueId, reply } = await client.send({ id, from, to: [to], bodyBytes });
      if (queueId === null) throw new Error(`not accepted: ${reply}`);
      this.ids.push(queueId);
      if (this.#restMs > 0) await pause(this.#restMs);
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

const PEOPLE = `tenants:
  - id: acme
    name: Acme
    domains: [acme.test]
    users:
      - { address: alice@acme.test, password: "correct horse" }
      - { address: bob@acme.test, password: "correct horse" }
    groups: [{ name: all, address: all@acme.test, members: [alice@acme.test, bob@acme.test] }]
`;
const PASSWORD = 'correct horse';
/** Between two mails: a few while a copy is made are as good as many. */
const REST_MS = 150;

/** Somebody's maildrop, and how many mails are in it. */
async function openMaildrop(holdfast: Holdfast, who: string): Promise<{ peer: Pop3Peer; count: number }> {
  const peer = await Pop3Peer.connect(holdfast.ports.pop3s, { tls: true });
  await peer.hears('+OK');
  await peer.asks(`USER ${who}`, '+OK');
  await peer.asks(`PASS ${PASSWORD}`, '+OK');
  return { peer, count: Number(/^\+OK (\d+)/.exec(await peer.asks('STAT', '+OK'))?.[1]) };
}

async function hasAll(holdfast: Holdfast, who: string, sent: number): Promise<boolean> {
  const { peer, count } = await openMaildrop(holdfast, who);
  using _peer = peer;
  return count >= sent;
}

/** What somebody finds by POP3: the octets of each mail by its number. Fails where one is there twice. */
async function found(holdfast: Holdfast, who: string): Promise<ReadonlyMap<string, string>> {
  const { peer, count } = await openMaildrop(holdfast, who);
  using _peer = peer;
  const mails = new Map<string, string>();
  for (let n = 1; n <= count; n++) {
    const octets = await peer.gets(`RETR ${n}`);
    const id = /^X-Test-Id: (.*)$/im.exec(octets)?.[1]?.trim() ?? '';
    assert.ok(!mails.has(id), `${id} is there twice`);
    mails.set(id, octets);
  }
  await peer.asks('QUIT', '+OK');
  return mails;
}

interface Uids {
  readonly validity: number;
  readonly next: number;
}

async function uidsOf(holdfast: Holdfast, who: string): Promise<Uids> {
  using peer = await ImapPeer.connect(holdfast.ports.imaps, { tls: true });
  await peer.hears('* OK');
  await peer.does(`LOGIN ${who} "${PASSWORD}"`);
  const text = (await peer.does('STATUS INBOX (UIDVALIDITY UIDNEXT)')).join('\n');
  const number = (name: string) => Number(new RegExp(`${name} (\\d+)`).exec(text)?.[1]);
  return { validity: number('UIDVALIDITY'), next: number('UIDNEXT') };
}

/** Restores into the place of the lost installation, starts, and lets what was held go on. */
async function comeBack(holdfast: Holdfast, folder: string, lost: string, withMarks: boolean): Promise<string> {
  if (withMarks)
    await cp(join(lost, 'mailboxes', 'marks'), join(holdfast.data, 'mailboxes', 'marks'), { recursive: true });
  const restored = await holdfast.json<{ uids: string }>('restore', folder);
  await copyFile(join(lost, 'secrets.key'), join(holdfast.data, 'secrets.key'));
  await holdfast.launch();
  await holdfast.json('queue', 'release', 'reason:restored');
  await eventually('nothing waits', async () => (await holdfast.json<Listed[]>('queue', 'list')).length === 0);
  return restored.uids;
}

/** The installation dies, and its disk is put aside. */
async function lose(holdfast: Holdfast, lost: string): Promise<void> {
  await holdfast.killAll();
  await holdfast.stop();
  await rename(holdfast.data, lost);
}

test('design 1, O5: mail that was on its way into mailboxes while a backup was taken is there once when it is restored, octet for octet, and no UID comes again', {
  // Four starts and two restores of a whole installation.
  timeout: 300_000,
}, async (t) => {
  const room = await mkdtemp(join(tmpdir(), 'holdfast-backups-'));
  await using _room = { [Symbol.asyncDispose]: () => rm(room, { recursive: true, force: true }) };
  const settings = 'retry: { first: 10s, factor: 2, max: 20s, delayNotice: 4h, expire: 5d }';
  await using holdfast = await Holdfast.start({ mailboxes: true, settings, resources: PEOPLE });
  const load = new Load(holdfast, 'all@acme.test', REST_MS);
  await eventually('mail comes', () => load.ids.length >= 20);
  const [answered, folder] = [load.ids.length, join(room, 'backup')];
  const making = holdfast.json<Backup & { mailboxes: { accounts: number; messages: number } }>('backup', folder);
  // So that some mail is accepted and waits: it comes into its mailbox while accounts are copied, or behind it.
  assert.ok(kill(await pidOf(holdfast, 'mail')));
  const made = await making;
  assert.deepEqual([made.good, made.damage, made.mailboxes.accounts], [true, [], 2]);
  const copied = load.ids.length;
  assert.ok(copied > answered, 'nothing came while the backup was taken');
  t.diagnostic(
    `${answered} mails answered before, ${copied} at its end, ${made.live} live, ${made.mailboxes.messages} stored`,
  );
  await eventually('more comes after it', () => load.ids.length >= copied + 5);
  await load.stop();
  const people = ['alice@acme.test', 'bob@acme.test'];
  for (const who of people) await eventually(`${who} has all`, () => hasAll(holdfast, who, load.ids.length));
  const before = await Promise.all(people.map((who) => found(holdfast, who)));
  const uids = await Promise.all(people.map((who) => uidsOf(holdfast, who)));
  await lose(holdfast, join(room, 'lost'));
  const key = join(room, 'lost', 'secrets.key');
  assert.deepEqual((await holdfast.json<Backup>('backup', 'verify', folder, '--key', key)).damage, []);

  const check = async (): Promise<readonly Uids[]> => {
    for (const [i, who] of people.entries()) {
      const there = await found(holdfast, who);
      for (let n = 0; n < answered; n++) assert.ok(there.has(`load-${n}`), `${who} lost load-${n}`);
      for (const [id, octets] of there) assert.equal(octets, before[i]?.get(id), `${id} of ${who}`);
      assert.ok(there.size < load.ids.length, 'what came after the backup can’t be in it');
    }
    return Promise.all(people.map((who) => uidsOf(holdfast, who)));
  };
  // The disk of the marks outlived: numbers go on above all that were given.
  assert.equal(await comeBack(holdfast, folder, join(room, 'lost'), true), 'go on');
  for (const [i, { validity, next }] of (await check()).entries())
    assert.ok(validity === uids[i]?.validity && next >= uids[i].next, `${next} after ${uids[i]?.next}`);
  // It did not: everybody begins anew.
  await lose(holdfast, join(room, 'lost-again'));
  assert.equal(await comeBack(holdfast, folder, join(room, 'lost'), false), 'begin anew');
  for (const [i, { validity }] of (await check()).entries()) assert.ok(validity > (uids[i]?.validity ?? 0));
});
