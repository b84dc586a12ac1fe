import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import {
  COMPONENT_KINDS,
  COMPONENT_STATES,
  type ComponentState,
  type Incident,
  type StatusView,
  TIMED_STAGES,
} from '#/model/index.ts';
import { FakeClock, FakeDirectorySource, FakeLog, FakeMeter, testCertificate, unaskedWeb } from '#/testkit/index.ts';
import { startWeb } from '../index.ts';
import { siteOf } from './index.ts';
import { KeptView } from './kept-view.ts';

const NOW = Date.now();
const DAY = 86_400_000;
const EVIL = '"><script>alert(1)</script>\u202e';

function view(state: ComponentState = 'operational', more: Partial<StatusView> = {}): StatusView {
  const day = (n: number) => new Date(NOW - n * DAY).toISOString().slice(0, 10);
  const reasons = [{ rule: 'r', measured: 1, text: { en: `slow ${EVIL}`, ja: `遅延 ${EVIL}` } }];
  return {
    ...{ at: NOW, name: 'Acme & Co', url: 'https://mail.acme.test', region: 'tokyo' },
    components: COMPONENT_KINDS.map((kind) => ({
      ...{ id: `tokyo.${kind}`, kind, state, since: NOW - 60_000, reasons: state === 'operational' ? [] : reasons },
      days: Array.from({ length: 90 }, (_, i) => ({
        ...{ component: `tokyo.${kind}`, day: day(89 - i) },
        minutes: i % 15 === 3 ? { operational: 1_400, major_outage: 40 } : { operational: 1_440 },
      })),
    })),
    flow: { waiting: 18_412, oldestMs: 780_000, arrivedPerMinute: 81.25, leftPerMinute: 1_204, drainMs: 2_820_000 },
    stages: TIMED_STAGES.map((stage) => ({
      stage,
      points: Array.from({ length: 96 }, (_, i) => ({
        at: NOW - (95 - i) * 900_000,
        count: 9,
        p50: 10 + i * 7,
        p95: 9_000 - i * 90,
      })),
    })),
    changes: Array.from({ length: 8 }, (_, i) => ({
      ...{ component: 'tokyo.imap', at: NOW - i * 3_600_000, since: NOW - i * 3_600_000 - 9_000, reasons },
      ...{ from: 'operational', to: 'degraded_performance' },
    })),
    incidents: [],
    ...more,
  };
}

async function start(board: { of: () => StatusView }) {
  const directory = new FakeDirectorySource([]);
  let port = 0;
  const asked = { times: 0 };
  const web = await startWeb({
    services: { host: 'x.test', mx: null, httpsPort: null, offered: [] } as never,
    ...{
      directory,
      ...unaskedWeb(directory),
      tls: () => testCertificate(),
      log: new FakeLog(),
      meter: new FakeMeter(),
    },
    board: {
      read: async () => {
        asked.times++;
        return board.of();
      },
    },
    clock: { now: () => NOW, monotonic: () => performance.now(), sleep: async () => {} },
    listeners: [
      {
        kind: 'http',
        listen: async (server) => {
          await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
          port = (server.address() as AddressInfo).port;
        },
      },
    ],
  });
  const get = async (path: string, language = 'en') => {
    const headers = { connection: 'close', 'accept-language': language };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  return { get, asked, [Symbol.asyncDispose]: () => web[Symbol.asyncDispose]() };
}

test('B8: the page of a long and bad history is small, in both languages, and holds nothing that could run', async () => {
  for (const state of COMPONENT_STATES) {
    await using web = await start({ of: () => view(state) });
    for (const language of ['en', 'ja']) {
      const { status, text } = await web.get('/status', language);
      assert.equal(status, 200);
      assert.ok(Buffer.byteLength(text) <= 30 * 1024, `${Buffer.byteLength(text)} octets`);
      assert.match(text, new RegExp(`<html lang="${language}">`));
      assert.doesNotMatch(text, /<script|\u202e|style="|onload/);
    }
    assert.doesNotMatch((await web.get('/status/history')).text, /<script|\u202e/);
  }
});

test('M7: backlog, oldest age and forecast stand on the page; what can not be known is said so', async () => {
  await using web = await start({ of: () => view() });
  const { text } = await web.get('/status');
  assert.match(text, /18,412[\s\S]*13 min[\s\S]*47 min \(\d\d:\d\d\)/);
  await using blind = await start({ of: () => view('operational', { flow: null, stages: [], changes: [] }) });
  assert.match((await blind.get('/status')).text, /not known now[\s\S]*Nothing in the last 7 days/);
});

test('H9: while the watch is away the page of before is shown with its age, and where nothing was known it says so', async () => {
  const board = { of: (): StatusView => view('operational', { at: NOW - 300_000 }) };
  await using web = await start(board);
  assert.match((await web.get('/status')).text, /Not measured for 5 min/);
  await using none = await start({
    of: () => {
      throw new Error('away');
    },
  });
  const answer = await none.get('/status');
  assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '30']);
  assert.equal((await none.get('/status/api/v2/status.json')).status, 503);
});

