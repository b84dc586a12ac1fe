/** Reading where it is more than a page long. What every keeper promises of it stands in the contract suite; rows are put in by hand here. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { MailId } from '#/model/index.ts';
import { mailIdAt, within } from '#/model/index.ts';
import { type Postgres, startPostgres } from '../../../test/support/postgres.ts';
import { NOON } from '../contract/samples.ts';
import { addressHash } from '../custody/index.ts';
import { Connector } from './connections.ts';
import { DAY_MS, Days, dayAt } from './days.ts';
import { firstAttempts } from './first-attempts.ts';
import { chooseRows, listQueue } from './live-rows.ts';
import { migrate } from './migrate.ts';
import { ReadingPool } from './reading-pool.ts';
import { recount } from './recount.ts';
import { CUSTODY_MIGRATIONS } from './schema.ts';
import { trace } from './trace.ts';

const HOUR_MS = 3_600_000;
const soon = () => within(30_000);
const postgres = await startPostgres({ version: 18 });

if ('missing' in postgres) test('reading from PostgreSQL', { skip: postgres.missing });
else
  describe('reading from PostgreSQL', () => {
    after(() => postgres[Symbol.asyncDispose]());
    suite(postgres);
  });

function suite(server: Postgres): void {
  test('H6: of many mails of one address the newest come first, whichever lot they lie in', async () => {
    await using store = await open(server);
    // A lot that was begun early may hold what was accepted late.
    await put(store, { count: 3_000, from: NOON - 3 * HOUR_MS, stepMs: 1_000, lot: NOON - 3 * HOUR_MS });
    await put(store, { count: 50, from: NOON - 3 * HOUR_MS + 500, stepMs: 1_000, lot: NOON - 2.6 * HOUR_MS });
    for (const limit of [1, 20, 500]) {
      const found = await traceIn(store, { address: 'r1@partner.test' }, limit);
      assert.deepEqual(
        found.map(({ id }) => id),
        (await idsOf(store)).reverse().slice(0, limit),
        `${limit}`,
      );
    }
    assert.equal((await traceIn(store, { address: 'nobody@partner.test' }, 5)).length, 0);
  });

  test('H6: a look that no index serves finds a mail behind thousands of others', async () => {
    await using store = await open(server);
    await put(store, { count: 1, from: NOON - DAY_MS, stepMs: 1, lot: NOON - DAY_MS, subject: 'The lost one' });
    await put(store, { count: 5_000, from: NOON - HOUR_MS, stepMs: 100, lot: NOON - HOUR_MS });
    const found = await traceIn(store, { subject: 'lost' }, 5);
    assert.deepEqual(
      found.map(({ subject }) => subject),
      ['The lost one'],
    );
    const range = { since: NOON - HOUR_MS + 1_000, until: NOON - HOUR_MS + 1_900 };
    assert.equal((await traceIn(store, range, 100)).length, 10);
  });

  test('contract: a long queue list comes page by page, whole and in order', async () => {
    await using store = await open(server);
    await put(store, { count: 700, from: NOON - HOUR_MS, stepMs: 100, lot: NOON - HOUR_MS, recipients: 3 });
    const seen: MailId[] = [];
    for (let at: MailId | null = null, pages = 0; pages < 100; pages++) {
      const page: Awaited<ReturnType<typeof listQueue>> = await listQueue(store.pool, {}, at, 90, soon());
      for (const { id, recipients } of page.items) {
        seen.push(id);
        assert.equal(recipients.length, 3);
      }
      at = page.next;
      if (at === null) break;
    }
    assert.deepEqual(seen, await idsOf(store));
    const few = await listQueue(store.pool, { to: 'r3@partner.test', subject: 'offer 69' }, null, 20, soon());
    assert.equal(few.items.length, 11);
  });

  test('H6: an act is told of as many rows as it asked for, and that there are more', async () => {
    await using store = await open(server);
    await put(store, { count: 400, from: NOON - HOUR_MS, stepMs: 100, lot: NOON - HOUR_MS, recipients: 2 });
    const some = await chooseRows(store.pool, { to: 'r2@partner.test' }, 300, null, soon());
    assert.equal(some.keys.length, 300);
    assert.ok(some.more);
    const all = await chooseRows(store.pool, { to: 'r2@partner.test' }, 400, null, soon());
    assert.equal(all.keys.length, 400);
    assert.ok(!all.more);
  });

  test('H5: what a day’s mark covers is counted in its totals alone, and a closed day whole', async () => {
    await using store = await open(server);
    const count = async () => (await store.pool.view((sql) => recount(sql, [], soon()), soon()))[0]?.books;
    await put(store, { count: 10, from: NOON - 2 * DAY_MS, stepMs: 1_000, lot: NOON - 2 * DAY_MS, ended: true });
    await put(store, { count: 10, from: NOON - DAY_MS, stepMs: 1_000, lot: NOON - DAY_MS, ended: true });
    const whole = await count();
    assert.equal(whole?.accepted, 20);
    assert.equal(whole?.delivered, 20);
    const [before, yesterday] = [dayAt(NOON - 2 * DAY_MS), dayAt(NOON - DAY_MS)];
    const total = async (day: number, amount: number) => {
      for (const line of ['received', 'delivered'])
        await store.pool.rows('INSERT INTO closing VALUES ($1, $2, $3, $4)', [day, 'acme', line, amount], soon());
    };
    await store.pool.rows('UPDATE day SET closed = true WHERE day = $1', [before], soon());
    await total(before, 10);
    const mark = NOON - DAY_MS + 3_000;
    await store.pool.rows(
      `UPDATE day SET (journal_at, journal_seq, ended_at, ended_seq) =
         (SELECT $2::bigint, max(journal.seq), $2::bigint, max(journal.seq) FROM journal WHERE at = $2) WHERE day.day = $1`,
      [yesterday, mark],
      soon(),
    );
    await total(yesterday, 4);
    assert.deepEqual(await count(), whole);
  });

  test('M2: the wait for the first attempt is the shortest of a mail’s recipients, from then on', async () => {
    await using store = await open(server);
    await put(store, { count: 200, from: NOON, stepMs: 10, lot: NOON, recipients: 2, ended: true });
    assert.deepEqual(await firstAttempts(store.pool, NOON, soon()), { count: 200, p50: 101, p95: 191, p99: 199 });
    assert.equal((await firstAttempts(store.pool, NOON + 1_000, soon())).count, 100);
    assert.equal((await firstAttempts(store.pool, NOON + DAY_MS, soon())).p99, 0);
  });

  test('B3: a long look ends with its call, and its connection serves on', async () => {
    await using store = await open(server);
    const late = store.pool.view((sql) => sql.rows('SELECT pg_sleep(20)', [], within(300)), within(300));
    await assert.rejects(late, { code: 'call.late' });
    const [row] = await store.pool.rows<{ one: number }>('SELECT 1 AS one', [], soon());
    assert.equal(row?.one, 1);
  });
}

interface Store extends AsyncDisposable {
  readonly pool: ReadingPool;
}

async function open(server: Postgres): Promise<Store> {
  const connector = new Connector({ url: await server.emptyDatabase(), applicationName: 'test' });
  const client = await connector.connect('writer', soon());
  await migrate(client, 'custody', CUSTODY_MIGRATIONS);
  await client.end();
  const pool = new ReadingPool((call) => connector.connect('reader', call), 1);
  return { pool, [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose]() };
}

interface Rows {
  readonly count: number;
  /** Acceptance of the first one, wall-clock ms. */
  readonly from: number;
  readonly stepMs: number;
  readonly lot: number;
  readonly recipients?: number;
  readonly subject?: string;
  /** They were delivered; mail `i` waited `i` ms, and its later recipients longer. */
  readonly ended?: boolean;
}

