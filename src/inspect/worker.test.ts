/** A worker over the model of custody: what is written down, what is not, and who is to blame. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DestinationKey, MailId, PolicyVersion, Verdict } from '#/model/index.ts';
import { Fault, INSPECT_DESTINATION } from '#/model/index.ts';
import { until } from '#/testkit/index.ts';
import { clock, SOON, WorkerBench } from '#/testkit/inspect/index.ts';

const WAITS = `queued ${INSPECT_DESTINATION}`;

test('H1: each verdict becomes its outcome, and a stranger’s refused mail ends without a report', async () => {
  await using bench = new WorkerBench();
  const kinds: Partial<Verdict>[] = [
    { kind: 'pass' },
    { kind: 'hold', forMs: 900_000, atEnd: 'send' },
    { kind: 'approve', by: [], deputies: [], least: 1, expireMs: null, selfApproval: false },
    { kind: 'reject', text: 'no' },
    { kind: 'discard' },
    { kind: 'pass', changes: [{ kind: 'forceBcc' }] },
  ];
  const mails: MailId[] = [];
  for (const [i] of kinds.entries()) mails.push(await bench.mail({ purpose: i === 3 ? 'peer' : 'user' }));
  bench.inspector.say = ({ mail }) => kinds[mails.indexOf(mail.id)] ?? null;
  await bench.start();
  const [passed, held, asked, refused, gone, changed] = mails as [MailId, MailId, MailId, MailId, MailId, MailId];
  await bench.becomes(passed, 'queued mx:there.test');
  await bench.becomes(held, 'held policy mx:there.test');
  await bench.becomes(asked, 'approval policy mx:there.test');
  await bench.becomes(refused, 'discarded policy inspect');
  await bench.becomes(gone, 'discarded policy inspect');
  await bench.becomes(changed, 'queued mx:there.test');
});

test('H10: nothing is written down by a worker whose probe comes back wrong, and its mail is due again at once', async () => {
  await using bench = new WorkerBench();
  const ids = [await bench.mail(), await bench.mail()];
  bench.inspector.probe = ['pass', 'pass', 'pass'];
  await bench.start();
  await until(() => bench.unfit.length > 0);
  assert.equal(bench.unfit[0]?.clean, true);
  for (const id of ids) await bench.becomes(id, WAITS);
  bench.inspector.probe = ['pass', 'hold', 'reject'];
  await bench.start();
  for (const id of ids) await bench.becomes(id, 'queued mx:there.test');
});

test('H10: a worker that does not answer a probe is unfit, and what it worked on is suspect', async () => {
  await using bench = new WorkerBench();
  const id = await bench.mail();
  const answer = bench.inspector.inspect.bind(bench.inspector);
  bench.inspector.inspect = (mail, call) =>
    mail.mail.purpose === 'probe' ? new Promise(() => {}) : answer(mail, call);
  await bench.start({ probeMs: 1 });
  await until(() => bench.unfit.length > 0);
  assert.equal(bench.unfit[0]?.clean, false);
  await bench.becomes(id, WAITS);
  const [trace] = await bench.custody.trace({ ids: [id] }, 1, SOON());
  assert.equal(trace?.recipients[0]?.attempts, 1);
});

test('M8: mail of a tenant that goes by inspection is not judged, also where judging it has failed meanwhile', async () => {
  await using bench = new WorkerBench();
  const id = await bench.mail();
  const destination = 'route:relay.test:25' as DestinationKey;
  const reason = { en: 'goes by', ja: '' };
  const version = bench.inspector.rules;
  const verdict = { kind: 'pass', rule: 'bypass', version, reason, changes: [], notify: [] } as const;
  bench.inspector.say = () => {
    bench.passage = { by: 'op', verdict, destination };
    throw new Error('it can’t be judged');
  };
  await bench.start();
  await bench.becomes(id, `queued ${destination}!`);
  const other = await bench.mail();
  await bench.becomes(other, `queued ${destination}!`);
  assert.deepEqual(
    bench.inspector.seen.map(({ mail }) => mail.id),
    [id],
  );
  const [trace] = await bench.custody.trace({ ids: [other] }, 1, SOON());
  assert.deepEqual(
    trace?.events.map(({ kind, rule, attribution }) => [kind, rule, attribution]),
    [
      ['accepted', null, null],
      ['verdict', 'bypass', 'op'],
    ],
  );
});

test('H1: a verdict of rules that hold no more is dropped, and the mail is inspected anew', async () => {
  await using bench = new WorkerBench();
  const id = await bench.mail();
  bench.inspector.say = () => {
    if (bench.inspector.seen.length > 1) return { kind: 'pass' };
    bench.inspector.rules = 'v2' as PolicyVersion;
    return { kind: 'discard', version: 'v1' as PolicyVersion };
  };
  await bench.start();
  await bench.becomes(id, 'queued mx:there.test');
  assert.equal(bench.inspector.seen.length, 2);
});

test('H10: mail over which a worker was lost is inspected alone, whole, and before other mail', async () => {
  await using bench = new WorkerBench();
  const suspect = await bench.mail({ recipients: 3 });
  await bench.lose(suspect);
  const others = await Promise.all(Array.from({ length: 5 }, () => bench.mail()));
  const beside: number[] = [];
  bench.inspector.say = async ({ mail }) => {
    await clock.sleep(5);
    if (mail.id === suspect) beside.push(bench.inspector.atOnce);
    return { kind: 'pass' };
  };
  await bench.start();
  for (const id of others) await bench.becomes(id, 'queued mx:there.test');
  await bench.becomes(suspect, ...Array(3).fill('queued mx:there.test'));
  assert.deepEqual(beside, [1]);
  assert.equal(bench.inspector.seen[0]?.mail.id, suspect);
  assert.deepEqual(bench.inspector.seen[0]?.asked, [1, 2, 3]);
  assert.ok(bench.inspector.most > 1, 'the others are inspected together');
});

test('M4: much mail that must be inspected alone leaves other mail its turn, and still has nothing beside it', async () => {
  await using bench = new WorkerBench();
  const suspects = [await bench.mail(), await bench.mail(), await bench.mail()];
  for (const id of suspects) await bench.lose(id);
  const others = [await bench.mail(), await bench.mail()];
  const beside: number[] = [];
  bench.inspector.say = async ({ mail }) => {
    await clock.sleep(5);
    if (suspects.includes(mail.id)) beside.push(bench.inspector.atOnce);
    return { kind: 'pass' };
  };
  await bench.start({ aloneTurnMs: 1 });
  for (const id of [...others, ...suspects]) await bench.becomes(id, 'queued mx:there.test');
  assert.deepEqual(beside, [1, 1, 1]);
  assert.deepEqual(
    bench.inspector.seen.map(({ mail }) => (suspects.includes(mail.id) ? 'alone' : 'other')),
    ['alone', 'other', 'other', 'alone', 'alone'],
  );
});

test('H5: mail that the inspector fails on is set aside before inspection, and an operator is told', async () => {
  await using bench = new WorkerBench();
  const [broken, silent, good] = [await bench.mail(), await bench.mail(), await bench.mail()];
  bench.inspector.say = ({ mail }) => {
    if (mail.id === broken) throw new Error('a bug');
    return mail.id === silent ? null : { kind: 'pass' };
  };
  await bench.start();
  await bench.becomes(broken, `held set-aside ${INSPECT_DESTINATION}`);
  await bench.becomes(silent, `held set-aside ${INSPECT_DESTINATION}`);
  await bench.becomes(good, 'queued mx:there.test');
  assert.equal(bench.log.lines.filter(({ event }) => event === 'inspect.set-aside').length, 2);
});

test('H1: mail whose rules are not known to a worker waits, and is inspected again in seconds', async () => {
  await using bench = new WorkerBench();
  const id = await bench.mail();
  bench.inspector.say = () => {
    if (bench.inspector.seen.length === 1) throw new Fault('rules.unknown');
    return { kind: 'pass' };
  };
  await bench.start({ rulesAgainMs: 1 });
  await bench.becomes(id, 'queued mx:there.test');
  assert.equal(bench.inspector.seen.length, 2);
  assert.ok(!bench.log.lines.some(({ event }) => event === 'inspect.set-aside'));
});

test('M4: never are more mails inspected at once than there are places, and all of them end', async () => {
  await using bench = new WorkerBench();
  const ids = await Promise.all(Array.from({ length: 40 }, () => bench.mail()));
  bench.inspector.say = async () => {
    await clock.sleep(1);
    return { kind: 'pass' };
  };
  await bench.start({ mailsAtOnce: 4, claimRecipients: 10 });
  for (const id of ids) await bench.becomes(id, 'queued mx:there.test');
  assert.ok(bench.inspector.most <= 4);
  assert.equal(bench.inspector.seen.length, 40, 'each once');
});

test('H10: a worker that ends gives back what it has not begun, as nobody’s fault', async () => {
  const bench = new WorkerBench();
  const ids = await Promise.all(Array.from({ length: 6 }, () => bench.mail()));
  const { promise, resolve } = Promise.withResolvers<void>();
  bench.inspector.say = async () => {
    await promise;
    return { kind: 'pass' };
  };
  await bench.start({ mailsAtOnce: 2, claimRecipients: 10 });
  await until(() => bench.inspector.seen.length === 2);
  const ending = bench[Symbol.asyncDispose]();
  resolve();
  await ending;
  const states = (await Promise.all(ids.map((id) => bench.states(id)))).flat();
  assert.equal(states.filter((state) => state === 'queued mx:there.test').length, 2);
  assert.equal(states.filter((state) => state === WAITS).length, 4);
  const traces = await bench.custody.trace({ ids }, 9, SOON());
  assert.ok(traces.every(({ recipients }) => recipients[0]?.attempts === 0));
});
