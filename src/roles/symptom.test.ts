/** From a symptom to people: the watch, the incidents behind their socket, the pager and the letters, as they meet in an installation; on a clock of ours. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HookCaller, IncidentDesk, IncidentUpkeep, SubscriberTokens, Teller } from '#/incident/index.ts';
import { type ArrivedMail, type MailAddress, type TenantId, within } from '#/model/index.ts';
import { IncidentLetters } from '#/notice/index.ts';
import { Pager, Watcher } from '#/status/index.ts';
import { openMemoryIncidents, openMemoryStatusHistory } from '#/store/memory/index.ts';
import { incidentsMethods, remoteIncidents } from '#/store/remote/index.ts';
import { FakeClock, FakeDirectorySource, FakeLog, FakeRouting, tenantOf } from '#/testkit/index.ts';

const SECOND = 1_000;
const PAGES = 'https://mail.example.test';

function bench(publishDrafts: boolean) {
  const [clock, log, book] = [new FakeClock(Date.UTC(2026, 10, 30, 12)), new FakeLog(), openMemoryIncidents()];
  const desk = new IncidentDesk({ book, clock, log }, { publishDrafts });
  const tenant = tenantOf({ id: 'acme', domains: ['acme.test'], users: [['it@acme.test']] });
  const contacts = ['it@acme.test' as MailAddress];
  const directory = new FakeDirectorySource([{ ...tenant, contacts, language: 'ja', timezone: 'Asia/Tokyo' }]);
  const down = new Set<string>();
  /** What happened, and how many seconds behind the symptom. */
  const events: string[] = [];
  let symptomAt = 0;
  const noted = (what: string): void => void events.push(`${what} ${(clock.now() - symptomAt) / SECOND} s`);
  const mails: ArrivedMail[] = [];
  const tokens = new SubscriberTokens(() => Buffer.alloc(32));
  const letters = new IncidentLetters(
    { hostname: 'mx.example.test', statusUrl: `${PAGES}/status`, timezone: 'UTC' },
    { directory, routing: new FakeRouting(['acme.test']), reach: (address) => [{ address, direction: 'internal' }] },
  );
  const told = {
    operators: [],
    desk,
    book,
    clock,
    log,
    tokens,
    directory,
    pages: PAGES,
    mails: letters,
    ring: () => {},
  };
  const custody = {
    accept: async (given: readonly ArrivedMail[]) => {
      mails.push(...given);
      noted('mailed');
    },
  };
  const hooks = new HookCaller({ ...told, call: async () => true });
  const teller = new Teller({ ...told, direct: null, custody, journal: { trace: async () => [] } }, hooks);
  const upkeep = new IncidentUpkeep({ desk, clock, log, processes: null, teller }).start();
  const page = async ({ kind }: { readonly kind: string }): Promise<void> => noted(`paged ${kind}`);
  const pager = new Pager({ clock, log, first: page, second: null, escalateMs: 600 * SECOND });
  const methods = incidentsMethods(desk);
  const socket = {
    call: async (method: string, args: unknown, call: ReturnType<typeof within>) =>
      await methods.get(method)?.(JSON.parse(JSON.stringify(args)), { call }),
  };
  const watcher = new Watcher(
    {
      name: 'Acme',
      url: PAGES,
      region: 'main',
      kinds: ['gateway', 'delivery', 'upstreams'],
      keepMs: 86_400_000,
      probeMs: 30_000,
    },
    {
      ...{ clock, log, pager, begins: Promise.resolve(), probe: null, history: openMemoryStatusHistory() },
      observer: {
        readiness: async () =>
          ['gate', 'deliver', 'janitor'].map((role) => ({ role, ready: !down.has(role), reason: '' })),
        metrics: async () => [{ process: 'gate', text: 'holdfast_books_balanced 1\n' }],
        ...{ depth: async () => [], books: async () => [], upstreams: async () => [] },
      },
      incidents: remoteIncidents(socket),
    },
  );
  const fail = (role: string): void => {
    symptomAt = clock.now();
    down.add(role);
  };
  const pass = async (seconds: number): Promise<void> => await clock.advance(seconds * SECOND, SECOND);
  const end = async (): Promise<void> => {
    const ended = [watcher, upkeep, pager, hooks].map((one) => one[Symbol.asyncDispose]());
    await clock.advance(10 * SECOND, SECOND);
    await Promise.all(ended);
  };
  return { clock, desk, down, events, mails, watcher, fail, pass, end };
}

