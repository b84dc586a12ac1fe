/** What every keeper of `ports/status-history.ts` promises. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ComponentState, type StateChange, type UpstreamReport, within } from '#/model/index.ts';
import type { ComponentMinute, StageFigure, StatusHistory } from '#/ports/index.ts';

/** A keeper under test, empty. `reopen` closes it and opens what it kept; null where nothing outlives the process. */
export interface StatusHistoryUnderTest extends AsyncDisposable {
  readonly history: StatusHistory;
  readonly reopen: (() => Promise<StatusHistory>) | null;
}

const soon = () => within(30_000);
const NOON = Date.UTC(2026, 10, 21, 12);
const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const NOTHING = { minutes: [], figures: [], changes: [] };

const minute = (at: number, state: ComponentState = 'operational', component = 'main.imap'): ComponentMinute => ({
  ...{ component, at, state },
});
const figure = (at: number, more: Partial<StageFigure> = {}): StageFigure => ({
  ...{ region: 'main', stage: 'delivery', at, count: 2, p50: 100, p95: 200 },
  ...more,
});
const change = (at: number, more: Partial<StateChange> = {}): StateChange => ({
  ...{ component: 'main.imap', at, since: at - MINUTE, from: 'operational', to: 'partial_outage' },
  reasons: [{ rule: 'imap: probe', measured: 2, text: { en: 'No “answer”.', ja: '応答がありません。' } }],
  ...more,
});

const nothing = { sessions: 0, unreachable: 0, delivered: 0, deferred: 0, bounced: 0, failing: 0, p50: 0, p95: 0 };
const report = (provider: string, at: number, more: Partial<UpstreamReport> = {}): UpstreamReport => ({
  ...{ provider, at, reporter: 'deliver-1', region: 'main', name: `“${provider}”` },
  last5: { ...nothing, classes: { rate: 2 } },
  last60: { ...nothing, classes: {} },
  usual: { failingShare: 0.1, p95: 250 },
  trouble: { since: at - HOUR, last: at, signs: 3 },
  ...{ lastServedAt: null, destinations: [], moreDestinations: 0, refusals: [] },
  ...more,
});

