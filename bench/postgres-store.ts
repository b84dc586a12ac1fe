/**
 * The keeper of custody in PostgreSQL by itself, without SMTP: accepting and settling, and draining behind a forgotten snapshot.
 *
 * `npm run bench -- postgres-store [--version 15|18] [--seconds N] [--drain N] [--dead N] [--aged MINUTES] [--per-second N] [--quiet]`. The server
 * runs on the same machine, with fsync; a mail has 4 KiB and one recipient. `--dead` entries lie before the `--drain` mails in the index, and
 * a REPEATABLE READ snapshot that is as old as they are keeps every vacuum from taking them away. The last rows stand beside a snapshot that
 * really grows `--aged` minutes old while mail comes and goes `--per-second`. Conservation is checked at the end of each row.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { within } from '#/model/index.ts';
import { systemClock } from '#/roles/system-clock.ts';
import { claimOfAccepted, DELIVERED, mail, PARTNER, settlementOf, textBody, worker } from '#/store/contract/index.ts';
import type { PostgresCustody } from '#/store/postgres/index.ts';
import { openPostgresCustody } from '#/store/postgres/index.ts';
import type { Postgres } from '../test/support/postgres.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { cpuSecondsOf } from './lib/process-cost.ts';
import { keep, median, quantile, table } from './lib/report.ts';

const { values } = parseArgs({
  options: {
    version: { type: 'string', default: '18' },
    seconds: { type: 'string', default: '10' },
    drain: { type: 'string', default: '20000' },
    dead: { type: 'string', default: '600000' },
    aged: { type: 'string', default: '10' },
    'per-second': { type: 'string', default: '500' },
    quiet: { type: 'boolean', default: false },
  },
});
const WARM_MS = 2_000;
const MINUTE_MS = 60_000;
/** Between two looks for mail that waits. */
const TURN_MS = 20;
const CALL_MS = 60_000;
const CLAIM_ROWS = 200;
const WORKER = worker(`bench ${Date.now()}`);
const BODY = textBody(`Subject: bench\r\n\r\n${randomBytes(3_050).toString('base64')}\r\n`);

const server = await startPostgres({ version: values.version === '15' ? 15 : 18, settings: { max_wal_size: '2GB' } });
if ('missing' in server) throw new Error(server.missing);
await using postgres = server;
const keys = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
try {
  const head = ['PostgreSQL', 'work', 'msg/s', 'CPU ms per message: ours', 'the server’s', 'p50 ms', 'p99 ms'];
  const rows = [await relayed(postgres, 20), await relayed(postgres, 100)];
  for (const dead of [0, Number(values.dead)]) rows.push(await drained(postgres, dead));
  if (Number(values.aged) > 0) rows.push(...(await aged(postgres, Number(values.aged))));
  const text = `### Custody in PostgreSQL by itself\n\n${table(head, rows)}\n\nWithout SMTP; times are those of accept where mail is accepted and of a claim where it is claimed. Beside the aged snapshot mail comes and goes ${values['per-second']} times a second.`;
  console.log(text);
  if (!values.quiet) keep('postgres-store', text);
} finally {
  await rm(keys, { recursive: true });
}

/** Callers that accept a mail in their own name and settle it as delivered, one after the other. */
async function relayed(on: Postgres, callers: number): Promise<string[]> {
  await using custody = await opened(on);
  const accepts: number[] = [];
  let done = 0;
  let isOver = false;
  const relay = async (): Promise<void> => {
    while (!isOver) {
      const sent = mail(systemClock, { body: BODY });
      const begin = performance.now();
      await custody.accept([sent], WORKER.id, within(CALL_MS));
      accepts.push(performance.now() - begin);
      await custody.settle(settlementOf(claimOfAccepted(sent), DELIVERED), WORKER.id, within(CALL_MS));
      done += 1;
    }
  };
  const all = Promise.all(Array.from({ length: callers }, relay));
  await sleep(WARM_MS);
  accepts.length = 0;
  const measured = measure(on, done);
  await sleep(Number(values.seconds) * 1_000);
  const cells = measured(done);
  isOver = true;
  await all;
  await checkBooks(custody, done, 0);
  return [`${on.version}`, `accept and settle, ${callers} callers`, ...cells, ...spread(accepts)];
}

/** One worker that claims and settles what waits behind entries that no vacuum may take. */
async function drained(on: Postgres, dead: number): Promise<string[]> {
  const url = await on.createDatabase();
  await using custody = await opened(on, url);
  const snapshot = await withDeadEntries(url, dead);
  const count = Number(values.drain);
  await fill(custody, count);
  const claims: number[] = [];
  const measured = measure(on, 0);
  for (let served = 0; served < count; ) served += await serveSome(custody, claims);
  const cells = measured(count);
  await snapshot.end();
  await checkBooks(custody, count, 0);
  const work = dead === 0 ? 'drain' : `drain behind ${dead} dead entries`;
  return [`${on.version}`, `${work}; claims of ${CLAIM_ROWS}`, ...cells, ...spread(claims)];
}