test('H9 H8 C3: within two minutes of a symptom the state has changed, an incident says so, the operator is called and contacts are mailed', async () => {
  const it = bench(true);
  await it.pass(120);
  assert.equal(it.events.length, 0);
  it.fail('deliver');
  await it.pass(120);
  const [incident, ...more] = await it.desk.list({}, 10, within(30_000));
  assert.ok(incident !== undefined && more.length === 0, 'one cause, one incident');
  assert.deepEqual(incident.affected, ['main.delivery']);
  assert.deepEqual([incident.impact, incident.phase], ['critical', 'investigating']);
  assert.ok(incident.startedAt <= incident.detectedAt);
  assert.deepEqual(
    it.events.map((one) => one.replace(/ \d+ s$/, '')),
    ['paged begins', 'mailed'],
  );
  for (const one of it.events) assert.ok(Number(/(\d+) s$/.exec(one)?.[1]) <= 120, one);
  assert.equal(it.mails.length, 1);
  assert.deepEqual(
    it.watcher.view().incidents.map(({ id }) => id),
    [incident.id],
    'the status page shows it',
  );
  it.down.delete('deliver');
  await it.pass(120);
  const [after] = await it.desk.list({}, 10, within(30_000));
  assert.equal(after?.phase, 'monitoring', 'resolving it is a person’s word');
  await it.end();
});

test('C3: planned work on a component that is named without its region keeps what it shows from being an incident', async () => {
  const it = bench(true);
  await it.pass(120);
  const work = { kind: 'opened', at: it.clock.now(), by: 'root', title: { en: 'New disk', ja: '' } } as const;
  const components = { delivery: 'under_maintenance' } as const;
  await it.desk.open('maintenance', [{ ...work, phase: 'in_progress', components, byHand: true }], within(30_000));
  it.fail('deliver');
  await it.pass(120);
  assert.deepEqual((await it.desk.all({ kind: 'incident' }, 10, within(30_000))).length, 0);
  await it.end();
});

test('C3: a symptom of what a person has named without its region joins their incident', async () => {
  const it = bench(true);
  await it.pass(120);
  const opening = { kind: 'opened', at: it.clock.now(), by: 'root', title: { en: 'Late', ja: '' } } as const;
  const components = { delivery: 'degraded_performance' } as const;
  await it.desk.open('incident', [{ ...opening, components }], within(30_000));
  it.fail('deliver');
  await it.pass(120);
  const [joined, ...more] = await it.desk.all({}, 10, within(30_000));
  assert.equal(more.length, 0);
  assert.deepEqual(joined?.components, [{ id: 'main.delivery', state: 'major_outage' }]);
  await it.end();
});

test('B8: what is told to some tenants alone stands on no page for everybody', async () => {
  const it = bench(true);
  const opening = { kind: 'opened', at: it.clock.now(), by: 'root', title: { en: 'Acme alone', ja: '' } } as const;
  const one = await it.desk.open('incident', [{ ...opening, tenants: ['acme' as TenantId] }], within(30_000));
  const all = await it.desk.open('incident', [{ ...opening, title: { en: 'All', ja: '' } }], within(30_000));
  await it.pass(60);
  const shown = it.watcher.view().incidents.map(({ id }) => id);
  assert.deepEqual(shown, [all.id]);
  assert.equal(await it.desk.show(one.id, within(30_000)), null);
  await it.end();
});

test('H9 C3: a draft that nobody has published calls the operator, and is told to nobody else', async () => {
  const it = bench(false);
  await it.pass(120);
  it.fail('deliver');
  await it.pass(120);
  const [draft] = await it.desk.all({}, 10, within(30_000));
  assert.equal(draft?.isDraft, true);
  assert.deepEqual(Object.keys(draft.symptoms[0]?.measured ?? {}).length > 0, true, 'with what was measured');
  assert.deepEqual([it.events.length, it.mails.length, it.watcher.view().incidents.length], [1, 0, 0]);
  await it.end();
});
