import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ComponentChange, type Incident, type TenantId, type UpstreamReport, within } from '#/model/index.ts';
import { openMemoryStatusHistory } from '#/store/memory/index.ts';
import { FakeClock, FakeLog } from '#/testkit/index.ts';
import type { Observer, ProbeStep, RoleLook } from './observer.ts';
import { Pager } from './pager.ts';
import { Watcher } from './watcher.ts';

const SECOND = 1_000;

/** An installation whose parts a test takes away. */
function bench(
  history = openMemoryStatusHistory(),
  clock = new FakeClock(),
  upstreams: () => readonly UpstreamReport[] = () => [],
) {
  const down = new Set<string>();
  const state = { away: false, queued: 0, accepted: 0, steps: [] as ProbeStep[] };
  const role = (name: string): RoleLook => ({ role: name, ready: !down.has(name), reason: '' });
  const observer: Observer = {
    readiness: async () => ['gate', 'deliver', 'mail', 'janitor'].map(role),
    metrics: async () => [{ process: 'gate+deliver', text: 'holdfast_books_balanced 1\n' }],
    upstreams: async () => upstreams(),
    depth: async () => {
      if (state.away) throw new Error('away');
      return [];
    },
    books: async () => [
      {
        tenant: 'acme' as TenantId,
        ...{ accepted: state.accepted, received: state.accepted, generated: 0, queued: state.queued, held: 0 },
        ...{ delivered: state.accepted - state.queued, bounced: 0, discarded: 0, expired: 0 },
      },
    ],
  };
  const paged: string[] = [];
  const log = new FakeLog();
  const pager = new Pager({
    ...{ clock, log, second: null, escalateMs: 600 * SECOND },
    first: async ({ kind }) => void paged.push(kind),
  });
  const changes: ComponentChange[] = [];
  const planned: Incident[] = [];
  const watcher = new Watcher(
    {
      name: 'Acme',
      url: 'https://x.test',
      region: 'main',
      kinds: ['gateway', 'delivery', 'imap', 'upstreams'],
      keepMs: 400 * 86_400_000,
      probeMs: 30 * SECOND,
    },
    {
      ...{ clock, log, observer, history, pager, begins: Promise.resolve() },
      probe: async () => state.steps,
      incidents: {
        list: async () => [...planned],
        show: async () => null,
        file: async () => null,
        changed: async (change) => void changes.push(change),
      },
    },
  );
  const stateOf = (kind: string) => watcher.view().components.find((one) => one.kind === kind)?.state;
  const pass = (seconds: number) => clock.advance(seconds * SECOND, SECOND);
  const end = async () => {
    const ended = watcher[Symbol.asyncDispose]();
    await clock.advance(SECOND);
    await ended;
    await pager[Symbol.asyncDispose]();
  };
  return { watcher, history, clock, down, state, paged, changes, planned, log, stateOf, pass, end };
}

test('H9: a role that ends shows within a minute, the operator is called, and all is well a minute after it is back', async () => {
  const it = bench();
  await it.pass(120);
  assert.equal(it.stateOf('gateway'), 'operational');
  it.down.add('gate');
  await it.pass(60);
  assert.deepEqual(
    [it.stateOf('gateway'), it.stateOf('delivery'), it.paged],
    ['major_outage', 'operational', ['begins']],
  );
  it.down.delete('gate');
  await it.pass(90);
  assert.deepEqual([it.stateOf('gateway'), it.paged], ['operational', ['begins', 'over']]);
  assert.deepEqual(
    it.changes.map(({ from, to }) => [from, to]),
    [
      ['operational', 'major_outage'],
      ['major_outage', 'operational'],
    ],
  );
  const [kept] = await it.history.days('2026-01-01', within(5_000));
  assert.ok((kept?.minutes.operational ?? 0) >= 2);
  assert.equal((await it.history.changes(null, 10, within(5_000))).length, 2);
  await it.end();
});

test('H9: a step of the probes that fails twice shows within a minute; one that fails once does not', async () => {
  const it = bench();
  const ok = { ms: 20, fault: null };
  it.state.steps = [
    { stage: 'submission', ...ok },
    { stage: 'imap', ms: 0, fault: 'no answer' },
  ];
  await it.pass(55);
  assert.equal(it.stateOf('imap'), 'partial_outage');
  assert.equal(it.stateOf('gateway'), 'operational');
  it.state.steps = [
    { stage: 'submission', ...ok },
    { stage: 'imap', ...ok },
  ];
  await it.pass(150);
  assert.equal(it.stateOf('imap'), 'operational');
  await it.end();
});

