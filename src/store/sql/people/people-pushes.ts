/** `ports/people-pushes.ts` over any database that runs batches. */
import type { Call, TenantId } from '#/model/index.ts';
import type { OpenSet, PeoplePushes, Pushed, PushedFilter, PushedKind } from '#/ports/index.ts';
import type { Batches, BatchStatement, SqlRow, SqlValue } from '../batches.ts';

/** Members of one statement: fewer repeat one, so that one statement is kept ready. */
const MEMBERS_AT_ONCE = 50;

export class SqlPeoplePushes implements PeoplePushes {
  readonly #batches: Batches;

  constructor(batches: Batches) {
    this.#batches = batches;
  }

  async insert(pushed: Pushed, most: number, call: Call): Promise<'made' | 'taken' | 'full'> {
    const { tenant, kind, id, nameKey, externalId, body, version, createdAt, changedAt } = pushed;
    const [there, , counted] = await this.#batches.run(
      [
        {
          text: `INSERT INTO push (tenant, kind, id, name_key, external_id, body, version, created_at, changed_at)
           SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 WHERE (SELECT count(*) FROM push WHERE tenant = $10 AND kind = $11) < $12
           ON CONFLICT DO NOTHING RETURNING id`,
          values: [tenant, kind, id, nameKey, externalId, body, version, createdAt, changedAt, tenant, kind, most],
        },
        opened(tenant, changedAt),
        { text: 'SELECT count(*) AS n FROM push WHERE tenant = $1 AND kind = $2', values: [tenant, kind] },
      ],
      call,
    );
    if ((there ?? []).length > 0) return 'made';
    const [row] = (counted ?? []) as unknown as readonly { readonly n: number }[];
    return (row?.n ?? 0) >= most ? 'full' : 'taken';
  }

  async replace(pushed: Pushed, expected: number, call: Call): Promise<'done' | 'taken' | 'moved'> {
    const { tenant, kind, id, nameKey, externalId, body, version, changedAt } = pushed;
    const free = `NOT EXISTS (SELECT 1 FROM push o WHERE o.tenant = $1 AND o.kind = $2 AND o.name_key = $4 AND o.id <> $3)`;
    const [done, , now] = await this.#batches.run(
      [
        {
          text: `UPDATE push SET name_key = $4, external_id = $5, body = $6, version = $7, changed_at = $8
           WHERE tenant = $1 AND kind = $2 AND id = $3 AND version = $9 AND ${free} RETURNING id`,
          values: [tenant, kind, id, nameKey, externalId, body, version, changedAt, expected],
        },
        opened(tenant, changedAt),
        {
          text: 'SELECT version FROM push WHERE tenant = $1 AND kind = $2 AND id = $3',
          values: [tenant, kind, id],
        },
      ],
      call,
    );
    if ((done ?? []).length > 0) return 'done';
    const [row] = (now ?? []) as unknown as readonly { readonly version: number }[];
    return row?.version === expected ? 'taken' : 'moved';
  }

  async remove(tenant: TenantId, kind: PushedKind, id: string, now: number, call: Call): Promise<boolean> {
    const [, gone] = await this.#batches.run(
      [
        { text: 'DELETE FROM push_member WHERE tenant = $1 AND (member = $2 OR member_of = $2)', values: [tenant, id] },
        {
          text: 'DELETE FROM push WHERE tenant = $1 AND kind = $2 AND id = $3 RETURNING id',
          values: [tenant, kind, id],
        },
        opened(tenant, now),
      ],
      call,
    );
    return (gone ?? []).length > 0;
  }

  async read(tenant: TenantId, kind: PushedKind, id: string, call: Call): Promise<Pushed | null> {
    const [row] = await this.#rows(`${PUSHED} WHERE tenant = $1 AND kind = $2 AND id = $3`, [tenant, kind, id], call);
    return row === undefined ? null : pushedOf(row as unknown as PushedRow);
  }

  async list(
    tenant: TenantId,
    kind: PushedKind,
    { id, nameKey, externalId }: PushedFilter,
    { offset, limit }: { readonly offset: number; readonly limit: number },
    call: Call,
  ): Promise<{ readonly total: number; readonly found: readonly Pushed[] }> {
    const given = Object.entries({ id, name_key: nameKey, external_id: externalId }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    const where = ['tenant = $1', 'kind = $2', ...given.map(([column], i) => `${column} = $${i + 3}`)].join(' AND ');
    const values: SqlValue[] = [tenant, kind, ...given.map(([, value]) => value)];
    const next = values.length + 1;
    const [counted, rows] = await this.#batches.run(
      [
        { text: `SELECT count(*) AS n FROM push WHERE ${where}`, values },
        {
          text: `${PUSHED} WHERE ${where} ORDER BY id LIMIT $${next} OFFSET $${next + 1}`,
          values: [...values, limit, offset],
        },
      ],
      call,
    );
    const [row] = (counted ?? []) as unknown as readonly { readonly n: number }[];
    return { total: row?.n ?? 0, found: ((rows ?? []) as unknown as readonly PushedRow[]).map(pushedOf) };
  }

  async after(
    tenant: TenantId,
    kind: PushedKind,
    after: string,
    limit: number,
    call: Call,
  ): Promise<readonly Pushed[]> {
    const text = `${PUSHED} WHERE tenant = $1 AND kind = $2 AND id > $3 ORDER BY id LIMIT $4`;
    const rows = (await this.#rows(text, [tenant, kind, after, limit], call)) as unknown as readonly PushedRow[];
    return rows.map(pushedOf);
  }

  async members(tenant: TenantId, group: string, call: Call): Promise<readonly string[]> {
    const text = 'SELECT member FROM push_member WHERE tenant = $1 AND member_of = $2 ORDER BY member';
    const rows = await this.#rows(text, [tenant, group], call);
    return (rows as unknown as readonly { readonly member: string }[]).map(({ member }) => member);
  }

  async changeMembers(
    tenant: TenantId,
    group: string,
    change: { readonly out: readonly string[] | null; readonly in: readonly string[] },
    now: number,
    call: Call,
  ): Promise<void> {
    const out: readonly BatchStatement[] =
      change.out === null
        ? [{ text: 'DELETE FROM push_member WHERE tenant = $1 AND member_of = $2', values: [tenant, group] }]
        : change.out.toSorted(byText).map((member) => ({
            text: 'DELETE FROM push_member WHERE tenant = $1 AND member_of = $2 AND member = $3',
            values: [tenant, group, member],
          }));
    await this.#batches.run([...out, ...membersIn(tenant, group, change.in), opened(tenant, now)], call);
  }

  async open(call: Call): Promise<readonly OpenSet[]> {
    const text = 'SELECT tenant, first_at, last_at FROM push_open WHERE first_at IS NOT NULL ORDER BY tenant';
    const rows = (await this.#rows(text, [], call)) as unknown as readonly OpenRow[];
    return rows.map((row) => ({ tenant: row.tenant, firstAt: row.first_at, lastAt: row.last_at }));
  }

  async taken(tenant: TenantId, lastAt: number, call: Call): Promise<void> {
    await this.#rows(
      'UPDATE push_open SET first_at = NULL WHERE tenant = $1 AND last_at <= $2',
      [tenant, lastAt],
      call,
    );
  }

  async allow(tenant: TenantId, hash: string | null, by: string, now: number, call: Call): Promise<void> {
    const text = `INSERT INTO push_secret (tenant, hash, by, at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tenant) DO UPDATE SET hash = excluded.hash, by = excluded.by, at = excluded.at`;
    await this.#rows(text, [tenant, hash, by, now], call);
  }

  async secretOf(tenant: TenantId, call: Call): Promise<string | null> {
    const [row] = await this.#rows('SELECT hash FROM push_secret WHERE tenant = $1', [tenant], call);
    return (row as unknown as { readonly hash: string | null } | undefined)?.hash ?? null;
  }

  async #rows(text: string, values: readonly SqlValue[], call: Call): Promise<readonly SqlRow[]> {
    const [rows] = await this.#batches.run([{ text, values }], call);
    return rows ?? [];
  }
}

