/**
 * A process that keeps a store busy for a while, for store-cut.test.ts: mails of all sizes come, end, bounce and wait; days pass in
 * seconds, segments of the log are small, and what rests in them is taken for old, so that it is carried into rows. Each answer of
 * the store is told on the output once it is there.
 *
 * Arguments: data directory, wall clock to begin at (ms), answers after which it ends, and how (`close`, or `kill` by itself).
 */
import { readdirSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import type { ArrivedMail, Outcome } from '#/model/index.ts';
import {
  claimOfAccepted,
  DELIVERED,
  mail,
  reply,
  settlementOf,
  soon,
  textBody,
  worker,
} from '#/store/contract/index.ts';
import { openSqliteCustody } from '#/store/index.ts';

const [dir = '', beginAt = '0', answersMax = '0', end = 'close'] = process.argv.slice(2);
/** So many seconds of the store in one of ours. */
const HASTE = 40_000;
const SEGMENT_BYTES = 96 * 1024;
const WORKERS = 12;
const ANSWERS_TIMES_MAX = 10;
const BOUNCED: Outcome = { kind: 'bounced', reply: reply(550, 'nobody') };

const started = performance.now();
const clock = {
  now: () => Math.floor(Number(beginAt) + (performance.now() - started) * HASTE),
  monotonic: () => performance.now(),
  sleep: async () => {},
};
let answers = 0;

function tell(words: string): void {
  answers += 1;
  writeSync(1, `250 ${words}\r\n`);
  // In the middle of the others' work.
  if (end === 'kill' && answers >= Number(answersMax)) process.kill(process.pid, 'SIGKILL');
}

function ofSize(bytes: number, more: Partial<ArrivedMail> = {}): ArrivedMail {
  const fresh = mail(clock, more);
  const body = textBody(`${'x'.repeat(bytes)}${fresh.id}`);
  return { ...fresh, body, size: body.size };
}

const custody = await openSqliteCustody(
  { dir, secretsKeyFile: join(dir, 'secrets.key'), segmentBytes: SEGMENT_BYTES },
  { clock, blobs: null },
);
for (const { incarnation } of await custody.beats(soon())) await custody.retire(incarnation.id, false, soon());
const me = worker(String(process.pid));
await custody.enlist(me, soon());

async function one(i: number): Promise<void> {
  const sent = ofSize(i % 20 === 0 ? 60_000 : (i * 997) % 5_000);
  await custody.accept([sent], i % 3 === 0 ? null : me.id, soon());
  tell(`queued as ${sent.id}`);
  if (i % 3 === 0 || i % 7 === 0) return;
  const claim = claimOfAccepted(sent);
  if (i % 5 !== 0) await custody.settle(settlementOf(claim, DELIVERED), me.id, soon());
  else {
    const notice = ofSize(500, { parent: sent.id, origin: 'generated', purpose: 'dsn', sender: null });
    await custody.settle(settlementOf(claim, BOUNCED, { born: [notice] }), me.id, soon());
    tell(`queued as ${notice.id}`);
  }
  tell(`ended as told: ${sent.id}`);
}

async function work(from: number): Promise<void> {
  for (let i = from; answers < Number(answersMax) || awaitsCarrying(); i += WORKERS) {
    await one(i);
    // Not in step with the others: a commit then finds flushes under way.
    await setTimeout(i % 11);
  }
}

/** Who closes has carried something before: the machine may have been too fast for the pace of that. */
function awaitsCarrying(): boolean {
  if (end !== 'close' || answers > ANSWERS_TIMES_MAX * Number(answersMax)) return false;
  using db = new DatabaseSync(join(dir, 'custody.db'), { readOnly: true });
  return db.prepare('SELECT 1 FROM body LIMIT 1').get() === undefined;
}

/** Takes what was written a moment ago for an hour old. */
function age(): void {
  const log = join(dir, 'log');
  const lastHour = Date.now() / 1000 - 3600;
  const segments = readdirSync(log).filter((name) => name.endsWith('.seg'));
  for (const name of segments.sort().slice(0, -2)) utimesSync(join(log, name), lastHour, lastHour);
}

const ageing = setInterval(age, 100);
await Promise.all(Array.from({ length: WORKERS }, (_, i) => work(i)));
clearInterval(ageing);
await custody[Symbol.asyncDispose]();
