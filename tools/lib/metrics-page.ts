/** docs/metrics.md, from the places in src that make a counter, gauge or histogram. */
import { sourcesOf, textOf } from './tree.ts';

/** The page that is made from them. */
export const METRICS_PAGE = 'docs/metrics.md';

export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
}

const MADE = /\.(counter|gauge|histogram)\(\s*'(holdfast_[a-z0-9_]+)',\s*'((?:[^'\\]|\\.)*)'/g;

const HEAD = [
  '# Metrics',
  '',
  'What `GET /metrics` on the admin port shows, in the Prometheus text format. Written from the source by `tools/docs.ts`.',
  'Names are kept from release to release; one that goes is named in CHANGELOG.md a release before.',
  '',
  'Each sample has the label `process` (`gate+deliver`, `inspect-2`, `steward`, …): sum over it. In an installation of cells it has `cell` too. No label holds an address, a subject or the name of a rule. A histogram has `_bucket`, `_sum` and `_count`.',
  '',
  'Alert rules and a dashboard that use them: `packaging/monitoring/`; how to put them in: [the handbook](handbook/monitoring.md).',
];

/** All of them by name. One name is made with one help text and one type wherever it is made. */
export function metricsOf(): readonly Metric[] {
  const found = new Map<string, Metric>();
  for (const file of sourcesOf('src').filter((name) => !name.endsWith('.test.ts'))) {
    for (const [, type, name = '', help = ''] of textOf(file).matchAll(MADE)) {
      const metric: Metric = { name, type: type as Metric['type'], help: help.replace(/\\(.)/g, '$1') };
      const known = found.get(name) ?? metric;
      if (known.type !== metric.type || known.help !== metric.help) throw new Error(`${name} is two things: ${file}`);
      found.set(name, metric);
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The whole page: a table for each word behind `holdfast_`. */
export function formatMetrics(): string {
  const parts = Map.groupBy(metricsOf(), ({ name }) => name.split('_')[1] ?? '');
  const tables = [...parts].flatMap(([part, metrics]) => ['', `## ${part}`, ...TABLE, ...metrics.map(formatMetric)]);
  return `${[...HEAD, ...tables].join('\n')}\n`;
}

const TABLE = ['| name | type | meaning |', '|---|---|---|'];

function formatMetric({ name, type, help }: Metric): string {
  return `| \`${name}\` | ${type} | ${help} |`;
}