const PUSHED = 'SELECT tenant, kind, id, name_key, external_id, body, version, created_at, changed_at FROM push';

interface PushedRow {
  readonly tenant: TenantId;
  readonly kind: PushedKind;
  readonly id: string;
  readonly name_key: string;
  readonly external_id: string;
  readonly body: string;
  readonly version: number;
  readonly created_at: number;
  readonly changed_at: number;
}

interface OpenRow {
  readonly tenant: TenantId;
  readonly first_at: number;
  readonly last_at: number;
}

function pushedOf(row: PushedRow): Pushed {
  const { tenant, kind, id, body, version } = row;
  return {
    ...{ tenant, kind, id, nameKey: row.name_key, externalId: row.external_id, body, version },
    ...{ createdAt: row.created_at, changedAt: row.changed_at },
  };
}

function opened(tenant: TenantId, at: number): BatchStatement {
  return {
    text: `INSERT INTO push_open (tenant, first_at, last_at) VALUES ($1, $2, $2)
     ON CONFLICT (tenant) DO UPDATE SET first_at = coalesce(push_open.first_at, excluded.first_at),
       last_at = CASE WHEN push_open.last_at < excluded.last_at THEN excluded.last_at ELSE push_open.last_at END`,
    values: [tenant, at],
  };
}

/** Each in one order, so that two that change the same never wait for each other in a circle. */
function membersIn(tenant: TenantId, group: string, members: readonly string[]): readonly BatchStatement[] {
  const sorted = [...new Set(members)].sort(byText);
  const statements: BatchStatement[] = [];
  for (let from = 0; from < sorted.length; from += MEMBERS_AT_ONCE) {
    const some = sorted.slice(from, from + MEMBERS_AT_ONCE);
    const padded = Array.from({ length: MEMBERS_AT_ONCE }, (_, i) => some[Math.min(i, some.length - 1)] ?? '');
    statements.push({ text: ADD_MEMBERS, values: [tenant, group, ...padded] });
  }
  return statements;
}

const ADD_MEMBERS = `INSERT INTO push_member (tenant, member_of, member)
  SELECT $1, $2, m FROM (${Array.from({ length: MEMBERS_AT_ONCE }, (_, i) => `SELECT CAST($${i + 3} AS text) AS m`).join(' UNION ')}) many
  WHERE true ON CONFLICT DO NOTHING`;

function byText(one: string, other: string): number {
  return one < other ? -1 : 1;
}
