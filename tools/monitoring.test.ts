import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { metricsOf } from './lib/metrics-page.ts';
import { textOf } from './lib/tree.ts';

const RULES = 'packaging/monitoring/alerts.yaml';
const DASHBOARD = 'packaging/monitoring/dashboard.json';

/** Every name that a page of `/metrics` can have. */
const shown = new Set(
  metricsOf().flatMap(({ name, type }) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
);

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

for (const file of [RULES, DASHBOARD]) {
  test(`design 5: ${file} asks for nothing that /metrics does not show`, () => {
    const named = textOf(file).match(/\bholdfast_[a-z0-9_]+/g) ?? [];
    assert.ok(named.length > 0);
    assert.deepEqual([...new Set(named.filter((name) => !shown.has(name)))], []);
  });
}

test('design 5: an alert says what happened, why it matters and what to do next, and whether it wakes anybody', () => {
  const { groups } = parse(textOf(RULES)) as { groups: { rules: Rule[] }[] };
  const rules = groups.flatMap((group) => group.rules);
  assert.ok(rules.length > 0);
  assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
  for (const { alert, labels, annotations } of rules) {
    assert.match(labels['severity'] ?? '', /^(?:page|ticket)$/, alert);
    assert.ok((annotations['summary'] ?? '').length > 0 && (annotations['description'] ?? '').length > 40, alert);
  }
});

test('design 5: each panel of the dashboard has a number and a question of its own', () => {
  const { panels } = JSON.parse(textOf(DASHBOARD)) as { panels: Panel[] };
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  assert.equal(new Set(asked).size, asked.length);
});
