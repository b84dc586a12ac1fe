/** `ports/past-mails.ts` over any database that runs batches. Each batch is sealed under the key of its day, as mail in custody is. */
import { type Call, Fault, type TenantId } from '#/model/index.ts';
import type { PastBatch, PastBounds, PastMails, ReadBatch } from '#/ports/index.ts';
import { isKeyDay, type KeyRing, openBody, sealBody } from '../../keys/index.ts';
import type { Batches, BatchStatement, SqlRow, SqlValue } from '../batches.ts';

interface BatchRow {
  readonly id: string;
  readonly tenant: string;
  readonly from_at: number;
  readonly to_at: number;
  readonly mails: number;
  readonly missed: number;
  readonly day: string;
  readonly sealed: Uint8Array;
}

/** Of its bounds a tenant keeps so much when the oldest go, so that there is room until the next time. */
const LEFT = 7 / 8;

export class SqlPastMails implements PastMails {
  readonly #batches: Batches;
  readonly #ring: Pick<KeyRing, 'sealing' | 'opening'>;

  constructor(batches: Batches, ring: Pick<KeyRing, 'sealing' | 'opening'>) {
    this.#batches = batches;
    this.#ring = ring;
  }

  async keep({ id, tenant, from, to, mails, missed, content }: PastBatch, bounds: PastBounds, call: Call) {
    const { day, key } = await this.#ring.sealing(to);
    const sealed = sealBody(key, sealName(id, tenant), [content]);
    const [, there] = await this.#batches.run(
      [
        statement(
          `INSERT INTO past_batch (id, tenant, from_at, to_at, mails, missed, bytes, day, sealed)
           SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
           WHERE (SELECT count(*) FROM past_batch WHERE tenant = $10) < $11
             AND (SELECT coalesce(sum(bytes), 0) FROM past_batch WHERE tenant = $10) <= $12
           ON CONFLICT (id) DO NOTHING`,
          ...[id, tenant, from, to, mails, missed, sealed.length, day, sealed],
          ...[tenant, bounds.batches, bounds.bytes - sealed.length],
        ),
        statement('SELECT id FROM past_batch WHERE id = $1', id),
      ],
      call,
    );
    return there?.length === 1;
  }

  async read(
    tenant: TenantId,
    since: number,
    before: string | null,
    limit: number,
    call: Call,
  ): Promise<readonly ReadBatch[]> {
    const [rows = []] = await this.#batches.run(
      [
        statement(
          `SELECT * FROM past_batch WHERE tenant = $1 AND to_at >= $2 AND id < $3 ORDER BY id DESC LIMIT $4`,
          ...[tenant, since, before ?? BEHIND_ALL, limit],
        ),
      ],
      call,
    );
    return await Promise.all((rows as unknown as readonly BatchRow[]).map((row) => this.#opened(row)));
  }

  async forget(before: number, bounds: PastBounds, limit: number, call: Call): Promise<number> {
    const [bytes, batches] = [Math.floor(bounds.bytes * LEFT), Math.floor(bounds.batches * LEFT)];
    const [old = [], full = []] = await this.#batches.run(
      [
        statement('SELECT id FROM past_batch WHERE to_at < $1 ORDER BY to_at LIMIT $2', before, limit),
        statement(
          'SELECT tenant FROM past_batch GROUP BY tenant HAVING sum(bytes) > $1 OR count(*) > $2 ORDER BY tenant LIMIT 1',
          ...[bytes, batches],
        ),
      ],
      call,
    );
    const [tenant] = full;
    const beyond =
      tenant === undefined ? [] : await this.#beyond(String(tenant.tenant), { bytes, batches }, limit, call);
    return await this.#delete([...old, ...beyond].slice(0, limit), call);
  }

  async drop(tenant: TenantId, limit: number, call: Call): Promise<number> {
    const text = 'SELECT id FROM past_batch WHERE tenant = $1 LIMIT $2';
    const [rows = []] = await this.#batches.run([statement(text, tenant, limit)], call);
    return await this.#delete(rows, call);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#batches[Symbol.asyncDispose]();
  }

  /** The oldest of a tenant, as far as it has more. */
  async #beyond(tenant: string, { bytes, batches }: PastBounds, limit: number, call: Call): Promise<readonly SqlRow[]> {
    const [rows = []] = await this.#batches.run(
      [
        statement(
          `SELECT id FROM (
             SELECT id, sum(bytes) OVER (ORDER BY id DESC) AS held, row_number() OVER (ORDER BY id DESC) AS place
             FROM past_batch WHERE tenant = $1
           ) AS ranked
           WHERE held > $2 OR place > $3 ORDER BY id LIMIT $4`,
          ...[tenant, bytes, batches, limit],
        ),
      ],
      call,
    );
    return rows;
  }

  async #delete(rows: readonly SqlRow[], call: Call): Promise<number> {
    const ids = [...new Set(rows.map(({ id }) => String(id)))];
    if (ids.length === 0) return 0;
    const marks = ids.map((_, i) => `$${i + 1}`).join(', ');
    await this.#batches.run([statement(`DELETE FROM past_batch WHERE id IN (${marks})`, ...ids)], call);
    return ids.length;
  }

  /** A key that was destroyed, or a damaged row, is a gap; what is wrong with the store itself is a fault. */
  async #opened({ id, tenant, from_at, to_at, mails, missed, day, sealed }: BatchRow): Promise<ReadBatch> {
    const about = { id, tenant: tenant as TenantId, from: from_at, to: to_at, mails, missed };
    try {
      if (!isKeyDay(day)) return { ...about, content: null };
      return { ...about, content: openBody(await this.#ring.opening(day), sealName(id, tenant), sealed) };
    } catch (error) {
      if (error instanceof Fault && (error.code === 'key.missing' || error.code === 'body.damaged'))
        return { ...about, content: null };
      throw error;
    }
  }
}

/** Behind every id: they are made of figures and capitals. */
const BEHIND_ALL = '~';

/** What a seal is bound to: a row can't be another tenant's. */
function sealName(id: string, tenant: string): string {
  return `past mail ${tenant}/${id}`;
}

function statement(text: string, ...values: SqlValue[]): BatchStatement {
  return { text, values };
}
