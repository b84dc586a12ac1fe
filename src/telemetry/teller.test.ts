/** What a collector hears, asked over HTTP, of mails in a real keeper of custody. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimOfAccepted, DELIVERED, mail, StandingClock, settlementOf, soon, worker } from '#/store/contract/index.ts';
import { openMemoryCustody } from '#/store/index.ts';
import { FakeLog, startCollector } from '#/testkit/index.ts';
import { isSampled, SpanTeller, TELEMETRY_LIMITS, traceIdOf } from './index.ts';

const WAY_MS = 1_000;
const HEX = { trace: /^[0-9a-f]{32}$/, span: /^[0-9a-f]{16}$/ };
const WORKER = worker('1');
/** As the keeper in memory names it. */
const host = 'localhost';
const { release } = WORKER;
const NO_METER = { counter: () => ({ add: () => {} }) };

async function world(statuses: number[] = [], sample = 1) {
  const clock = new StandingClock();
  const custody = openMemoryCustody({ clock });
  await custody.enlist(WORKER, soon());
  const collector = await startCollector(statuses);
  const log = new FakeLog();
  const settings = { url: collector.url, authorization: 'Bearer x', host, release, sample };
  const teller = new SpanTeller({ journal: custody, clock, log, meter: NO_METER }, settings);
  /** A mail that was taken, and delivered a minute later. */
  const delivered = async (): Promise<string> => {
    const one = mail(clock);
    await custody.accept([one], WORKER.id, soon());
    clock.ms += WAY_MS;
    await custody.settle(settlementOf(claimOfAccepted(one), DELIVERED), WORKER.id, soon());
    clock.ms += TELEMETRY_LIMITS.behindMs + 1;
    return one.id;
  };
  const all = async (): Promise<void> => {
    while (await teller.step());
  };
  return { clock, custody, collector, log, teller, delivered, all };
}

test('design 5: a mail is one trace, with a span for each event and one around them when all has ended', async () => {
  const { collector, delivered, all } = await world();
  await using _ = collector;
  const id = await delivered();
  await all();
  const spans = collector.spans();
  assert.deepEqual(new Set(spans.map(({ traceId }) => traceId)), new Set([traceIdOf(id as never)]));
  assert.ok(spans.every(({ traceId, spanId }) => HEX.trace.test(traceId) && HEX.span.test(spanId)));
  assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, spans.length);
  const whole = spans.find(({ name }) => name === 'message');
  assert.ok(whole !== undefined && spans.length > 2);
  const others = spans.filter((span) => span !== whole);
  assert.ok(others.every(({ parentSpanId }) => parentSpanId === whole.spanId));
  assert.ok(others.some(({ name }) => name === 'deliver delivered'));
  const lastsMs = (BigInt(whole.endTimeUnixNano) - BigInt(whole.startTimeUnixNano)) / 1_000_000n;
  assert.equal(lastsMs, BigInt(WAY_MS));
  assert.ok(spans.every((span) => BigInt(span.startTimeUnixNano) <= BigInt(span.endTimeUnixNano)));
  const [first] = collector.heard;
  assert.deepEqual([first?.path, first?.authorization, first?.service], ['/v1/traces', 'Bearer x', 'holdfast']);
});

test('design 6: no address and no subject is told, not even of the person who acted', async () => {
  const { collector, custody, clock, delivered, all } = await world();
  await using _ = collector;
  await delivered();
  const other = mail(clock);
  await custody.accept([other], null, soon());
  await custody.act({ kind: 'drop', reason: 'no' }, { ids: [other.id] }, 'eve@acme.test', 9, soon());
  clock.ms += TELEMETRY_LIMITS.behindMs + 1;
  await all();
  const said = JSON.stringify(collector.spans());
  assert.match(said, /"deliver discarded".*"person"/);
  assert.doesNotMatch(said, /@|[Ss]ubject/);
});

test('B6: a collector that is away loses nothing, is told once it is back, and hears no event twice under two names', async () => {
  const { collector, delivered, teller, all } = await world([503, 200, 503]);
  await using _ = collector;
  await delivered();
  await assert.rejects(teller.step(), /503: not now/);
  await all();
  const before = collector.spans().length;
  await delivered();
  await assert.rejects(all(), /503/);
  await all();
  const ids = collector.spans().map(({ spanId }) => spanId);
  assert.ok(before > 2 && ids.length === 2 * before);
  assert.equal(new Set(ids).size, ids.length);
});

test('B6: what a collector refuses for good is named and left out, and so is what is older than anybody looks at', async () => {
  const { collector, clock, delivered, teller, all, log } = await world([400]);
  await using _ = collector;
  await delivered();
  await all();
  await delivered();
  clock.ms += 2 * TELEMETRY_LIMITS.lagMs;
  await teller.step();
  assert.deepEqual(collector.spans(), []);
  const events = log.lines.map(({ event }) => event);
  assert.ok(events.includes('telemetry.refused') && events.includes('telemetry.left-out'));
});

test('design 5: the same share of messages is told on every host, whoever asks', () => {
  const ids = Array.from({ length: 4_000 }, (_, i) => `M${i}` as never);
  const told = ids.filter((id) => isSampled(id, 0.25));
  assert.ok(told.length > 800 && told.length < 1_200, String(told.length));
  assert.ok(told.every((id) => isSampled(id, 0.5)));
  assert.ok(ids.every((id) => isSampled(id, 1) && !isSampled(id, 0)));
});
