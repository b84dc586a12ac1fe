/**
 * Power cuts on a real run: the whole program works under a recorder of its disk; then its data directory is rebuilt as each of many
 * cuts would have left it, opened, and asked for every mail that had its 250 by then.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { die, RESOURCES, settingsFor } from '#/drills/kit/index.ts';
import { isLive, type MailId, within } from '#/model/index.ts';
import type { Journal, Trace } from '#/ports/index.ts';
import { openFileBlobs } from '#/store/files/index.ts';
import { openSqliteCustody } from '#/store/index.ts';
import { openKeyRing, wrappedKeyFolder } from '#/store/keys/index.ts';
import { FakeLog } from '#/testkit/index.ts';
import { Holdfast } from '../support/holdfast.ts';
import { TestClient } from '../support/load.ts';
import { startSink } from '../support/sink.ts';
import { buildRecorder } from './recorder.ts';
import { Recording } from './recording.ts';

const LONG = process.env.HOLDFAST_LONG === '1';
const CUTS = LONG ? 500 : 110;
const MAILS = LONG ? 4_000 : 1_200;
const CALL_MS = 30_000;
/** A bound for hangs on the slowest machine; about a minute is usual. */
const HANGING_MS = LONG ? 3_600_000 : 400_000;
const clock = { now: () => Date.now(), monotonic: () => performance.now(), sleep: async () => {} };

const folder = mkdtempSync(join(tmpdir(), 'holdfast-power-'));
let recording: Recording | null = null;
let missing = '';

before(async () => {
  const recorder = await buildRecorder(folder);
  if ('missing' in recorder) missing = recorder.missing;
  else recording = await record(recorder.library);
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('H3: no 250 leaves before a flush that covers its mail', { timeout: HANGING_MS }, (t) => {
  if (recording === null) return t.skip(missing);
  assert.ok(recording.replies.length >= MAILS * 0.9, `only ${recording.replies.length} replies were recorded`);
  const bare = recording.replies.filter(({ at, id }) => !recording?.flushedBefore(Buffer.from(id), at));
  assert.deepEqual(
    bare.map(({ id }) => id),
    [],
  );
});

test(`H3: ${CUTS} power cuts that drop and tear unflushed writes lose no mail that had its 250`, {
  timeout: HANGING_MS,
}, async (t) => {
  if (recording === null) return t.skip(missing);
  const seed = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed}`);
  const roll = die(seed);
  const first = recording.replies[0]?.at ?? 0;
  let asked = 0;
  for (let cut = 0; cut < CUTS; cut++) {
    const at = Math.floor(first + roll() * (recording.length - first));
    const into = join(folder, `cut-${cut}`);
    const ids = recording.rebuild(at, into, roll);
    asked += await examine(into, ids, `cut ${cut} at record ${at} of ${recording.length}, seed ${seed}`);
    rmSync(into, { recursive: true, force: true });
  }
  t.diagnostic(`${CUTS} cuts, ${asked} mails looked for`);
});

/** Every mail that had its 250 is there, whole; the books balance; nothing is orphaned for good. */
async function examine(dir: string, ids: readonly string[], where: string): Promise<number> {
  const keyFile = join(dir, 'secrets.key');
  const keyRing = await openKeyRing({ keyFile, wrapped: wrappedKeyFolder(join(dir, 'keys')) });
  const blobs = openFileBlobs({ dir: join(dir, 'blobs'), keyRing, clock });
  const log = new FakeLog();
  await using custody = await openSqliteCustody({ dir, secretsKeyFile: keyFile }, { clock, blobs, log });
  assert.deepEqual(
    log.lines.filter(({ event }) => event === 'store.log.damaged'),
    [],
    `a cut is no damage: ${where}`,
  );
  for (const { incarnation } of await custody.beats(within(CALL_MS)))
    await custody.retire(incarnation.id, false, within(CALL_MS));
  const mails = await find(custody, ids);
  for (const id of ids) {
    const mail = mails.get(id);
    assert.ok(mail !== undefined, `${id} had its 250 and is gone: ${where}`);
    if (!mail.recipients.some(({ state }) => isLive(state))) continue;
    const body = await custody.body(mail.id, within(CALL_MS));
    if (body.kind === 'blob') for await (const _piece of blobs.read(mail.tenant, body.ref, within(CALL_MS)));
  }
  const counts = await custody.recount(within(CALL_MS));
  assert.ok(
    counts.every(({ balanced }) => balanced),
    `the books do not balance: ${where}`,
  );
  const orphans = (await custody.sweep(within(CALL_MS))).filter(({ mended }) => !mended);
  assert.deepEqual(orphans, [], `orphans: ${where}`);
  return ids.length;
}

async function find(journal: Journal, ids: readonly string[]): Promise<ReadonlyMap<string, Trace>> {
  const found = new Map<string, Trace>();
  for (let from = 0; from < ids.length; from += 500) {
    const some = ids.slice(from, from + 500) as MailId[];
    for (const mail of await journal.trace({ ids: some }, 500, within(CALL_MS))) found.set(mail.id, mail);
  }
  return found;
}

/** A run from an empty directory, so that the recording holds everything that the disk was ever asked for. */
async function record(recorder: string): Promise<Recording> {
  const log = join(folder, 'recording');
  const env = (base: string) => ({ LD_PRELOAD: recorder, DISK_RECORD: log, DISK_RECORD_DIR: join(base, 'data') });
  await using sink = await startSink();
  sink.temper = { ...sink.temper, softRefusal: 0.1, hardRefusal: 0.05 };
  await using holdfast = await Holdfast.start({
    settings: settingsFor(sink.port),
    resources: RESOURCES,
    args: ['--dev'],
    env,
  });
  let sent = 0;
  const work = async (from: string, tenant: string) => {
    const client = await TestClient.open(holdfast.ports.smtp, from);
    while (client !== null && !client.gone && sent < MAILS) {
      const id = `p${++sent}`;
      const bodyBytes = sent % 100 === 0 ? 1_500_000 : 4_000;
      await client.send({
        id,
        from: `a@${tenant}.test`,
        to: [`${id}-a@one.example`, `${id}-b@two.example`],
        bodyBytes,
      });
    }
    client?.close();
  };
  await Promise.all(
    Array.from({ length: 6 }, (_, i) => (i % 2 === 0 ? work('127.0.0.2', 'acme') : work('127.0.0.3', 'bolt'))),
  );
  await holdfast.killAll();
  return new Recording(log);
}
