import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFaults, PAGE } from './checks/faults.ts';
import { formatMetrics, METRICS_PAGE } from './lib/metrics-page.ts';
import { formatSettings, SETTINGS_PAGE } from './lib/settings-page.ts';
import { textOf } from './lib/tree.ts';

test('design 5: docs/settings.md says what the declarations say', () => {
  assert.equal(textOf(SETTINGS_PAGE), formatSettings(), 'run tools/docs.ts');
});

test('design 5: docs/metrics.md names what the source counts and measures', () => {
  assert.equal(textOf(METRICS_PAGE), formatMetrics(), 'run tools/docs.ts');
});

test('house: docs/faults.md says what the table of faults says', async () => {
  assert.equal(textOf(PAGE), await formatFaults(), 'run tools/docs.ts');
});
