/**
 * Power cuts on the store alone, with what a whole program seldom meets in a minute: segments of the log that turn, go and are used
 * again, days that change, content that is carried, kills and starts; and cuts behind any of these. All content has to be there then,
 * not only that of mails that had their answer, or a bounce would be told by a mail that says nothing.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { die } from '#/drills/kit/index.ts';
import { isLive, type MailId, within } from '#/model/index.ts';
import { openSqliteCustody } from '#/store/index.ts';
import { FakeLog } from '#/testkit/index.ts';
import { buildRecorder } from './recorder.ts';
import { Recording } from './recording.ts';

const LONG = process.env.HOLDFAST_LONG === '1';
const CUTS = LONG ? 600 : 40;
const ANSWERS = LONG ? 2_000 : 500;
/** How the processes end that work on the store one after the other; the recording ends with the last. */
const ENDS = ['kill', 'kill', 'close', 'kill'] as const;
const DAY_MS = 86_400_000;
const BEGIN = Date.UTC(2026, 10, 21, 23);
const CALL_MS = 30_000;
/** A bound for hangs. */
const HANGING_MS = LONG ? 3_600_000 : 300_000;
/** Records behind a turn, of which a cut chooses one. */
const BEHIND_TURN = 40;
const BEHIND_COMMIT = 4;
const FLUSH_SLOWER_US = '2000';
const clock = { now: () => BEGIN + 100 * DAY_MS, monotonic: () => performance.now(), sleep: async () => {} };

const folder = mkdtempSync(join(tmpdir(), 'holdfast-store-cut-'));
let recording: Recording | null = null;
let missing = '';

