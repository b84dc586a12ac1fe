/**
 * Whose mail did a fault touch, asked of a journal of ten million rows (H6): counts and the whole list, on SQLite and PostgreSQL.
 *
 * `npm run bench -- affected [--rows N] [--version 15|18] [--quiet]`. Rows are written in bulk past the store, four events a mail of one recipient, spread evenly
 * over this day; the store then answers as it does for people. Windows: the one with 100,000 recipients, four minutes, and the whole day
 * by one worker that touched one mail in 25. The bar is 2 s for the counts with at most 100,000 matches.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { mailIdAt, within } from '#/model/index.ts';
import type { AffectedQuery, Journal, RecipientPlace } from '#/ports/index.ts';
import { systemClock } from '#/roles/system-clock.ts';
import { openSqliteCustody } from '#/store/index.ts';
import { openPostgresCustody } from '#/store/postgres/index.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { keep, median, table } from './lib/report.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    version: { type: 'string', default: '18' },
    quiet: { type: 'boolean', default: false },
  },
});
const EVENTS = 4;
const MAILS = Math.floor(Number(values.rows) / EVENTS);
const DAY_MS = 86_400_000;
const MIDNIGHT = Date.now() - (Date.now() % DAY_MS);
const SPAN_MS = Date.now() - MIDNIGHT;
const MATCHES = 100_000;
const RARE_EVERY = Math.max(1, Math.floor(MAILS / MATCHES));
const TENANTS = 200;
const RUNS = 5;
const BATCH = 50_000;
const CALL_MS = 600_000;

/** Acceptance of the n-th mail. */
function timeOf(n: number): number {
  return MIDNIGHT + Math.floor((n / MAILS) * SPAN_MS);
}

/** As ids of mail are: in order, and of their time. */
function idOf(n: number): string {
  return `${mailIdAt(timeOf(n)).slice(0, 9)}${String(n).padStart(7, '0')}`;
}

const EVENT_KINDS = [
  ['accepted', 'accept', 1],
  ['inspected', 'inspect', 2],
  ['verdict', 'inspect', 2],
  ['delivered', 'deliver', 3],
] as const;

/** Of one mail in so many the inspector is the rare one. */
function sourceOf(n: number, source: number): number {
  return source === 2 && n % RARE_EVERY === 0 ? 4 : source;
}

const SOURCES = [
  [1, 'gate', 'bench/gate/1/1'],
  [2, 'inspect', 'bench/inspect/2/1'],
  [3, 'deliver', 'bench/deliver/3/1'],
  [4, 'inspect', 'bench/inspect/4/1'],
] as const;

function fillSqlite(dir: string): void {
  const db = new DatabaseSync(join(dir, 'custody.db'));
  db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN');
  for (const [id, component, worker] of SOURCES)
    db.prepare('INSERT INTO source (id, component, worker, host, release) VALUES (?, ?, ?, ?, ?)').run(
      ...[id, component, worker, 'bench', '0'],
    );
  const message = db.prepare(
    `INSERT INTO message (id, tenant, origin, purpose, identity, received_at, needs, header_from, subject, message_id, hops, size, sha256, lot)
     VALUES (?, ?, 'received', 'mail', '{}', ?, '{}', 'a@t.test', 'Offer', '<x@t.test>', 1, 4096, '', 0)`,
  );
  const recipient = db.prepare(
    `INSERT INTO recipient (message, n, tenant, direction, address, notify, state, phase, reason, destination, queue_since, token, attempts,
       delay_notified, possibly_duplicate, ended_at, judged)
     VALUES (?, 1, ?, 'outbound', 'r@peer.test', 0, ?, ?, '', 'mx:peer.test', 0, 1, 1, 0, 0, ?, 1)`,
  );
  const event = db.prepare(
    `INSERT INTO journal (at, tenant, message, recipient, kind, stage, source, destination, attempt, elapsed_ms, detail)
     VALUES (?, ?, ?, 1, ?, ?, ?, 'mx:peer.test', 0, 5, '')`,
  );
  db.exec('DELETE FROM journal_step; INSERT INTO journal_step (seq) VALUES (1)');
  for (let n = 0; n < MAILS; n++) {
    const [id, tenant, at] = [idOf(n), `t${n % TENANTS}`, timeOf(n)];
    const isServed = n % 10 !== 0;
    message.run(id, tenant, at);
    recipient.run(id, tenant, isServed ? 'delivered' : 'deferred', isServed ? 2 : 0, isServed ? at : null);
    for (const [kind, stage, source] of EVENT_KINDS) event.run(at, tenant, id, kind, stage, sourceOf(n, source));
    if (n % BATCH === BATCH - 1) db.exec('COMMIT; BEGIN');
  }
  db.exec('COMMIT');
  db.close();
}