/** Mail comes and goes beside a snapshot that somebody forgot: its first minute, its last, and a drain in the end. */
async function aged(on: Postgres, minutes: number): Promise<string[][]> {
  const url = await on.createDatabase();
  await using custody = await opened(on, url);
  const snapshot = new Client({ connectionString: url });
  await snapshot.connect();
  await snapshot.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await snapshot.query('SELECT 1 FROM holdfast.fact');
  const rows: string[][] = [];
  let done = 0;
  for (let minute = 1; minute <= minutes; minute++) {
    const accepts: number[] = [];
    const measured = measure(on, done);
    done += await pacedMinute(custody, accepts);
    process.stderr.write(`minute ${minute}: ${done} mails\n`);
    const work = `accept and settle, minute ${minute} of an open snapshot`;
    if (minute === 1 || minute === minutes) rows.push([`${on.version}`, work, ...measured(done), ...spread(accepts)]);
  }
  const count = Number(values.drain);
  await fill(custody, count);
  const claims: number[] = [];
  const measured = measure(on, 0);
  for (let served = 0; served < count; ) served += await serveSome(custody, claims);
  const work = `drain beside a snapshot that is ${minutes} minutes old; claims of ${CLAIM_ROWS}`;
  rows.push([`${on.version}`, work, ...measured(count), ...spread(claims)]);
  await snapshot.end();
  await checkBooks(custody, done + count, 0);
  return rows;
}

/** How many mails came and were claimed from their rows and settled, at an even pace. */
async function pacedMinute(custody: PostgresCustody, accepts: number[]): Promise<number> {
  const perSecond = Number(values['per-second']);
  const began = performance.now();
  const underWay: Promise<void>[] = [];
  let sent = 0;
  let served = 0;
  const one = async (): Promise<void> => {
    const begin = performance.now();
    await custody.accept([mail(systemClock, { body: BODY })], null, within(CALL_MS));
    accepts.push(performance.now() - begin);
  };
  while (performance.now() < began + MINUTE_MS) {
    for (const due = ((performance.now() - began) / 1_000) * perSecond; sent < due; sent++) underWay.push(one());
    served += await serveSome(custody, []);
    await sleep(TURN_MS);
  }
  await Promise.all(underWay);
  while (served < sent) served += await serveSome(custody, []);
  return sent;
}

async function fill(custody: PostgresCustody, count: number): Promise<void> {
  for (let left = count; left > 0; left -= CLAIM_ROWS)
    await custody.accept(
      Array.from({ length: Math.min(left, CLAIM_ROWS) }, () => mail(systemClock)),
      null,
      within(CALL_MS),
    );
}

async function serveSome(custody: PostgresCustody, claims: number[]): Promise<number> {
  const due = { kind: 'due', destination: PARTNER, tenant: null, fresh: false, ignoreDue: false } as const;
  const begin = performance.now();
  const some = await custody.claim({ ...due, now: Date.now(), limit: CLAIM_ROWS }, WORKER.id, within(CALL_MS));
  claims.push(performance.now() - begin);
  await Promise.all(some.map((each) => custody.settle(settlementOf(each, DELIVERED), WORKER.id, within(CALL_MS))));
  return some.length;
}

/** Rows that were there and have gone, and a snapshot that still sees them. */
async function withDeadEntries(url: string, count: number): Promise<Client> {
  const [rows, snapshot] = [new Client({ connectionString: url }), new Client({ connectionString: url })];
  await Promise.all([rows.connect(), snapshot.connect()]);
  await rows.query(
    `INSERT INTO holdfast.recipient (message, n, tenant, direction, address, notify, state, reason, destination, queue_since,
       token, attempts, delay_notified, possibly_duplicate, phase, tried, due, attention_at)
     SELECT '0' || lpad(i::text, 15, '0'), 1, 'acme', 'outbound', 'a@partner.test', 2, 'queued', '', $2, 0, 0, 0, false, false,
       0, 0, $3::bigint + i, $3::bigint FROM generate_series(1, $1::int) AS i`,
    [count, PARTNER, Date.now() - 3_600_000],
  );
  await snapshot.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await snapshot.query('SELECT 1 FROM holdfast.fact');
  await rows.query('DELETE FROM holdfast.recipient');
  await rows.end();
  return snapshot;
}

async function opened(on: Postgres, url?: string): Promise<PostgresCustody> {
  const settings = { url: url ?? (await on.createDatabase()), secretsKeyFile: join(keys, 'secrets.key') };
  const custody = await openPostgresCustody(settings, { clock: systemClock, blobs: null });
  await custody.enlist(WORKER, within(CALL_MS));
  return custody;
}

/** Rate and CPU from now on until what it gives is called. */
function measure(on: Postgres, from: number): (to: number) => string[] {
  const begin = performance.now();
  const [ours, theirs] = [process.cpuUsage(), cpuSecondsOf(on.pid ?? 0)];
  return (to) => {
    const count = to - from;
    const used = process.cpuUsage(ours);
    const serverMs = (cpuSecondsOf(on.pid ?? 0) - theirs) * 1_000;
    const rate = (count / (performance.now() - begin)) * 1_000;
    return [rate.toFixed(0), ((used.user + used.system) / 1_000 / count).toFixed(3), (serverMs / count).toFixed(3)];
  };
}

function spread(times: readonly number[]): string[] {
  return [median(times).toFixed(1), quantile(times, 0.99).toFixed(1)];
}

async function checkBooks(custody: PostgresCustody, delivered: number, queued: number): Promise<void> {
  const [count] = await custody.recount(within(CALL_MS));
  const right = count?.balanced === true && count.books.delivered === delivered && count.books.queued === queued;
  if (!right) throw new Error(`The books say otherwise: ${JSON.stringify(count)}`);
}