before(async () => {
  const recorder = await buildRecorder(folder);
  if ('missing' in recorder) missing = recorder.missing;
  else recording = await record(recorder.library);
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('H3: the recording holds what is to be cut: turns, starts and days', { timeout: HANGING_MS }, (t) => {
  if (recording === null) return t.skip(missing);
  const at = join(folder, 'whole');
  recording.rebuild(recording.length, at, () => 0);
  using db = new DatabaseSync(join(at, 'custody.db'), { readOnly: true });
  const count = (sql: string) => Number(db.prepare(sql).get()?.n);
  t.diagnostic(
    `${recording.replies.length} mails, ${recording.turns.length} changes of names, ${recording.length} records`,
  );
  assert.ok(recording.turns.length > 40);
  assert.ok(count('SELECT count(*) AS n FROM day_key') >= 3);
  assert.ok(count('SELECT count(*) AS n FROM body') > 0, 'nothing was carried');
});

test(`H3: ${CUTS} power cuts at turns, starts and changes of day lose nothing that was told, and no content`, {
  timeout: HANGING_MS,
}, async (t) => {
  if (recording === null) return t.skip(missing);
  const seed = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed}`);
  const roll = die(seed);
  for (let i = 0; i < CUTS; i++) {
    const at = placeOf(recording, roll);
    const into = join(folder, `cut-${i}`);
    recording.rebuild(at, into, roll);
    await examine(recording, at, into, `cut ${i} at record ${at} of ${recording.length}, seed ${seed}`);
    rmSync(into, { recursive: true });
  }
});

// A third anywhere, a third close behind a change of names, a third just behind a commit.
function placeOf({ turns, commits, length }: Recording, roll: () => number): number {
  const one = (places: readonly number[]) => places[Math.floor(roll() * places.length)] ?? 0;
  const kind = roll();
  if (kind < 0.33) return Math.floor(roll() * length);
  if (kind < 0.66) return Math.min(length, one(turns) + Math.floor(roll() * BEHIND_TURN));
  return Math.min(length, one(commits) + 1 + Math.floor(roll() * BEHIND_COMMIT));
}

async function examine({ replies, ends }: Recording, cut: number, dir: string, where: string): Promise<void> {
  const toldBefore = (told: typeof replies) => told.filter(({ at }) => at < cut).map(({ id }) => id as MailId);
  const log = new FakeLog();
  {
    await using custody = await openSqliteCustody(
      { dir, secretsKeyFile: join(dir, 'secrets.key') },
      { clock, blobs: null, log },
    );
    assert.deepEqual(
      log.lines.filter(({ event }) => event === 'store.log.damaged'),
      [],
      `a cut is no damage: ${where}`,
    );
    const mails = await custody.trace({ ids: [...new Set(toldBefore(replies))] }, 100_000, within(CALL_MS));
    const found = new Map(mails.map((mail) => [mail.id, mail]));
    for (const id of toldBefore(replies)) assert.ok(found.has(id), `${id} was accepted and is gone: ${where}`);
    for (const id of toldBefore(ends)) {
      const state = found.get(id)?.recipients[0]?.state ?? 'queued';
      assert.ok(!isLive(state), `${id} had ended and is ${state} again: ${where}`);
    }
    const { orphans } = await custody.scrub(null, 100_000, within(CALL_MS));
    assert.deepEqual(orphans, [], `${where}; ${orphans.map(({ message }) => placeIn(dir, message)).join('; ')}`);
    for (const { incarnation } of await custody.beats(within(CALL_MS)))
      await custody.retire(incarnation.id, false, within(CALL_MS));
    const counts = await custody.recount(within(CALL_MS));
    assert.ok(
      counts.every(({ balanced }) => balanced),
      `the books do not balance: ${where}`,
    );
    assert.deepEqual(await custody.sweep(within(CALL_MS)), [], where);
  }
  using db = new DatabaseSync(join(dir, 'custody.db'), { readOnly: true });
  const silent = `SELECT message FROM recipient WHERE state = 'bounced'
    AND NOT EXISTS (SELECT 1 FROM message WHERE parent = recipient.message)`;
  assert.deepEqual(db.prepare(silent).all(), [], `bounced, and nobody is told: ${where}`);
}

/** Where the content of a message should be, and what of the log is there: for whoever has to find out why it is not. */
function placeIn(dir: string, message: MailId): string {
  using db = new DatabaseSync(join(dir, 'custody.db'), { readOnly: true });
  const row = db.prepare('SELECT size, body, log_at FROM message WHERE id = ?').get(message);
  const [segment, offset] = [Math.floor(Number(row?.log_at) / 2 ** 32), Number(row?.log_at) % 2 ** 32];
  const kept = db.prepare('SELECT day, length(content) AS octets FROM body WHERE id = ?').get(row?.body ?? null);
  const days = db.prepare('SELECT day FROM day_key').all();
  const names = readdirSync(join(dir, 'log'));
  const facts = { row, segment, offset, kept, days, names, block: null as string | null };
  const name = names.find((each) => Number.parseInt(each, 10) === segment);
  if (name !== undefined) {
    const log = readFileSync(join(dir, 'log', name));
    facts.block = `${log.subarray(offset, offset + 64).toString('hex')} of ${log.length} octets`;
  }
  return `${message} ${JSON.stringify(facts)}`;
}

async function record(library: string): Promise<Recording> {
  const log = join(folder, 'recording');
  const dir = join(folder, 'data');
  mkdirSync(dir);
  const program = fileURLToPath(new URL('./store-at-work.ts', import.meta.url));
  const env = { ...process.env, LD_PRELOAD: library, DISK_RECORD: log, DISK_RECORD_DIR: dir };
  for (const [i, end] of ENDS.entries()) {
    const begin = BEGIN + i * 5 * DAY_MS;
    const child = spawn(process.execPath, [program, dir, String(begin), String(ANSWERS), end], {
      env: { ...env, DISK_RECORD_SLOW_US: FLUSH_SLOWER_US },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [code, signal] = await once(child, 'exit');
    assert.ok(end === 'kill' ? signal === 'SIGKILL' : code === 0, `${code ?? signal}`);
  }
  return new Recording(log);
}
