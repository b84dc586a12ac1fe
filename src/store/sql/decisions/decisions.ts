/** `ports/decisions.ts` over any database that runs batches. */
import type { Call, MailId, TenantId } from '#/model/index.ts';
import type { DecisionFilter, Decisions, FoundDecision, HeldDecision } from '#/ports/index.ts';
import type { Batches, BatchStatement, SqlRow, SqlValue } from '../batches.ts';

/** 2^53 has 16 digits: places are ordered as texts. */
const TIME_DIGITS = 16;

export class SqlDecisions implements Decisions {
  readonly #batches: Pick<Batches, 'run'>;

  constructor(batches: Pick<Batches, 'run'>) {
    this.#batches = batches;
  }

  async note(decisions: readonly HeldDecision[], keptMs: number, call: Call): Promise<void> {
    if (decisions.length === 0) return;
    const newest = Math.max(...decisions.map(({ at }) => at));
    const forget = { text: 'DELETE FROM held_decision WHERE at < $1', values: [newest - keptMs] };
    await this.#batches.run([...decisions.map(noting), forget], call);
  }

  async list(
    { tenant, person, since }: DecisionFilter,
    after: string | null,
    limit: number,
    call: Call,
  ): Promise<readonly FoundDecision[]> {
    const values: SqlValue[] = [since];
    const conditions = ['at >= $1'];
    for (const [sql, value] of [
      ['tenant =', tenant],
      ['person =', person],
      ['place <', after ?? undefined],
    ] as const) {
      if (value === undefined) continue;
      values.push(value);
      conditions.push(`${sql} $${values.length}`);
    }
    values.push(limit);
    const text = `SELECT tenant, person, message, at, place FROM held_decision WHERE ${conditions.join(' AND ')}
      ORDER BY place DESC LIMIT $${values.length}`;
    const [rows = []] = await this.#batches.run([{ text, values }], call);
    return rows.map(foundOf);
  }

  async erase(person: string, call: Call): Promise<number> {
    const text = 'DELETE FROM held_decision WHERE person = $1 RETURNING place';
    const [rows = []] = await this.#batches.run([{ text, values: [person] }], call);
    return rows.length;
  }
}

function noting({ tenant, person, message, at }: HeldDecision): BatchStatement {
  const place = `${String(at).padStart(TIME_DIGITS, '0')} ${message} ${person}`;
  const text = `INSERT INTO held_decision (tenant, person, message, at, place) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (tenant, person, message) DO UPDATE SET at = excluded.at, place = excluded.place`;
  return { text, values: [tenant, person, message, at, place] };
}

function foundOf(row: SqlRow): FoundDecision {
  const { tenant, person, message, place } = row;
  return {
    ...{ tenant: tenant as TenantId, person: String(person), message: message as MailId },
    ...{ at: Number(row['at']), place: String(place) },
  };
}
