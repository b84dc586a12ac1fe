/** `ports/status-history.ts` over any database that runs batches. */
import type {
  Call,
  ComponentDay,
  ComponentState,
  StateChange,
  StateReason,
  TimedStage,
  UpstreamReport,
} from '#/model/index.ts';
import type { StageFigure, StatusHistory, StatusRecords } from '#/ports/index.ts';
import type { Batches, BatchStatement, SqlValue } from '../batches.ts';
import { keeping, telling, thinning } from './statements.ts';

export class SqlStatusHistory implements StatusHistory {
  readonly #batches: Batches;

  constructor(batches: Batches) {
    this.#batches = batches;
  }

  async keep(records: StatusRecords, call: Call): Promise<void> {
    const statements = keeping(records);
    if (statements.length > 0) await this.#batches.run(statements, call);
  }

  async days(from: string, call: Call): Promise<readonly ComponentDay[]> {
    const rows = await this.#rows<DayRow>(
      `SELECT component, day, state, minutes FROM status_day WHERE day >= $1
       UNION ALL
       SELECT component, day, state, count(*) AS minutes FROM status_minute WHERE day >= $1 GROUP BY component, day, state
       ORDER BY component, day, state`,
      [from],
      call,
    );
    return daysOf(rows);
  }

  async figures(region: string, since: number, call: Call): Promise<readonly StageFigure[]> {
    const rows = await this.#rows<FigureRow>(
      'SELECT stage, at, count, p50, p95 FROM status_figure WHERE region = $1 AND at >= $2 ORDER BY stage, at',
      [region, since],
      call,
    );
    return rows.map(({ stage, at, count, p50, p95 }) => ({ region, stage: stage as TimedStage, at, count, p50, p95 }));
  }

  async changes(before: number | null, limit: number, call: Call): Promise<readonly StateChange[]> {
    const rows = await this.#rows<ChangeRow>(
      `SELECT * FROM status_change ${before === null ? '' : 'WHERE at < $2'} ORDER BY at DESC, component LIMIT $1`,
      before === null ? [limit] : [limit, before],
      call,
    );
    return rows.map((row) => ({
      component: row.component,
      at: row.at,
      since: row.since,
      from: row.from_state as ComponentState,
      to: row.to_state as ComponentState,
      reasons: JSON.parse(row.reasons) as StateReason[],
    }));
  }

  async thin(dense: number, keep: number, call: Call): Promise<void> {
    await this.#batches.run(thinning(dense, keep), call);
  }

  async tellUpstreams(reports: readonly UpstreamReport[], call: Call): Promise<void> {
    if (reports.length > 0) await this.#batches.run(telling(reports), call);
  }

  async upstreams(since: number, call: Call): Promise<readonly UpstreamReport[]> {
    const rows = await this.#rows<{ readonly report: string }>(
      'SELECT report FROM upstream_report WHERE at >= $1 ORDER BY provider, reporter',
      [since],
      call,
    );
    return rows.map(({ report }) => JSON.parse(report) as UpstreamReport);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#batches[Symbol.asyncDispose]();
  }

  async #rows<Row>(text: string, values: readonly SqlValue[], call: Call): Promise<readonly Row[]> {
    const statement: BatchStatement = { text, values };
    const [rows = []] = await this.#batches.run([statement], call);
    return rows as unknown as readonly Row[];
  }
}

interface DayRow {
  readonly component: string;
  readonly day: string;
  readonly state: string;
  readonly minutes: number;
}

interface FigureRow {
  readonly stage: string;
  readonly at: number;
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
}

interface ChangeRow {
  readonly component: string;
  readonly at: number;
  readonly since: number;
  readonly from_state: string;
  readonly to_state: string;
  readonly reasons: string;
}

/** One for each component and day, of rows in that order. */
function daysOf(rows: readonly DayRow[]): readonly ComponentDay[] {
  const days = new Map<string, { component: string; day: string; minutes: Partial<Record<ComponentState, number>> }>();
  for (const { component, day, state, minutes } of rows) {
    const one = days.getOrInsertComputed(`${component} ${day}`, () => ({ component, day, minutes: {} }));
    one.minutes[state as ComponentState] = (one.minutes[state as ComponentState] ?? 0) + minutes;
  }
  return [...days.values()];
}