test('B3: who looks does not wait for a watch that stands still, and sees what was known before', async () => {
  const clock = new FakeClock(NOW);
  const board = { known: view(), stands: false };
  const kept = new KeptView(
    { read: () => (board.stands ? new Promise<StatusView>(() => {}) : Promise.resolve(board.known)) },
    clock,
  );
  const before = await kept.read();
  board.stands = true;
  board.known = view('major_outage');
  await clock.advance(3_000);
  const asking = kept.read();
  await clock.advance(100, 100);
  assert.equal(await asking, before);
  // The question is still open: nobody waits for it again.
  assert.equal(await kept.read(), before);
});

test('B3: a crowd that looks at once is one question', async () => {
  await using web = await start({ of: () => view() });
  await Promise.all(Array.from({ length: 50 }, () => web.get('/status/api/v2/summary.json')));
  assert.ok(web.asked.times <= 2, String(web.asked.times));
});

/** What programs of the Statuspage API read, by name and type. */
const SHAPES = {
  page: { id: 'string', name: 'string', url: 'string', time_zone: 'string', updated_at: 'string' },
  status: { indicator: 'string', description: 'string' },
  component: {
    ...{
      id: 'string',
      name: 'string',
      status: 'string',
      created_at: 'string',
      updated_at: 'string',
      position: 'number',
    },
    ...{
      showcase: 'boolean',
      start_date: 'string',
      group: 'boolean',
      page_id: 'string',
      only_show_if_degraded: 'boolean',
    },
  },
} as const;

function fits(value: unknown, shape: Readonly<Record<string, string>>, what: string): void {
  assert.ok(typeof value === 'object' && value !== null, what);
  for (const [name, type] of Object.entries(shape))
    assert.equal(typeof (value as Record<string, unknown>)[name], type, `${what}.${name}`);
}

test('B8: programs find the shapes of the Statuspage API, version 2', async () => {
  await using web = await start({ of: () => view('partial_outage') });
  const get = async (name: string) => {
    const { status, headers, text } = await web.get(`/status/api/v2/${name}.json`);
    assert.deepEqual([status, headers.get('access-control-allow-origin')], [200, '*'], name);
    return JSON.parse(text) as Record<string, unknown[]>;
  };
  const summary = await get('summary');
  fits(summary.page, SHAPES.page, 'page');
  fits(summary.status, SHAPES.status, 'status');
  assert.deepEqual(summary.status, { indicator: 'major', description: 'Partial System Outage' });
  const components = summary.components ?? [];
  for (const one of components) fits(one, SHAPES.component, 'component');
  assert.deepEqual([summary.incidents, summary.scheduled_maintenances], [[], []]);
  const [group, ...leaves] = components as {
    id: string;
    group: boolean;
    group_id: string | null;
    components?: string[];
  }[];
  assert.deepEqual(
    group?.components,
    leaves.map(({ id }) => id),
  );
  assert.ok(leaves.every(({ group_id }) => group_id === group?.id));
  assert.deepEqual(Object.keys(await get('status')), ['page', 'status']);
  assert.deepEqual((await get('components')).components, components);
  for (const name of ['incidents', 'incidents/unresolved']) assert.deepEqual((await get(name)).incidents, []);
  for (const name of ['', '/upcoming', '/active'])
    assert.deepEqual((await get(`scheduled-maintenances${name}`)).scheduled_maintenances, []);
});