async function fillPostgres(client: Client): Promise<void> {
  const day = Math.floor(MIDNIGHT / DAY_MS);
  await client.query(`SET search_path = holdfast; SET synchronous_commit = off`);
  for (const [, component, worker] of SOURCES)
    await client.query('INSERT INTO source (component, worker, host, release) VALUES ($1, $2, $3, $4)', [
      ...[component, worker, 'bench', '0'],
    ]);
  for (let from = 0; from < MAILS; from += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, MAILS - from) }, (_, i) => from + i);
    const rows = [numbers.map(idOf), numbers.map((n) => `t${n % TENANTS}`), numbers.map(timeOf), numbers];
    const mails = `unnest($1::text[], $2::text[], $3::bigint[], $4::int[]) AS m (id, tenant, at, n)`;
    await client.query(
      `INSERT INTO message SELECT id, tenant, NULL, 'received', 'mail', NULL, '{}', at, '{}', 'a@t.test', 'Offer', '<x@t.test>', 1, 4096 FROM ${mails}`,
      rows,
    );
    const facts = `id, 1, tenant, 'outbound', 'r@peer.test', NULL, NULL, 0`;
    await client.query(
      `INSERT INTO ended (message, n, tenant, direction, address, original, orcpt, notify, state, reason, destination, queue_since, token, attempts,
         delay_notified, possibly_duplicate, ended_at, seq, day)
       SELECT ${facts}, 'delivered', '', 'mx:peer.test', 0, 1, 1, false, false, at, n, ${day} FROM ${mails} WHERE n % 10 <> 0`,
      rows,
    );
    await client.query(
      `INSERT INTO recipient (message, n, tenant, direction, address, original, orcpt, notify, state, reason, destination, queue_since, token, attempts,
         delay_notified, possibly_duplicate, phase, tried, judged)
       SELECT ${facts}, 'deferred', '', 'mx:peer.test', 0, 1, 1, false, false, 0, 1, true FROM ${mails} WHERE n % 10 = 0`,
      rows,
    );
    await client.query(
      `INSERT INTO journal (seq, at, day, tenant, message, recipient, kind, stage, source, destination, attempt, elapsed_ms, detail)
       SELECT n * ${EVENTS} + e.i, at, ${day}, tenant, id, 1, e.kind, e.stage,
         CASE WHEN e.source = 2 AND n % ${RARE_EVERY} = 0 THEN 4 ELSE e.source END, 'mx:peer.test', 0, 5, ''
       FROM ${mails}, (VALUES ${EVENT_KINDS.map(([kind, stage, source], i) => `(${i}, '${kind}', '${stage}', ${source})`).join(', ')})
         AS e (i, kind, stage, source) ORDER BY n, e.i`,
      rows,
    );
  }
  // As autovacuum leaves what was written over hours; behind so large a load it would be at work beside the questions.
  await client.query('VACUUM ANALYZE');
}

const middle = MIDNIGHT + SPAN_MS / 2;
const QUESTIONS: readonly (readonly [string, AffectedQuery])[] = [
  ['a window with 100,000 recipients', { from: middle, to: timeOf(MAILS / 2 + MATCHES) }],
  ['the same, by component', { from: middle, to: timeOf(MAILS / 2 + MATCHES), component: 'inspect' }],
  ['four minutes', { from: middle, to: middle + 240_000 }],
  ['the whole day, by one worker', { from: MIDNIGHT, to: MIDNIGHT + DAY_MS, worker: 'bench/inspect/4' }],
];

async function asked(store: string, journal: Journal): Promise<string[][]> {
  const rows: string[][] = [];
  for (const [name, query] of QUESTIONS) {
    const times: number[] = [];
    let recipients = 0;
    for (let run = 0; run < RUNS; run++) {
      const began = performance.now();
      const counts = await journal.affectedCounts(query, within(CALL_MS));
      times.push(performance.now() - began);
      recipients = counts.reduce((sum, count) => sum + count.recipients, 0);
    }
    const [listMs, listed] = await listed10k(journal, query);
    if (listed !== recipients) throw new Error(`${store}: ${listed} listed, ${recipients} counted`);
    const seconds = (ms: number): string => (ms / 1_000).toFixed(2);
    rows.push([store, name, String(recipients), seconds(median(times)), seconds(Math.max(...times)), seconds(listMs)]);
  }
  return rows;
}

/** The whole list in pages of 10,000. */
async function listed10k(journal: Journal, query: AffectedQuery): Promise<readonly [ms: number, recipients: number]> {
  const began = performance.now();
  let count = 0;
  for (let after: RecipientPlace | null = null, more = true; more; more = after !== null) {
    const page: Awaited<ReturnType<Journal['affected']>> = await journal.affected(
      query,
      after,
      10_000,
      within(CALL_MS),
    );
    count += page.items.length;
    after = page.next;
  }
  return [performance.now() - began, count];
}

async function onSqlite(): Promise<string[][]> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  const open = () =>
    openSqliteCustody(
      { dir, secretsKeyFile: join(dir, 'secrets.key'), host: 'bench', release: '0' },
      { clock: systemClock, blobs: null },
    );
  try {
    await (await open())[Symbol.asyncDispose]();
    fillSqlite(dir);
    await using custody = await open();
    return await asked('SQLite', custody);
  } finally {
    await rm(dir, { recursive: true });
  }
}

async function onPostgres(): Promise<string[][]> {
  const version = values.version === '15' ? 15 : 18;
  const server = await startPostgres({ version, settings: { max_wal_size: '8GB' } });
  if ('missing' in server) throw new Error(server.missing);
  await using postgres = server;
  const keys = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  try {
    const url = await postgres.createDatabase();
    await using custody = await openPostgresCustody(
      { url, secretsKeyFile: join(keys, 'secrets.key'), host: 'bench', release: '0' },
      { clock: systemClock, blobs: null },
    );
    const client = new Client(url);
    await client.connect();
    await fillPostgres(client);
    await client.end();
    return await asked(`PostgreSQL ${version}`, custody);
  } finally {
    await rm(keys, { recursive: true });
  }
}

const head = ['store', 'question', 'recipients', 'counts, s (median of 5)', 'slowest', 'whole list, s'];
const rows = [...(await onSqlite()), ...(await onPostgres())];
const text = `### Affected mail\n\n${table(head, rows)}\n\n${(MAILS * EVENTS).toLocaleString('en')} journal rows of ${MAILS.toLocaleString('en')} mails and ${TENANTS} tenants, all of one day and hot. Bar: counts in 2 s.`;
console.log(text);
if (!values.quiet) keep('affected', text);
