import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMeter, mergeExposition } from './index.ts';

test('contract: figures are told in the text form of Prometheus', () => {
  const meter = createMeter();
  const taken = meter.counter('mails_accepted_total', 'Mails\ntaken.');
  taken.add();
  taken.add(2, { listener: 'a "quoted" \\ name\n' });
  meter.gauge('queue_depth', 'Waiting.').set(1.5);
  const seconds = meter.histogram('first_attempt_seconds', 'M2.', [0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe(value, { lane: 'x' });
  assert.equal(
    meter.exposition(),
    [
      '# HELP mails_accepted_total Mails\\ntaken.',
      '# TYPE mails_accepted_total counter',
      'mails_accepted_total 1',
      'mails_accepted_total{listener="a \\"quoted\\" \\\\ name\\n"} 2',
      '# HELP queue_depth Waiting.',
      '# TYPE queue_depth gauge',
      'queue_depth 1.5',
      '# HELP first_attempt_seconds M2.',
      '# TYPE first_attempt_seconds histogram',
      'first_attempt_seconds_bucket{lane="x",le="0.1"} 2',
      'first_attempt_seconds_bucket{lane="x",le="1"} 3',
      'first_attempt_seconds_bucket{lane="x",le="+Inf"} 4',
      'first_attempt_seconds_sum{lane="x"} 7.65',
      'first_attempt_seconds_count{lane="x"} 4',
      '',
    ].join('\n'),
  );
});

test('house: a meter refuses names that Prometheus or our own rules refuse', () => {
  const meter = createMeter();
  for (const name of ['mails', 'Mails_total', 'mails-total', '1_total'])
    assert.throws(() => meter.counter(name, ''), TypeError, name);
  assert.throws(() => meter.gauge('x_total', ''), TypeError);
  assert.throws(() => meter.gauge('x', '').set(1, { 'a-b': '' }), TypeError);
  assert.throws(() => meter.counter('y_total', '').add(-1), TypeError);
  assert.throws(() => meter.histogram('z', '', [2, 1]), TypeError);
  assert.throws(() => meter.histogram('x', '', [1]), TypeError);
});

test('B6: endless label values do not make endless memory', () => {
  const meter = createMeter();
  const counter = meter.counter('peers_total', '');
  for (let i = 0; i < 5_000; i++) counter.add(1, { peer: `p${i}` });
  const lines = meter.exposition().split('\n');
  assert.ok(lines.length < 2_010);
  assert.ok(lines.includes('peers_total{label="other"} 3000'));
});

test('house: gauges may be measured when somebody looks', () => {
  const meter = createMeter();
  const gauge = meter.gauge('open_files', '');
  let now = 3;
  meter.beforeExposition(() => gauge.set(now));
  assert.match(meter.exposition(), /open_files 3\n/);
  now = 4;
  assert.match(meter.exposition(), /open_files 4\n/);
});

test('contract: the pages of several processes become one, each sample with its process', () => {
  const [gate, janitor] = [createMeter(), createMeter()];
  for (const meter of [gate, janitor]) meter.counter('starts_total', 'Starts.').add();
  gate.histogram('wait_seconds', 'Waits.', [1]).observe(0.5, { lane: '{a} b' });
  gate.gauge('wait_seconds_count_of_all', 'Another.').set(1);
  const merged = mergeExposition([
    { labels: { role: 'gate+deliver' }, text: gate.exposition() },
    { labels: { role: 'janitor' }, text: `${janitor.exposition()}nonsense { line\n` },
  ]);
  assert.equal(
    merged,
    [
      '# HELP starts_total Starts.',
      '# TYPE starts_total counter',
      'starts_total{role="gate+deliver"} 1',
      'starts_total{role="janitor"} 1',
      '# HELP wait_seconds Waits.',
      '# TYPE wait_seconds histogram',
      'wait_seconds_bucket{role="gate+deliver",lane="{a} b",le="1"} 1',
      'wait_seconds_bucket{role="gate+deliver",lane="{a} b",le="+Inf"} 1',
      'wait_seconds_sum{role="gate+deliver",lane="{a} b"} 0.5',
      'wait_seconds_count{role="gate+deliver",lane="{a} b"} 1',
      '# HELP wait_seconds_count_of_all Another.',
      '# TYPE wait_seconds_count_of_all gauge',
      'wait_seconds_count_of_all{role="gate+deliver"} 1',
      '',
    ].join('\n'),
  );
});
