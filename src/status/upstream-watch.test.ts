import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ComponentChange, Upstream, UpstreamFigures } from '#/model/index.ts';
import { sharedLayerOf, UpstreamWatch } from './upstream-watch.ts';

const SECOND = 1_000;
const NOON = Date.UTC(2026, 10, 21, 12);
const figures = (more: Partial<UpstreamFigures> = {}): UpstreamFigures => ({
  ...{ sessions: 1, unreachable: 0, delivered: 0, deferred: 0, bounced: 0, failing: 0, p50: 50, p95: 100, classes: {} },
  ...more,
});
const well = (provider: string): Upstream => ({
  ...{ provider, name: provider, last5: figures({ delivered: 40 }), last60: figures({ delivered: 400 }) },
  ...{ usual: { failingShare: 0.05, p95: 120 }, trouble: null, lastServedAt: NOON - SECOND },
  ...{ destinations: [], moreDestinations: 0, refusals: [] },
});
const away = (provider: string, since: number, last = since): Upstream => ({
  ...well(provider),
  last5: figures({ unreachable: 5, failing: 5 }),
  trouble: { since, last, signs: 5 },
  lastServedAt: since - SECOND,
});

/** A watch that looks every ten seconds at what it is shown. */
function bench() {
  const watch = new UpstreamWatch('main');
  const state = { now: NOON, watched: 0 };
  const look = (seconds: number, upstreams: (now: number) => readonly Upstream[]): ComponentChange[] => {
    const changes: ComponentChange[] = [];
    for (let passed = 0; passed < seconds; passed += 10) {
      state.now += 10 * SECOND;
      state.watched += 10 * SECOND;
      changes.push(...watch.look(upstreams(state.now), state.watched, state.now));
    }
    return changes;
  };
  const own = { kind: 'upstreams', state: 'operational', since: null, reasons: [] } as const;
  const whole = () => watch.with(own, state.watched, state.now);
  return { look, whole, state };
}

test('C2: a provider that takes nothing is named within a minute, from its first sign on, and its end is its last sign', () => {
  const it = bench();
  assert.deepEqual(
    it.look(120, () => [well('google'), well('apple')]),
    [],
  );
  const began = it.state.now + SECOND;
  const [change, ...more] = it.look(50, (now) => [away('google', began, now), well('apple')]);
  assert.deepEqual(more, []);
  const { component, from, to, since, layer, reason } = change as ComponentChange;
  assert.deepEqual(
    [component, from, to, since, layer],
    ['main.upstreams.google', 'operational', 'partial_outage', began, 'upstream:google'],
  );
  assert.match(reason.en, /^Google takes none of our mail/);
  assert.equal(it.whole().state, 'partial_outage');
  const lastSign = it.state.now;
  const still = away('google', began, lastSign);
  it.look(10, () => [still]);
  const back = it.look(90, () => [well('google')]);
  assert.deepEqual(
    back.map((one) => [one.to, one.since]),
    [['operational', lastSign]],
  );
  assert.equal(it.whole().state, 'operational');
});

test('C2: a share of deferrals is trouble beyond what is usual for this provider, and with enough mail', () => {
  const it = bench();
  const deferring = (deferred: number, delivered: number, usual: number): Upstream => ({
    ...well('yahoo'),
    last5: figures({ deferred, delivered, failing: deferred }),
    usual: { failingShare: usual, p95: 120 },
    trouble: { since: NOON, last: NOON, signs: deferred },
    lastServedAt: NOON + SECOND,
  });
  assert.deepEqual(
    it.look(120, () => [deferring(4, 4, 0)]),
    [],
    'too little mail',
  );
  assert.deepEqual(
    it.look(120, () => [deferring(16, 24, 0.3)]),
    [],
    'as usual',
  );
  const [change] = it.look(60, () => [deferring(20, 20, 0.05)]);
  assert.deepEqual([change?.to, change?.since], ['degraded_performance', NOON]);
});

test('C2: a server that nobody knows is not named on a page for all, and is no trouble while one sender alone meets it', () => {
  const it = bench();
  const own = { destination: 'route:relay.firm.example:25', delivered: 0, deferred: 3, bounced: 0, troubleSince: NOON };
  const alone = { ...away('tiny.example', NOON), last60: figures({ deferred: 3 }) };
  const [change, ...more] = it.look(60, () => [alone, { ...away('firm.example', NOON), destinations: [own] }]);
  assert.deepEqual(more, []);
  assert.deepEqual([change?.component, change?.layer], ['main.upstreams', 'upstream:firm.example']);
  assert.ok(!JSON.stringify(it.whole().reasons).includes('firm.example'));
});

test('C2: several unrelated providers that fail at once are our own trouble: the network, or DNS', () => {
  const it = bench();
  const all = ['google', 'apple', 'yahoo', 'docomo'];
  it.look(30, () => all.map(well));
  const began = it.state.now;
  const changes = it.look(40, (now) => all.map((one) => away(one, began, now)));
  assert.deepEqual([...new Set(changes.map(({ layer }) => layer))], ['network']);
  assert.equal(changes.length, 4);
  const [one, two, ...rest] = all.map((provider) => away(provider, began, it.state.now));
  assert.equal(
    sharedLayerOf(
      [one, two, well('sakura')].filter((each) => each !== undefined),
      it.state.now,
    ),
    null,
  );
  const ofDns = [one, two, ...rest].flatMap((each) =>
    each === undefined ? [] : [{ ...each, last5: figures({ unreachable: 5, classes: { dns: 5 } }) }],
  );
  assert.equal(sharedLayerOf(ofDns, it.state.now), 'dns');
});

test('C2: a provider of which nothing is heard any more is let go, and noise below the threshold makes nothing flap', () => {
  const it = bench();
  const began = it.state.now;
  assert.equal(it.look(60, (now) => [away('google', began, now)]).length, 1);
  const states = it.look(300, (now) => (now % 20_000 === 0 ? [away('google', began, now)] : [well('google')]));
  assert.deepEqual(states, []);
  assert.deepEqual(
    it.look(70, () => []).map(({ to }) => to),
    ['operational'],
  );
  assert.deepEqual(
    it.look(70, () => []),
    [],
  );
});