/** The suite, for one keeper. */
export function statusHistoryContract(keeper: string, open: () => Promise<StatusHistoryUnderTest>): void {
  const titled = (title: string, work: (given: StatusHistoryUnderTest) => Promise<void>): void => {
    test(`${title} (${keeper})`, async () => {
      await using given = await open();
      await work(given);
    });
  };

  titled('H9: what was kept comes back, also after the keeper was opened again', async (given) => {
    const minutes = [
      minute(NOON),
      minute(NOON + MINUTE),
      minute(NOON + DAY, 'major_outage'),
      minute(NOON, 'operational', 'main.pop3'),
    ];
    const figures = [figure(NOON), figure(NOON + MINUTE, { p95: 300 }), figure(NOON, { region: 'other' })];
    const changes = [change(NOON), change(NOON + MINUTE, { from: 'partial_outage', to: 'operational', reasons: [] })];
    await given.history.keep({ minutes, figures, changes }, soon());
    const history = given.reopen === null ? given.history : await given.reopen();
    assert.deepEqual(await history.days('2026-11-21', soon()), [
      { component: 'main.imap', day: '2026-11-21', minutes: { operational: 2 } },
      { component: 'main.imap', day: '2026-11-22', minutes: { major_outage: 1 } },
      { component: 'main.pop3', day: '2026-11-21', minutes: { operational: 1 } },
    ]);
    assert.deepEqual(await history.figures('main', NOON, soon()), figures.slice(0, 2));
    assert.deepEqual(await history.figures('main', NOON + 1, soon()), figures.slice(1, 2));
    assert.deepEqual(await history.changes(null, 10, soon()), changes.toReversed());
    assert.deepEqual(await history.changes(NOON + MINUTE, 10, soon()), changes.slice(0, 1));
    assert.equal((await history.changes(null, 1, soon())).length, 1);
    await history.keep(NOTHING, soon());
  });

  titled('H9: what is written again counts once', async ({ history }) => {
    const records = { minutes: [minute(NOON)], figures: [figure(NOON)], changes: [change(NOON)] };
    await history.keep(records, soon());
    await history.keep({ ...records, minutes: [minute(NOON, 'partial_outage')] }, soon());
    const [day] = await history.days('2026-11-21', soon());
    assert.deepEqual(day?.minutes, { partial_outage: 1 });
    assert.equal((await history.figures('main', 0, soon())).length, 1);
    assert.equal((await history.changes(null, 10, soon())).length, 1);
  });

  titled('H9: thinned days and hours say what their minutes said', async ({ history }) => {
    const minutes = [minute(NOON), minute(NOON + MINUTE, 'major_outage'), minute(NOON + DAY)];
    const figures = [figure(NOON), figure(NOON + MINUTE, { count: 6, p50: 500, p95: 900 }), figure(NOON + HOUR)];
    await history.keep({ minutes, figures, changes: [change(NOON)] }, soon());
    const before = await history.days('2026-11-01', soon());
    for (let twice = 0; twice < 2; twice++) {
      await history.thin(NOON + DAY, 0, soon());
      assert.deepEqual(await history.days('2026-11-01', soon()), before);
      assert.deepEqual(await history.figures('main', 0, soon()), [
        figure(NOON, { count: 8, p50: 400, p95: 900 }),
        figure(NOON + HOUR),
      ]);
    }
    await history.keep({ ...NOTHING, minutes: [minute(NOON + 2 * MINUTE)] }, soon());
    await history.thin(NOON + DAY, 0, soon());
    assert.deepEqual(
      (await history.days('2026-11-21', soon()))[0]?.minutes,
      { major_outage: 1, operational: 2 },
      'what came late',
    );
    await history.thin(NOON + 9 * DAY, NOON + 2 * DAY, soon());
    assert.deepEqual(await history.days('2026-11-01', soon()), []);
    assert.deepEqual(await history.figures('main', 0, soon()), []);
    assert.deepEqual(await history.changes(null, 10, soon()), []);
  });

  titled('H9: whenever it is thinned, no minute is lost and none counts twice', async ({ history }) => {
    const at = fc.integer({ min: 0, max: 5 * 24 * 60 - 1 }).map((n) => NOON + n * MINUTE);
    const states = fc.constantFrom<ComponentState>('operational', 'partial_outage', 'major_outage');
    const minutes = fc.sample(
      fc.uniqueArray(fc.tuple(at, states), { selector: ([when]) => when, minLength: 60, maxLength: 90 }),
      1,
    );
    const all = (minutes[0] ?? []).map(([when, state]) => minute(when, state)).toSorted((a, b) => a.at - b.at);
    for (const [i, one] of all.entries()) {
      await history.keep({ ...NOTHING, minutes: [one] }, soon());
      if (i % 7 === 0) await history.thin(one.at - DAY, 0, soon());
    }
    const days = await history.days('2026-11-01', soon());
    const count = (state: ComponentState) => days.reduce((sum, day) => sum + (day.minutes[state] ?? 0), 0);
    for (const state of ['operational', 'partial_outage', 'major_outage'] as const)
      assert.equal(count(state), all.filter((one) => one.state === state).length, state);
  });

  titled(
    'C2: what was told of a provider comes back, the last of each who tells, until it is thinned',
    async (given) => {
      const [first, second, other] = [report('google', NOON), report('google', NOON + MINUTE), report('apple', NOON)];
      const fromElsewhere = report('google', NOON, { reporter: 'deliver-2', trouble: null });
      await given.history.tellUpstreams([first, other, fromElsewhere], soon());
      await given.history.tellUpstreams([second], soon());
      await given.history.tellUpstreams([], soon());
      const history = given.reopen === null ? given.history : await given.reopen();
      assert.deepEqual(await history.upstreams(NOON, soon()), [other, second, fromElsewhere]);
      assert.deepEqual(await history.upstreams(NOON + 1, soon()), [second]);
      await history.thin(NOON + 1, NOON - DAY, soon());
      assert.deepEqual(await history.upstreams(0, soon()), [second]);
    },
  );
}

/** SQL that empties a keeper between two tests. */
export const FORGET_STATUS = ['status_minute', 'status_day', 'status_figure', 'status_change', 'upstream_report']
  .map((table) => `DELETE FROM ${table};`)
  .join(' ');
