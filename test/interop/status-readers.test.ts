/** What programs that others wrote understand of the status: a client of the Statuspage API, and a reader of feeds. Served from the files that are published. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { type Components, type Incidents, type ScheduledMaintenances, type Status, Statuspage } from 'statuspage.io';
import { foldIncident } from '#/incident/index.ts';
import {
  COMPONENT_KINDS,
  type ComponentId,
  type ComponentState,
  type IncidentEntry,
  type IncidentId,
  type StateChange,
  type StatusView,
} from '#/model/index.ts';
import { siteOf } from '#/web/status/index.ts';
import { feedReader, type ReadFeed } from '../support/feedparser.ts';
import { orSkip } from '../support/or-skip.ts';

const NOW = Date.parse('2026-12-01T03:00:00Z');
const MINUTE = 60_000;
const said = (en: string) => ({ en, ja: '' });

const trouble = foldIncident({
  id: '20261201-01' as IncidentId,
  kind: 'incident',
  entries: [
    entry({ title: said('Mail is late'), text: said('We look.'), components: { 'main.delivery': 'partial_outage' } }),
    entry({ kind: 'updated', at: NOW - 5 * MINUTE, phase: 'identified', text: said('One disk is full & slow.') }),
  ],
});
const over = foldIncident({
  id: '20261130-01' as IncidentId,
  kind: 'incident',
  entries: [entry({ title: said('IMAP was away') }), entry({ kind: 'updated', phase: 'resolved', text: said('Ok.') })],
});
const [planned, running] = (['scheduled', 'in_progress'] as const).map((phase, i) =>
  foldIncident({
    id: `20261201-0${i + 2}` as IncidentId,
    kind: 'maintenance',
    entries: [
      entry({
        ...{ phase, title: said('New disks'), text: said('About ten minutes.') },
        ...{ scheduledFor: NOW - MINUTE, scheduledUntil: NOW + MINUTE, components: { pop3: 'under_maintenance' } },
      }),
    ],
  }),
);

function entry(more: Partial<IncidentEntry>): IncidentEntry {
  return { kind: 'opened', at: NOW - 10 * MINUTE, by: 'ann@x.test', ...more };
}

const STATES: Readonly<Record<string, ComponentState>> = { delivery: 'partial_outage', pop3: 'under_maintenance' };

function view(): StatusView {
  const reasons = [{ rule: 'r', measured: 1, text: { en: 'slow <b> & "late" – 遅延', ja: '遅延' } }];
  const change = (minutes: number, component: ComponentId, to: ComponentState): StateChange => {
    const at = NOW - minutes * MINUTE;
    return { component, at, since: at - 9_000, from: 'operational', to, reasons: to === 'operational' ? [] : reasons };
  };
  return {
    ...{ at: NOW, name: 'Acme & Co', url: 'https://mail.acme.test', region: 'main', flow: null, stages: [] },
    components: COMPONENT_KINDS.map((kind) => ({
      ...{ id: `main.${kind}`, kind, state: STATES[kind] ?? 'operational', since: NOW - MINUTE, reasons: [], days: [] },
    })),
    // Two that changed at the same moment are two.
    changes: [
      change(1, 'main.delivery', 'partial_outage'),
      change(1, 'main.pop3', 'under_maintenance'),
      change(90, 'main.imap', 'operational'),
      change(95, 'main.imap', 'major_outage'),
    ],
    incidents: [trouble, planned, running, over].filter((one) => one !== undefined),
  };
}

type Summary = Components & Incidents & ScheduledMaintenances & Status;

/** The published files, from an address of their own. */
async function published() {
  const files = new Map(
    siteOf(view(), { contact: 'postmaster@x.test', timezone: 'UTC' }).map(({ path, text }) => [`/${path}`, text]),
  );
  const server = createServer((request, response) => {
    const text = files.get(request.url ?? '');
    response.writeHead(text === undefined ? 404 : 200, { 'content-type': 'application/json', connection: 'close' });
    response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    text: (path: string) => files.get(path) ?? '',
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

test('B8: a client library of the Statuspage API reads states, incidents and planned work', async () => {
  await using site = await published();
  const page = new Statuspage('acme');
  page.setApiUrl(site.url);
  // Its own type of a summary is that of one maintenance by mistake.
  const summary: unknown = await page.api.getSummary();
  const { components, incidents, status, scheduled_maintenances: works } = summary as Summary;
  assert.deepEqual(
    components.flatMap(({ id, status: state, group }) => (group || state === 'operational' ? [] : [[id, state]])),
    [
      ['main.delivery', 'partial_outage'],
      ['main.pop3', 'under_maintenance'],
    ],
  );
  assert.deepEqual(status, { indicator: 'major', description: 'Partial System Outage' });
  assert.deepEqual((await page.api.getStatus()).status, status);
  assert.deepEqual((await page.api.getComponents()).components, components);
  assert.deepEqual(
    [incidents.map(({ id }) => id), works.map(({ id }) => id)],
    [['20261201-01'], [planned?.id, running?.id]],
  );
  const [first, second] = (await page.api.incidents.getAll()).incidents;
  assert.deepEqual(
    [first?.status, first?.incident_updates.map(({ body }) => body), second?.status],
    ['identified', ['One disk is full & slow.', 'We look.'], 'resolved'],
  );
  assert.deepEqual(
    (await page.api.incidents.getUnresolved()).incidents.map(({ id }) => id),
    ['20261201-01'],
  );
  const { scheduled_maintenances: coming } = await page.api.scheduledMaintenances.getUpcoming();
  assert.deepEqual(
    coming.map(({ id, scheduled_until: until }) => [id, Date.parse(until)]),
    [[planned?.id, NOW + MINUTE]],
  );
});

test('B8: planned work that runs is told apart from what is to come', async () => {
  await using site = await published();
  // The library asks for what is to come where it should ask for what runs (its `getActive`): this one is asked by hand.
  const answer = await fetch(`${site.url}/api/v2/scheduled-maintenances/active.json`);
  const { scheduled_maintenances: works } = (await answer.json()) as {
    scheduled_maintenances: { id: string; status: string }[];
  };
  assert.deepEqual(
    works.map(({ id, status }) => [id, status]),
    [[running?.id, 'in_progress']],
  );
});

/** What both formats ask of a feed: ids that are there once, titles, times that are right, addresses that lead somewhere from anywhere. */
function fits({ fault, channel, entries }: ReadFeed): void {
  assert.equal(fault, null);
  assert.match(String(channel.title), /Acme & Co/);
  assert.equal(channel.link, 'https://mail.acme.test/status');
  const { changes, incidents } = view();
  const told = incidents.flatMap(({ updates }) => updates.map(({ writtenAt }) => writtenAt));
  const times = [...told, ...changes.map(({ at }) => at)].toSorted((a, b) => b - a);
  assert.equal(new Set(entries.map(({ id }) => id)).size, times.length);
  for (const [i, { title, link, summary, published_parsed: published, updated_parsed: updated }] of entries.entries()) {
    assert.ok(title !== null && title !== '');
    assert.equal(new URL(link ?? '').protocol, 'https:');
    assert.ok(summary !== null && summary !== '');
    const [year = 0, month = 0, ...rest] = updated ?? published ?? [];
    const [day, hour, minute, second] = rest;
    assert.equal(Date.UTC(year, month - 1, day, hour, minute, second), times[i]);
  }
}

test('RFC 4287 §4.1.1: a strict reader takes the Atom feed as one, whole and in order', async (t) => {
  const reader = orSkip(t, await feedReader());
  if (reader === undefined) return;
  await using site = await published();
  const feed = reader.read(site.text('/history.atom'));
  assert.equal(feed.version, 'atom10');
  fits(feed);
  assert.deepEqual([feed.channel.id, feed.channel.author], ['https://mail.acme.test/status', 'Acme & Co']);
  assert.equal(reader.read(site.text('/history.atom').replace('</feed>', '')).fault === null, false);
});

test('B8: a strict reader takes the RSS 2.0 feed as one, with the text of each change as it was written', async (t) => {
  const reader = orSkip(t, await feedReader());
  if (reader === undefined) return;
  await using site = await published();
  const feed = reader.read(site.text('/history.rss'));
  assert.equal(feed.version, 'rss20');
  fits(feed);
  const said = (title: string) => feed.entries.find((one) => one.title?.startsWith(title) === true);
  assert.equal(said('Mail is late – Cause found')?.summary, 'One disk is full &#38; slow.');
  assert.equal(said('Mail is late – Cause found')?.link, 'https://mail.acme.test/status#20261201-01');
  const [first, well] = [said('Delivery: Works → Partly out'), said('Reading by IMAP: Works → Works')];
  // Its text is HTML, and a "<b>" of somebody's is none.
  assert.match(first?.summary ?? '', /slow &#60;b&#62; &#38; "late" – 遅延/);
  assert.equal(well?.summary, 'It works again.');
});
