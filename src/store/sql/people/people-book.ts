/** `ports/people-book.ts` over any database that runs batches, which it closes. */
import { type Call, Fault, type TenantId } from '#/model/index.ts';
import {
  PARTS_PER_CALL,
  type PeopleBook,
  type PeopleEntry,
  type PeopleIndex,
  type PeoplePart,
  type PeopleStand,
  type PruneBounds,
} from '#/ports/index.ts';
import type { Batches, BatchStatement, SqlRow, SqlValue } from '../batches.ts';
import { SqlPeoplePushes } from './people-pushes.ts';

const HASH_OCTETS = 32;
/** Fewer repeat one, so that few different statements are kept ready. */
const WIDTHS = [1, 8, PARTS_PER_CALL] as const;

export class SqlPeopleBook implements PeopleBook {
  readonly pushes: SqlPeoplePushes;
  readonly #batches: Batches;

  constructor(batches: Batches) {
    this.#batches = batches;
    this.pushes = new SqlPeoplePushes(batches);
  }

  async present(tenant: TenantId, hashes: readonly string[], now: number, call: Call): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (const some of slicesOf(hashes)) {
      const text = `UPDATE people_part SET touched_at = $2 WHERE tenant = $1 AND hash IN (${marks(some.length, 3)}) RETURNING hash`;
      const rows = await this.#rows(text, [tenant, now, ...padded(some)], call);
      for (const { hash } of rows as unknown as readonly { readonly hash: string }[]) found.add(hash);
    }
    return found;
  }

  async keep(tenant: TenantId, parts: readonly PeoplePart[], now: number, call: Call): Promise<void> {
    // In one order everywhere, so that two loaders of the same parts never wait for each other in a circle.
    const sorted = parts.toSorted((one, other) => (one.hash < other.hash ? -1 : 1));
    if (sorted.length === 0) return;
    await this.#batches.run(
      sorted.map(({ hash, octets }) => ({
        text: `INSERT INTO people_part (tenant, hash, octets, touched_at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (tenant, hash) DO UPDATE SET touched_at = excluded.touched_at`,
        values: [tenant, hash, octets, now],
      })),
      call,
    );
  }

  async parts(tenant: TenantId, hashes: readonly string[], call: Call): Promise<readonly (Uint8Array | null)[]> {
    if (hashes.length > PARTS_PER_CALL) throw new TypeError('More parts than one call carries.');
    if (hashes.length === 0) return [];
    const asked = padded(hashes);
    const text = `SELECT hash, octets FROM people_part WHERE tenant = $1 AND hash IN (${marks(hashes.length, 2)})`;
    const rows = await this.#rows(text, [tenant, ...asked], call);
    const found = new Map((rows as unknown as readonly PeoplePart[]).map(({ hash, octets }) => [hash, octets]));
    return hashes.map((hash) => found.get(hash) ?? null);
  }

  async add(entry: PeopleEntry, index: PeopleIndex, call: Call): Promise<void> {
    const { tenant, id, source, at, by, people, groups, attributes, refused, remarks } = entry;
    await this.#rows(
      `INSERT INTO people_generation
         (tenant, id, source, at, by, people, groups, attributes, refused, remarks, people_parts, group_parts, photos, used_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $4)
       ON CONFLICT (tenant, id) DO UPDATE SET used_at = excluded.used_at WHERE people_generation.used_at < excluded.used_at`,
      [
        ...[tenant, id, source, at, by, people, groups, JSON.stringify(attributes), JSON.stringify(refused)],
        ...[JSON.stringify(remarks), octetsOf(index.people), octetsOf(index.groups), octetsOf(index.photos)],
      ],
      call,
    );
  }

  async serve(tenant: TenantId, expected: string | null, stand: PeopleStand, call: Call): Promise<boolean> {
    const { current, since, by, reason, before, confirmedAt, trouble } = stand;
    const asked = [tenant, current, since, by, reason, before, confirmedAt, trouble];
    // A null equals nothing: it is compared as a word that is no id.
    const same = `coalesce(people_stand.serves, '') = CAST($9 AS text)`;
    const there = `(CAST($2 AS text) IS NULL OR EXISTS (SELECT 1 FROM people_generation WHERE tenant = $1 AND id = $2))`;
    const used = `UPDATE people_generation SET used_at = $2 WHERE tenant = $1 AND id IN ($3, $4) AND used_at < $2`;
    const [, switched] = await this.#batches.run(
      [
        { text: used, values: [tenant, since, current, expected] },
        {
          text: `INSERT INTO people_stand (tenant, serves, since, by, reason, before, confirmed_at, trouble)
           SELECT $1, $2, CAST($3 AS bigint), $4, $5, $6, CAST($7 AS bigint), $8 WHERE ${there}
             AND (CAST($9 AS text) = '' OR EXISTS (SELECT 1 FROM people_stand WHERE tenant = $1))
           ON CONFLICT (tenant) DO UPDATE SET serves = excluded.serves, since = excluded.since, by = excluded.by,
             reason = excluded.reason, before = excluded.before, confirmed_at = excluded.confirmed_at, trouble = excluded.trouble
           WHERE ${same} RETURNING tenant`,
          values: [...asked, expected ?? ''],
        },
      ],
      call,
    );
    return (switched ?? []).length > 0;
  }

  async tried(tenant: TenantId, at: number, trouble: string | null, call: Call): Promise<void> {
    const text =
      trouble === null
        ? 'UPDATE people_stand SET confirmed_at = $2, trouble = NULL WHERE tenant = $1 AND confirmed_at < $2'
        : 'UPDATE people_stand SET trouble = $2 WHERE tenant = $1';
    await this.#rows(text, [tenant, trouble ?? at], call);
  }

  async stand(tenant: TenantId, call: Call): Promise<PeopleStand | null> {
    const [row] = await this.#rows(`${STAND} WHERE tenant = $1`, [tenant], call);
    return row === undefined ? null : standOf(row as unknown as StandRow);
  }

  async stands(call: Call): Promise<readonly (PeopleStand & { readonly tenant: TenantId })[]> {
    const rows = (await this.#rows(`${STAND} ORDER BY tenant`, [], call)) as unknown as readonly StandRow[];
    return rows.map((row) => ({ ...standOf(row), tenant: row.tenant as TenantId }));
  }

  async find(
    tenant: TenantId,
    id: string,
    call: Call,
  ): Promise<{ readonly entry: PeopleEntry; readonly index: PeopleIndex } | null> {
    const text = `SELECT ${ENTRY}, people_parts, group_parts, photos FROM people_generation WHERE tenant = $1 AND id = $2`;
    const [row] = (await this.#rows(text, [tenant, id], call)) as unknown as readonly (EntryRow & IndexRow)[];
    return row === undefined ? null : { entry: entryOf(row), index: indexOf(row) };
  }

  async list(tenant: TenantId, limit: number, call: Call): Promise<readonly PeopleEntry[]> {
    const text = `SELECT ${ENTRY} FROM people_generation WHERE tenant = $1 ORDER BY at DESC, id DESC LIMIT $2`;
    const rows = (await this.#rows(text, [tenant, limit], call)) as unknown as readonly EntryRow[];
    return rows.map(entryOf);
  }

  async prune(
    tenant: TenantId,
    { keep, before, unusedSince }: PruneBounds,
    call: Call,
  ): Promise<{ readonly generations: number; readonly parts: number }> {
    const doomed = `DELETE FROM people_generation WHERE tenant = $1 AND used_at < $2
       AND id NOT IN (SELECT id FROM people_generation WHERE tenant = $1 ORDER BY used_at DESC, id DESC LIMIT $3)
       AND NOT EXISTS (SELECT 1 FROM people_stand s WHERE s.tenant = $1 AND s.serves = people_generation.id) RETURNING id`;
    const gone = await this.#rows(doomed, [tenant, before, keep], call);
    const named = await this.#named(tenant, call);
    const old = 'SELECT hash FROM people_part WHERE tenant = $1 AND touched_at < $2';
    const rows = (await this.#rows(old, [tenant, unusedSince], call)) as unknown as readonly {
      readonly hash: string;
    }[];
    const unused = rows.map(({ hash }) => hash).filter((hash) => !named.has(hash));
    let parts = 0;
    for (const some of slicesOf(unused)) {
      const text = `DELETE FROM people_part WHERE tenant = $1 AND touched_at < $2 AND hash IN (${marks(some.length, 3)}) RETURNING hash`;
      parts += (await this.#rows(text, [tenant, unusedSince, ...padded(some)], call)).length;
    }
    return { generations: gone.length, parts };
  }

  async tenants(call: Call): Promise<readonly TenantId[]> {
    const rows = await this.#rows('SELECT DISTINCT tenant FROM people_part ORDER BY tenant', [], call);
    return (rows as unknown as readonly { readonly tenant: TenantId }[]).map(({ tenant }) => tenant);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#batches[Symbol.asyncDispose]();
  }

  /** Hashes that a generation names; one index is read at a time, since there may be many. */
  async #named(tenant: TenantId, call: Call): Promise<ReadonlySet<string>> {
    const ids = await this.#rows('SELECT id FROM people_generation WHERE tenant = $1', [tenant], call);
    const named = new Set<string>();
    for (const { id } of ids as unknown as readonly { readonly id: string }[]) {
      const found = await this.find(tenant, id, call);
      if (found === null) continue;
      for (const hash of [...found.index.people, ...found.index.groups, ...found.index.photos]) named.add(hash);
    }
    return named;
  }

  async #rows(text: string, values: readonly SqlValue[], call: Call): Promise<readonly SqlRow[]> {
    const statement: BatchStatement = { text, values };
    const [rows] = await this.#batches.run([statement], call);
    return rows ?? [];
  }
}

const ENTRY = 'tenant, id, source, at, by, people, groups, attributes, refused, remarks';
const STAND = 'SELECT tenant, serves, since, by, reason, before, confirmed_at, trouble FROM people_stand';

interface EntryRow extends Omit<PeopleEntry, 'attributes' | 'refused' | 'remarks'> {
  readonly attributes: string;
  readonly refused: string;
  readonly remarks: string;
}

interface IndexRow {
  readonly people_parts: Uint8Array;
  readonly group_parts: Uint8Array;
  readonly photos: Uint8Array;
}

interface StandRow {
  readonly tenant: string;
  readonly serves: string | null;
  readonly since: number;
  readonly by: string;
  readonly reason: string | null;
  readonly before: string | null;
  readonly confirmed_at: number;
  readonly trouble: string | null;
}

function entryOf(row: EntryRow): PeopleEntry {
  const { tenant, id, source, at, by, people, groups } = row;
  return {
    ...{ tenant, id, source, at, by, people, groups },
    attributes: JSON.parse(row.attributes) as Record<string, number>,
    refused: JSON.parse(row.refused) as string[],
    remarks: JSON.parse(row.remarks) as string[],
  };
}

function indexOf(row: IndexRow): PeopleIndex {
  return { people: hashesIn(row.people_parts), groups: hashesIn(row.group_parts), photos: hashesIn(row.photos) };
}

function standOf(row: StandRow): PeopleStand {
  const { since, by, reason, before, trouble } = row;
  return { current: row.serves, since, by, reason, before, confirmedAt: row.confirmed_at, trouble };
}

function octetsOf(hashes: readonly string[]): Uint8Array {
  const octets = Buffer.from(hashes.join(''), 'hex');
  if (octets.length !== hashes.length * HASH_OCTETS) throw new Fault('store.failed', 'A hash of a part is none.');
  return octets;
}

function hashesIn(octets: Uint8Array): string[] {
  const hex = Buffer.from(octets).toString('hex');
  return Array.from({ length: octets.length / HASH_OCTETS }, (_, i) =>
    hex.slice(i * 2 * HASH_OCTETS, (i + 1) * 2 * HASH_OCTETS),
  );
}

function* slicesOf(hashes: readonly string[]): Iterable<readonly string[]> {
  for (let from = 0; from < hashes.length; from += PARTS_PER_CALL) yield hashes.slice(from, from + PARTS_PER_CALL);
}

function widthOf(count: number): number {
  return WIDTHS.find((width) => width >= count) ?? PARTS_PER_CALL;
}

function padded(some: readonly string[]): readonly string[] {
  return Array.from({ length: widthOf(some.length) }, (_, i) => some[Math.min(i, some.length - 1)] ?? '');
}

function marks(count: number, first: number): string {
  return Array.from({ length: widthOf(count) }, (_, i) => `$${first + i}`).join(', ');
}
