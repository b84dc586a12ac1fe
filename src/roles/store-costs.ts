/** What writing costs, for `/metrics`: M3 is a promise about statements, and they are counted by the call that runs them. */
import type { ProcessMeter } from '#/log/index.ts';
import type { WriteCosts } from './stores.ts';

/** `costs` is asked at each look: a store that was opened again counts from nothing, and the figures go on. */
export function meterCosts(costs: () => WriteCosts | null, meter: ProcessMeter): void {
  const statements = meter.counter('holdfast_store_statements_total', 'Statements that wrote custody, by call.');
  const commits = meter.counter('holdfast_store_commits_total', 'Groups of calls that were committed together.');
  let told = { of: costs(), commits: 0, statements: new Map<string, number>() };
  meter.beforeExposition(() => {
    const now = costs();
    if (now === null) return;
    if (now !== told.of) told = { of: now, commits: 0, statements: new Map() };
    commits.add(now.commits - told.commits);
    told.commits = now.commits;
    for (const [call, count] of now.statements) {
      statements.add(count - (told.statements.get(call) ?? 0), { call });
      told.statements.set(call, count);
    }
  });
}