test('H9: a state outlives a restart of the watch, and is left only when it was watched for a while', async () => {
  const history = openMemoryStatusHistory();
  const first = bench(history);
  await first.pass(60);
  first.down.add('deliver');
  await first.pass(60);
  await first.end();
  const second = bench(history, first.clock);
  second.down.add('deliver');
  await second.pass(10);
  assert.equal(second.stateOf('delivery'), 'major_outage');
  second.down.delete('deliver');
  await second.pass(30);
  assert.equal(second.stateOf('delivery'), 'major_outage', 'not known for long enough');
  await second.pass(60);
  assert.equal(second.stateOf('delivery'), 'operational');
  await second.end();
});

test('M7: backlog, pace and forecast come from the books of the last minutes; where they are not known nothing is said', async () => {
  const it = bench();
  it.state.accepted = 1_000;
  it.state.queued = 600;
  await it.pass(10);
  // 60 go a minute, none come.
  for (let i = 0; i < 30; i++) {
    await it.pass(10);
    it.state.queued -= 10;
  }
  const { flow } = it.watcher.view();
  assert.ok(flow !== null && flow.drainMs !== null);
  assert.ok(Math.abs(flow.leftPerMinute - 60) < 4, String(flow.leftPerMinute));
  assert.ok(Math.abs(flow.drainMs / 60_000 - flow.waiting / 60) < 1, String(flow.drainMs));
  await it.end();
});

test('H9: what can not be asked makes nothing well, and ends nothing', async () => {
  const it = bench();
  it.state.away = true;
  it.down.add('gate');
  await it.pass(60);
  assert.equal(it.stateOf('gateway'), 'major_outage');
  assert.equal(it.watcher.view().flow, null);
  await it.end();
});

/** Work on a component from now on, for so many seconds. */
function work(id: string, now: number, seconds: number, more: Partial<Incident> = {}): Incident {
  return {
    ...{
      id: '20260101-01',
      kind: 'maintenance',
      title: { en: 'New disks', ja: '' },
      phase: 'in_progress',
      byHand: false,
    },
    ...{ components: [{ id, state: 'under_maintenance' }], scheduledFor: now, scheduledUntil: now + seconds * SECOND },
    ...more,
  } as Incident;
}

test('H9: nobody is called for what is under planned work, for all else they are; behind its end rules hold again', async () => {
  const it = bench();
  await it.pass(120);
  it.planned.push(work('gateway', it.clock.now(), 300));
  it.down.add('gate');
  await it.pass(120);
  const [gateway] = it.watcher.view().components;
  assert.deepEqual([gateway?.state, it.paged], ['under_maintenance', []]);
  assert.deepEqual(
    gateway?.reasons.map(({ text }) => text.ja),
    ['New disks', '現在メールを受け付けていません。送信元が再送します。'],
  );
  it.down.add('deliver');
  await it.pass(60);
  assert.deepEqual([it.stateOf('delivery'), it.paged], ['major_outage', ['begins']]);
  it.down.delete('deliver');
  await it.pass(90);
  assert.deepEqual([it.stateOf('gateway'), it.paged], ['under_maintenance', ['begins', 'over']]);
  // Nobody ended it, and its time is over.
  await it.pass(60);
  assert.deepEqual([it.stateOf('gateway'), it.paged], ['major_outage', ['begins', 'over', 'begins']]);
  await it.end();
});

test('C3: work begins by its time or by a hand, and is over when somebody says so', async () => {
  const it = bench();
  await it.pass(120);
  const now = it.clock.now();
  it.planned.push(work('main.imap', now, 300, { phase: 'scheduled' }));
  it.planned.push(work('delivery', now, 300, { id: '20260101-02' as never, phase: 'scheduled', byHand: true }));
  await it.pass(30);
  assert.deepEqual([it.stateOf('imap'), it.stateOf('delivery')], ['under_maintenance', 'operational']);
  it.planned[0] = work('main.imap', now, 300, { phase: 'completed' });
  await it.pass(30);
  assert.equal(it.stateOf('imap'), 'operational');
  assert.deepEqual(
    it.changes.map(({ from, to }) => [from, to]),
    [
      ['operational', 'under_maintenance'],
      ['under_maintenance', 'operational'],
    ],
  );
  await it.end();
});
