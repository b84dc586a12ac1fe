import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { loadSettings, type Settings } from '#/config/index.ts';
import { Fault, within } from '#/model/index.ts';
import { type Operation, Refusal } from '#/ports/index.ts';
import { FakeClock, FakeLog, FakeRegistry, QueueBench } from '#/testkit/index.ts';
import { auditTrail } from './audit.ts';
import { newIncarnation } from './incarnation.ts';
import { runOperation } from './local-methods.ts';
import { type Offline, openOffline } from './offline.ts';
import { openStores } from './stores.ts';

const ROOT = 'cli:root';
const CONTENT = 'From: <alice@acme.test>\r\nSubject: figures\r\n\r\nThe secret figures.\r\n';

interface Entry {
  readonly seq: number;
  readonly by: string;
  readonly act: string;
  readonly subject: string;
  readonly reason: string;
}

/** A stopped installation on throwaway data. */
function installation() {
  const data = mkdtempSync(join(tmpdir(), 'holdfast-audit-'));
  const loaded = loadSettings({ env: {}, cwd: data, data });
  assert.ok('settings' in loaded);
  const { settings } = loaded;
  return { settings, data, [Symbol.dispose]: () => rmSync(data, { recursive: true }) };
}

async function ask(offline: Offline, name: string, input: object): Promise<never> {
  const found = offline.operations.get(name);
  assert.ok(found, name);
  return (await runOperation(found, input, { by: ROOT, call: within(20_000) }, offline.trail)) as never;
}

/** One mail in custody, held. */
async function acceptOne(settings: Settings): Promise<string> {
  const clock = new FakeClock(Date.now());
  const parts = { clock, log: new FakeLog(), incarnation: newIncarnation('test', 1), onFatal: assert.fail };
  await using stores = await openStores(settings, parts);
  const body = { kind: 'memory', chunks: [Buffer.from(CONTENT)], size: CONTENT.length } as const;
  const mail = { ...new QueueBench().mail({ held: 'outbound off' }), body, size: body.size };
  await stores.custody.accept([mail], null, within(20_000));
  return mail.id;
}

test('design 6: who acts on mail, relays and resources is written down with what and why; looks and dry runs are not', async () => {
  using here = installation();
  const id = await acceptOne(here.settings);
  const document = { tenants: [{ id: 'acme', domains: ['acme.test'], relays: [RELAY] }] };
  {
    await using offline = await openOffline(here.settings, { write: true });
    const file = { file: 'acme.yaml', document, places: {} };
    await ask(offline, 'resources.apply', { ...file, dryRun: true });
    await ask(offline, 'resources.apply', file);
    await ask(offline, 'relay.switch', { tenant: 'acme', name: 'exchange', on: false });
    await ask(offline, 'queue.release', { query: 'reason:"outbound off"', reason: 'outbound is on' });
    await ask(offline, 'queue.hold', { query: id });
    await ask(offline, 'queue.reroute', { query: id, destination: 'route:other.test:25', tenant: 'acme' });
    await ask(offline, 'queue.retry', { all: true });
    await ask(offline, 'trace.find', { query: id });
    await ask(offline, 'mail.body', { id: id.toLowerCase(), reason: 'asked by alice' });
    await ask(offline, 'queue.drop', { query: id, reason: 'asked by alice' });
    await assert.rejects(ask(offline, 'queue.bounce', { query: 'nonsense' }), Refusal);
  }
  await using reading = await openOffline(here.settings, { write: false });
  const entries: readonly Entry[] = await ask(reading, 'audit.log', {});
  assert.deepEqual(
    entries.map(({ act, subject, reason }) => [act, subject, reason]),
    [
      ['resources.apply', 'acme.yaml', ''],
      ['relay.switch', 'acme/exchange off', ''],
      ['queue.release', 'reason:"outbound off"', 'outbound is on'],
      ['queue.hold', id, ''],
      ['queue.reroute', `${id} tenant:acme → route:other.test:25`, ''],
      ['queue.retry', 'all that waits', ''],
      ['mail.body', id, 'asked by alice'],
      ['queue.drop', id, 'asked by alice'],
      ['queue.bounce', 'nonsense', 'Returned by the operator of this mail system'],
    ],
  );
  assert.ok(entries.every(({ by }) => by === ROOT));
  assert.equal(reading.operations.has('mail.body'), false, 'a body is not read without the log');
});

const RELAY = { name: 'exchange', kind: 'server', username: 'exchange', password: 'paper jam' };

test('design 5: a body is given with its reason only, and the log was tampered with where audit says so', async () => {
  using here = installation();
  const id = await acceptOne(here.settings);
  {
    await using offline = await openOffline(here.settings, { write: true });
    for (const reason of [undefined, '', '  ']) {
      await assert.rejects(ask(offline, 'mail.body', { id, reason }), { exit: 2 });
    }
    await assert.rejects(ask(offline, 'mail.body', { id: '0123456789ABCDEF', reason: 'why' }), { exit: 1 });
    const read: { content: string } = await ask(offline, 'mail.body', { id, reason: 'why' });
    assert.equal(Buffer.from(read.content, 'base64').toString(), CONTENT);
    const { auditLog }: { auditLog: unknown } = await ask(offline, 'books.audit', {});
    assert.deepEqual(auditLog, { entries: 2, brokenAt: null });
  }
  const db = new DatabaseSync(join(here.data, 'control.db'));
  db.exec("UPDATE audit SET by = 'somebody else' WHERE seq = 2");
  db.close();
  await using offline = await openOffline(here.settings, { write: true });
  const { auditLog }: { auditLog: unknown } = await ask(offline, 'books.audit', {});
  assert.deepEqual(auditLog, { entries: 2, brokenAt: 2 });
});

test('design 6: what can’t be written down is not done', async () => {
  const registry = new FakeRegistry();
  registry.broken = true;
  let done = 0;
  const schema = { parse: (value: unknown) => value, safeParse: (data: unknown) => ({ success: true, data }) };
  const act = {
    name: 'mail.body',
    summary: '',
    scope: 'operator',
    reads: false,
    input: schema,
    output: schema,
    handle: async () => ++done,
  } as unknown as Operation;
  const trail = auditTrail({ registry, clock: new FakeClock() });
  const context = { by: ROOT, call: within(1_000) };
  await assert.rejects(runOperation(act, {}, context, trail), Fault);
  assert.equal(done, 0);
  await runOperation({ ...act, reads: true }, {}, context, trail);
  assert.equal(done, 1);
});

test('RFC 5802 §9: a key that is derived for a purpose is the same after a restart, and another for another purpose', async () => {
  using here = installation();
  const keys: string[] = [];
  for (const purpose of ['one', 'one', 'two']) {
    const parts = { clock: new FakeClock(), log: new FakeLog(), onFatal: assert.fail };
    await using stores = await openStores(here.settings, { ...parts, incarnation: newIncarnation('test', 1) });
    keys.push(stores.derivedKey(purpose).toString('hex'));
  }
  assert.equal(keys[0], keys[1]);
  assert.notEqual(keys[0], keys[2]);
  assert.equal(keys[0]?.length, 64);
});
