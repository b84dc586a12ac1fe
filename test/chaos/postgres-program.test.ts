/** The whole program on two hosts and one PostgreSQL: its primary dies and is followed, then a host dies and its mail goes on at the other. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  die,
  GENTLE,
  RESOURCES,
  type ScriptedHop,
  type Sent,
  SteadyLoad,
  settingsFor,
  startHop,
} from '#/drills/kit/index.ts';
import { type MailId, within } from '#/model/index.ts';
import { systemClock } from '#/roles/system-clock.ts';
import type { PostgresCustody } from '#/store/postgres/index.ts';
import { openPostgresCustody } from '#/store/postgres/index.ts';
import { eventually, Holdfast } from '../support/holdfast.ts';
import { orSkip } from '../support/or-skip.ts';
import { startPostgres } from '../support/postgres.ts';

/** A bound for hangs on the slowest machine. */
const HANGING_MS = 300_000;
const CALL_MS = 30_000;

test('design 4: two hosts of a cluster lose nothing when its primary dies and when one of them dies', {
  timeout: HANGING_MS,
}, async (t) => {
  await using postgres = orSkip(t, await startPostgres({ version: 15, synchronousStandby: true }));
  if (postgres === undefined) return;
  const seed = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed}`);
  const roll = die(seed);
  await using hop = await startHop(roll);
  hop.temper = { softRefusal: 0.05, hardRefusal: 0.03, disconnect: 0.004, silentTake: 0.002 };
  const url = await postgres.createDatabase('holdfast');
  await using first = await Holdfast.start({
    settings: `${settingsFor(hop.port)}\nstore: ${url}`,
    resources: RESOURCES,
  });
  const key = join(first.data, 'secrets.key');
  const shared = `${settingsFor(hop.port)}\nstore: ${url}\nsecrets: { key: { file: ${key} } }`;
  await using second = await Holdfast.start({ settings: shared });
  const loads = [first, second].map(({ ports }, host) => {
    return new SteadyLoad({ port: ports.smtp, connections: 3, roll, pauseMs: 20, large: 0, prefix: `host${host}-` });
  });
  const accepted = (): Sent[] => loads.flatMap(({ sent }) => sent.filter(({ queueId }) => queueId !== null));
  const more = async (count: number): Promise<void> => {
    const before = accepted().length;
    await eventually(`${count} more mails are taken`, () => accepted().length >= before + count, 90_000);
  };

  await more(60);
  await postgres.kill9();
  const diedAt = Date.now();
  await postgres.promoteStandby();
  const promotedAt = Date.now();
  await eventually('mail flows again', () => accepted().some(({ at }) => at > promotedAt), 90_000);
  t.diagnostic(`promoted ${promotedAt - diedAt} ms after its death; mail flows ${Date.now() - promotedAt} ms later`);
  await more(60);

  const settings = { url, secretsKeyFile: key, host: 'judge', release: '0' };
  await using custody = await openPostgresCustody(settings, { clock: systemClock, blobs: null });
  await second.killAll();
  const killedAt = Date.now();
  await loads[1]?.stop();
  const orphaned = (loads[1]?.sent ?? []).filter(({ queueId }) => queueId !== null);
  hop.temper = { ...GENTLE };
  await eventually('the mail of the host that died has ended', () => haveEnded(custody, orphaned), 90_000);
  t.diagnostic(`all ${orphaned.length} mails of the second host had ended ${Date.now() - killedAt} ms after its death`);
  await loads[0]?.stop();
  await eventually(
    'nothing waits',
    async () => (await custody.books(within(CALL_MS))).every(({ queued }) => queued === 0),
    90_000,
  );

  const judged = await judge(custody, hop, accepted());
  t.diagnostic(JSON.stringify({ ...judged, missing: judged.missing.length, unexplained: judged.unexplained.length }));
  assert.deepEqual(judged.missing, [], 'recipients that had their 250 and are gone');
  assert.deepEqual(judged.unexplained, [], 'duplicates that nothing announced');
  const audit = await first.json<{ balanced: boolean; orphans: unknown[] }>('audit', '--full');
  assert.equal(audit.balanced, true, 'the books balance');
  assert.deepEqual(audit.orphans, [], 'no orphans');
});

async function haveEnded(custody: PostgresCustody, mails: readonly Sent[]): Promise<boolean> {
  const ids = mails.map(({ queueId }) => queueId as MailId);
  const traces = await custody.trace({ ids }, ids.length, within(CALL_MS));
  return traces.length === ids.length && traces.every((trace) => trace.recipients.every(({ due }) => due === null));
}

interface Judged {
  readonly accepted: number;
  readonly missing: readonly string[];
  readonly duplicates: number;
  readonly unexplained: readonly string[];
}

async function judge(custody: PostgresCustody, hop: ScriptedHop, mails: readonly Sent[]): Promise<Judged> {
  const missing: string[] = [];
  const marked = new Set<string>();
  let accepted = 0;
  for (const { mail, queueId, taken } of mails) {
    const [traced] = await custody.trace({ ids: [queueId as MailId] }, 1, within(CALL_MS));
    for (const address of taken) {
      accepted++;
      const found = traced?.recipients.find((recipient) => recipient.address === address);
      if (found?.possiblyDuplicate) marked.add(address);
      const served = found?.state === 'delivered' && hop.taken.has(`${mail.id} ${address}`);
      const refused = found?.state === 'bounced' && hop.refused.has(address);
      if (!served && !refused) missing.push(`${queueId} ${address} ${found?.state ?? 'unknown'}`);
    }
  }
  const twice = [...hop.taken].filter(([, times]) => times > 1).map(([key]) => key);
  const unexplained = twice.filter((key) => !marked.has(key.split(' ')[1] ?? ''));
  return { accepted, missing, duplicates: twice.length, unexplained };
}
