/** `ports/domain-keys.ts` over any database that runs batches. */
import type { Call, Domain, TenantId } from '#/model/index.ts';
import type { DomainKey, DomainKeyAlgorithm, DomainKeyName, DomainKeys } from '#/ports/index.ts';
import type { Batches, BatchStatement, SqlRow } from '../batches.ts';

const NAMED = 'tenant = $1 AND domain = $2 AND selector = $3';

export class SqlDomainKeys implements DomainKeys {
  readonly #batches: Pick<Batches, 'run'>;

  constructor(batches: Pick<Batches, 'run'>) {
    this.#batches = batches;
  }

  async list(tenant: TenantId, call: Call): Promise<readonly DomainKey[]> {
    const text = 'SELECT * FROM domain_key WHERE tenant = $1 ORDER BY made_at, domain, selector';
    const [rows = []] = await this.#batches.run([{ text, values: [tenant] }], call);
    return rows.map(keyOf);
  }

  async add(key: DomainKey, call: Call): Promise<boolean> {
    const text = `INSERT INTO domain_key (tenant, domain, selector, algorithm, record, sealed, made_at, active_at, retired_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tenant, domain, selector) DO NOTHING RETURNING selector`;
    const { tenant, domain, selector, algorithm, record, sealed, madeAt, activeAt, retiredAt } = key;
    const values = [tenant, domain, selector, algorithm, record, sealed, madeAt, activeAt, retiredAt];
    return this.#changes([{ text, values }], call);
  }

  async use(key: DomainKeyName, at: number, call: Call): Promise<boolean> {
    // Those before it first, and only where it is to begin: the same condition in both.
    const waits = `EXISTS (SELECT 1 FROM domain_key AS next WHERE next.tenant = $1 AND next.domain = $2 AND next.selector = $3
      AND next.active_at IS NULL AND next.retired_at IS NULL AND next.algorithm = domain_key.algorithm)`;
    const end = `UPDATE domain_key SET retired_at = $4 WHERE tenant = $1 AND domain = $2 AND selector <> $3
      AND active_at IS NOT NULL AND retired_at IS NULL AND ${waits}`;
    const begin = `UPDATE domain_key SET active_at = $4 WHERE ${NAMED} AND active_at IS NULL AND retired_at IS NULL RETURNING selector`;
    const values = [key.tenant, key.domain, key.selector, at];
    return this.#changes(
      [
        { text: end, values },
        { text: begin, values },
      ],
      call,
    );
  }

  async retire(key: DomainKeyName, at: number, call: Call): Promise<boolean> {
    const text = `UPDATE domain_key SET retired_at = $4 WHERE ${NAMED} AND active_at IS NOT NULL AND retired_at IS NULL RETURNING selector`;
    return this.#changes([{ text, values: [key.tenant, key.domain, key.selector, at] }], call);
  }

  async remove(key: DomainKeyName, at: number, call: Call): Promise<boolean> {
    const text = `DELETE FROM domain_key WHERE ${NAMED} AND (active_at IS NULL OR retired_at <= $4) RETURNING selector`;
    return this.#changes([{ text, values: [key.tenant, key.domain, key.selector, at] }], call);
  }

  /** Whether the last statement changed something. */
  async #changes(statements: readonly BatchStatement[], call: Call): Promise<boolean> {
    const answers = await this.#batches.run(statements, call);
    return (answers.at(-1) ?? []).length > 0;
  }
}

function keyOf(row: SqlRow): DomainKey {
  return {
    ...{ tenant: row['tenant'] as TenantId, domain: row['domain'] as Domain, selector: String(row['selector']) },
    ...{ algorithm: row['algorithm'] as DomainKeyAlgorithm, record: String(row['record']) },
    sealed: row['sealed'] as Uint8Array,
    madeAt: Number(row['made_at']),
    ...{ activeAt: timeOf(row['active_at']), retiredAt: timeOf(row['retired_at']) },
  };
}

function timeOf(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}