let lastSeq = 0;

async function put({ pool }: Store, rows: Rows): Promise<void> {
  const { count, from, stepMs, lot, recipients = 1, ended = false } = rows;
  const days = Array.from({ length: 3 }, (_, i) => dayAt(from) - 1 + i);
  await new Days(pool).ensure([...days, dayAt(lot)], soon());
  const ids = Array.from({ length: count }, (_, i) => mailIdAt(from + i * stepMs));
  const seq = lastSeq;
  lastSeq += 2 * count * recipients;
  const texts = Array.from({ length: count }, (_, i) => rows.subject ?? `Offer ${i}`);
  await pool.rows(
    `INSERT INTO message (id, tenant, origin, purpose, sender, identity, received_at, needs, header_from, subject, message_id, hops, size)
     SELECT id, 'acme', 'received', 'mail', 'alice@acme.test', '{"kind":"peer"}', $3 + (i - 1) * $4, '{}', '', subject, '', 1, 1
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t (id, subject, i)`,
    [ids, texts, from, stepMs],
    soon(),
  );
  const facts = `message, n, tenant, direction, address, notify, state, reason, destination, queue_since, token, attempts,
    delay_notified, possibly_duplicate`;
  const values = (
    state: string,
  ) => `id, n, 'acme', 'outbound', 'r' || n || '@partner.test', 0, '${state}', '', 'mx:partner.test',
    $3 + (i - 1) * $4, 0, 0, false, false`;
  const all = `FROM unnest($1::text[]) WITH ORDINALITY AS t (id, i), generate_series(1, $2::int) AS n`;
  const bound = [ids, recipients, from, stepMs];
  if (!ended)
    await pool.rows(
      `INSERT INTO recipient (${facts}, phase, tried, due) SELECT ${values('queued')}, 0, 0, 0 ${all}`,
      bound,
      soon(),
    );
  const event = (kind: string, detail: string, waited: string, later: number) =>
    pool.rows(
      `INSERT INTO journal (seq, at, day, tenant, message, recipient, kind, stage, source, attempt, elapsed_ms, detail, waited_ms)
       SELECT $5::bigint + i * $2 + n, $3 + (i - 1) * $4, ($3 + (i - 1) * $4) / ${DAY_MS}, 'acme', id, n, '${kind}', 'accept', 1, 0, 0,
         '${detail}', ${waited} ${all}`,
      [...bound, seq + later],
      soon(),
    );
  await event('accepted', 'received', 'NULL', 0);
  if (!ended) return await look(pool, ids, lot);
  await event('delivered', '', 'i + 1000 * (n - 1)', 0);
  await pool.rows(
    `INSERT INTO ended (${facts}, ended_at, seq, day)
     SELECT ${values('delivered')}, $3 + (i - 1) * $4, $5::bigint + i * $2 + n, ($3 + (i - 1) * $4) / ${DAY_MS} ${all}`,
    [...bound, seq],
    soon(),
  );
  await look(pool, ids, lot);
}

async function look(pool: ReadingPool, ids: readonly MailId[], lot: number): Promise<void> {
  const text = 'INSERT INTO look_up (lot, hash, message) SELECT $1, $2, * FROM unnest($3::text[])';
  await pool.rows(text, [lot, addressHash('r1@partner.test'), ids], soon());
}

function traceIn({ pool }: Store, query: Parameters<typeof trace>[1], limit: number): ReturnType<typeof trace> {
  return pool.view((sql) => trace(sql, query, limit, soon()), soon());
}

async function idsOf({ pool }: Store): Promise<MailId[]> {
  return (await pool.rows<{ id: MailId }>('SELECT id FROM message ORDER BY id', [], soon())).map(({ id }) => id);
}