/** As `incident/` gives it; what is not shown is left out. */
function incident(id: string, more: Partial<Incident> = {}): Incident {
  const at = NOW - 900_000;
  const said = (text: string) => ({ en: text, ja: text });
  return {
    ...{
      id,
      kind: 'incident',
      title: said(`Mail is late ${EVIL}`),
      phase: 'identified',
      impact: 'major',
      isDropped: false,
    },
    ...{ components: [{ id: 'tokyo.delivery', state: 'partial_outage' }], affected: ['tokyo.delivery'] },
    ...{
      advice: said('Take no action.'),
      tail: null,
      nextUpdateAt: NOW - 60_000,
      startedAt: at,
      createdAt: at,
      updatedAt: at,
    },
    ...{ monitoringAt: null, resolvedAt: null, scheduledFor: null, scheduledUntil: null },
    updates: [{ n: 1, phase: 'identified', text: said(`We know why. ${EVIL}`), at, writtenAt: at, components: [] }],
    ...more,
  } as unknown as Incident;
}

test('C3: what runs now stands on the page with advice and promise, what is over in the history, and programs read both', async () => {
  const planned = incident('m-1', {
    kind: 'maintenance',
    phase: 'scheduled',
    scheduledFor: NOW + DAY,
    scheduledUntil: NOW + DAY + 3_600_000,
  });
  const over = incident('i-2', { phase: 'resolved', resolvedAt: NOW - 60_000 });
  await using web = await start({ of: () => view('partial_outage', { incidents: [incident('i-1'), over, planned] }) });
  const [{ text }, { text: past }] = [await web.get('/status'), await web.get('/status/history')];
  assert.match(
    text,
    /id="i-1"[\s\S]*Cause found[\s\S]*Take no action\.[\s\S]*We know why[\s\S]*The next update is late/,
  );
  assert.match(text, /id="m-1"[\s\S]*Planned/);
  assert.doesNotMatch(text, /id="i-2"/);
  assert.match(past, /id="i-2"/);
  for (const page of [text, past]) assert.doesNotMatch(page, /<script|\u202e/);
  assert.ok(Buffer.byteLength(text) <= 30 * 1024, String(Buffer.byteLength(text)));
  const ids = async (name: string) => {
    const answer = JSON.parse((await web.get(`/status/api/v2/${name}.json`)).text) as Record<string, { id: string }[]>;
    return (answer.incidents ?? answer.scheduled_maintenances ?? []).map(({ id }) => id);
  };
  assert.deepEqual(await ids('incidents'), ['i-1', 'i-2']);
  assert.deepEqual(await ids('incidents/unresolved'), ['i-1']);
  assert.deepEqual(await ids('summary'), ['i-1']);
  assert.deepEqual(
    [await ids('scheduled-maintenances/upcoming'), await ids('scheduled-maintenances/active')],
    [['m-1'], []],
  );
});

test('RFC 4287 §4.1.1: feeds have an id, a title and a time, and escape what others wrote', async () => {
  await using web = await start({ of: () => view() });
  const atom = await web.get('/status/history.atom');
  assert.match(atom.headers.get('content-type') ?? '', /^application\/atom\+xml/);
  const [ids, rss] = [
    [...atom.text.matchAll(/<id>([^<]+)<\/id>/g)].map(([, id]) => id),
    await web.get('/status/history.rss'),
  ];
  assert.equal(new Set(ids).size, 9);
  assert.match(atom.text, /<title>Acme &#38; Co status<\/title><updated>\d{4}-/);
  assert.equal([...rss.text.matchAll(/<guid /g)].length, 8);
  for (const { text } of [atom, rss]) assert.doesNotMatch(text, /<script|\u202e|&(?!#\d+;)/);
});

test('B8: the pages as files lead to each other by relative links alone, and to the installation where somebody subscribes', () => {
  const files = new Map(
    siteOf(view(), { contact: 'postmaster@x.test', timezone: 'Asia/Tokyo' }).map(({ path, text }) => [path, text]),
  );
  for (const [path, text] of files) {
    if (!path.endsWith('.html')) continue;
    const links = [...text.matchAll(/href="([^"]+)"/g)].map(([, href = '']) => href);
    assert.equal(links.filter((href) => href === 'https://mail.acme.test/status/subscribe').length, 1);
    for (const href of links.filter((one) => !one.endsWith('/status/subscribe'))) {
      const to = new URL(href, `http://x.invalid/${path}`);
      assert.equal(to.host, 'x.invalid', href);
      assert.ok(files.has(to.pathname.slice(1)), `${path} leads to ${href}`);
    }
  }
});
