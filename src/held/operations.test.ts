import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Claim,
  type Decision,
  type Domain,
  Fault,
  INSPECT_DESTINATION,
  type MailAddress,
  type MailId,
  mxDestination,
  type RecipientState,
  type Verdict,
  within,
} from '#/model/index.ts';
import { type Custody, TELLS_NOBODY } from '#/ports/index.ts';
import { readQuery } from '#/queue/index.ts';
import { openMemoryDownloads } from '#/store/index.ts';
import {
  FakeBlobs,
  FakeDirectorySource,
  HERE,
  judged,
  overriding,
  QueueBench,
  tenantOf,
  verdictOf,
} from '#/testkit/index.ts';
import { heldOperations } from './index.ts';
import { markOf } from './verdict-mark.ts';

const ACME = tenantOf({
  id: 'acme',
  domains: ['acme.test'],
  users: [['alice@acme.test', 'a.archer@acme.test'], ['bob@acme.test'], ['carol@acme.test'], ['root@acme.test']],
  admins: ['root@acme.test'],
});
const GLOBEX = tenantOf({
  id: 'globex',
  domains: ['globex.test'],
  users: [['eve@globex.test']],
  admins: ['eve@globex.test'],
});
const PEOPLE = new FakeDirectorySource([ACME, GLOBEX]);
const HOLD: Decision = { kind: 'hold', forMs: 900_000, atEnd: 'send' };
const DECISIONS = openMemoryDownloads().decisions;
const STRICT: Decision = { kind: 'hold', forMs: null, atEnd: 'expire' };

interface Done {
  readonly recipients: number;
  readonly messages: readonly string[];
  readonly refused: number;
  readonly late: number;
  readonly why: string | null;
}
interface Seen {
  readonly id: string;
  readonly recipients: readonly {
    readonly address: string;
    readonly may: readonly string[];
    readonly [key: string]: unknown;
  }[];
  readonly attachments?: unknown;
  readonly header?: unknown;
}

/** Calls an operation as the server does: input and output through its schemas. */
async function call<T>(bench: QueueBench, name: string, input: object, by = 'cli:root'): Promise<T> {
  const { clock } = bench;
  const operations = heldOperations({
    custody: bench.custody,
    journal: bench.store,
    blobs: new FakeBlobs(),
    directory: PEOPLE,
    clock,
    log: bench.log,
    notices: bench.noticeMaker(),
    people: TELLS_NOBODY,
    decisions: DECISIONS,
    worker: HERE,
    settleLater: (settlement) => bench.queue.settleLater(settlement),
    doorbell: () => bench.queue.doorbell(),
    readFilter: (query, tenant) =>
      readQuery({ query, tenant: tenant ?? undefined }, { clock, timezoneOf: () => 'UTC' }),
  });
  const found = operations.find((each) => each.name === name);
  assert.ok(found !== undefined, name);
  return found.output.parse(await found.handle(found.input.parse(input), { by, call: within(30_000) })) as T;
}

function asking(more: Partial<Extract<Decision, { kind: 'approve' }>> = {}): Decision {
  const by = ['bob@acme.test', 'carol@acme.test'] as MailAddress[];
  return { kind: 'approve', by, deputies: [], least: 1, expireMs: 864_000_000, selfApproval: false, ...more };
}

const states = (bench: QueueBench, id: MailId): Promise<readonly RecipientState[]> => bench.states(id);

test('H1: its sender sees why mail is held, in both languages, until when, and who really gets it', async () => {
  await using bench = await QueueBench.start();
  const id = await judged(bench, [HOLD, HOLD], {
    facts: { from: 'alice@acme.test', subject: '見積書', messageId: '<1@a>' },
  });
  const { mails } = await call<{ mails: Seen[] }>(bench, 'held.list', { as: 'a.archer@acme.test', tray: 'mine' });
  assert.deepEqual([mails.length, mails[0]?.id], [1, id]);
  const { why, rule, until, atEnd, address, may } = mails[0]?.recipients[0] ?? ({} as Seen['recipients'][0]);
  assert.deepEqual(
    [why, rule, until, atEnd, address, may],
    [
      verdictOf(HOLD).reason,
      'leak',
      '2026-11-21T12:15:00.000Z',
      'sent',
      'customer0@partner.test',
      ['release', 'stop', 'delete'],
    ],
  );
});

test('H1: its sender releases, stops and deletes what a rule holds for a time', async () => {
  await using bench = await QueueBench.start();
  const [sent, stopped, deleted] = [
    await judged(bench, [HOLD]),
    await judged(bench, [HOLD]),
    await judged(bench, [HOLD]),
  ];
  const as = 'alice@acme.test';
  assert.equal((await call<Done>(bench, 'held.release', { as, ids: [sent] })).recipients, 1);
  assert.equal((await call<Done>(bench, 'held.stop', { as, ids: [stopped] })).recipients, 1);
  assert.equal((await call<Done>(bench, 'held.delete', { as, ids: [deleted] })).recipients, 1);
  await bench.clock.advance(1_000_000, 10_000);
  assert.deepEqual(await states(bench, sent), ['delivered']);
  assert.deepEqual(await states(bench, stopped), ['held']);
  assert.deepEqual(await states(bench, deleted), ['discarded']);
  await assert.rejects(call(bench, 'held.stop', { as, ids: [stopped] }), { exit: 1, message: /stopped already/ });
  assert.equal(await bench.balanced(), true);
});

test('H1: what a rule wants changed goes as it is only by an administrator or operator, who says why, and never by its sender', async () => {
  await using bench = await QueueBench.start();
  const changes = [{ kind: 'redact', detectors: ['creditCard'] }] as const;
  const mail = bench.mail({ to: ['customer@partner.test'], destination: INSPECT_DESTINATION });
  await bench.store.accept([mail], null, within(30_000));
  const named = { kind: 'named', filter: { ids: [mail.id] }, limit: 9 } as const;
  const [claim] = await bench.store.claim(named, HERE, within(30_000));
  const verdict = { ...verdictOf({ kind: 'hold', forMs: null, atEnd: 'expire' }), changes } as Verdict;
  const outcome = {
    kind: 'suspended',
    destination: mxDestination('partner.test' as Domain),
    until: null,
    atEnd: 'expire',
    verdict,
  } as const;
  const settlement = { claim: claim as Claim, outcomes: [{ n: 1, outcome }], born: [], elapsedMs: 0, peer: null };
  await bench.store.settle(settlement, HERE, within(30_000));
  const ask = { ids: [mail.id], asItIs: true };
  const release = (as: object, reason = 'seen') =>
    call<{ recipients: number }>(bench, 'held.release', { ...ask, ...as, reason });
  await assert.rejects(release({ as: 'alice@acme.test' }), /own mail|Only administrators/);
  await assert.rejects(release({}, ''), /Say why/);
  assert.deepEqual((await release({})).recipients, 1);
});

test('H1: where the rule does not let mail go by itself, its sender may not release it and hears who may', async () => {
  await using bench = await QueueBench.start();
  const id = await judged(bench, [STRICT]);
  await assert.rejects(call(bench, 'held.release', { as: 'alice@acme.test', ids: [id] }), {
    message: /rule “leak” does not let its sender release it\. An administrator may act for you: root@acme\.test/,
  });
  assert.deepEqual(await states(bench, id), ['held']);
  const reason = 'checked with sales';
  assert.equal((await call<Done>(bench, 'held.release', { as: 'root@acme.test', ids: [id], reason })).recipients, 1);
});

test('H1: colleagues are refused with who may, administrators and operators say why, other tenants see nothing', async () => {
  await using bench = await QueueBench.start();
  const id = await judged(bench, [HOLD]);
  await assert.rejects(call(bench, 'held.release', { as: 'bob@acme.test', ids: [id] }), {
    exit: 1,
    message: /bob@acme\.test did not send it\. Its sender may release it\./,
  });
  for (const as of ['root@acme.test', undefined])
    await assert.rejects(call(bench, 'held.delete', { as, ids: [id] }), { message: /Say why/ });
  for (const name of ['held.release', 'held.delete', 'held.approve'])
    await assert.rejects(call(bench, name, { as: 'eve@globex.test', ids: [id], reason: 'mine' }), {
      message: /There is no message/,
    });
  await assert.rejects(call(bench, 'held.show', { as: 'eve@globex.test', id }), { message: /There is no message/ });
  await assert.rejects(call(bench, 'held.show', { as: 'bob@acme.test', id }), { message: /for its sender to see/ });
  await assert.rejects(call(bench, 'held.show', { tenant: 'globex', id }), { message: /There is no message/ });
  const listed = await call<{ mails: Seen[] }>(bench, 'held.list', { as: 'eve@globex.test', filter: 'tenant:acme' });
  assert.deepEqual(listed.mails, []);
  const filtered = await call<Done>(bench, 'held.delete', {
    as: 'eve@globex.test',
    filter: 'from:alice@acme.test',
    reason: 'x',
  });
  assert.equal(filtered.recipients, 0);
  await assert.rejects(call(bench, 'held.release', { as: 'nobody@acme.test', ids: [id] }), {
    message: /nobody with the address/,
  });
  assert.deepEqual(await states(bench, id), ['held']);
});

test('H1: what a stranger sent in somebody’s name is not theirs to release', async () => {
  await using bench = await QueueBench.start();
  const identity = { kind: 'peer', tenant: null, name: '' } as const;
  const id = await judged(bench, [HOLD], { identity });
  await assert.rejects(call(bench, 'held.release', { as: 'alice@acme.test', ids: [id] }), {
    message: /did not send it/,
  });
  const relayed = await judged(bench, [HOLD], { identity: { kind: 'relay', tenant: ACME.id, name: 'exchange' } });
  assert.equal((await call<Done>(bench, 'held.release', { as: 'alice@acme.test', ids: [relayed] })).recipients, 1);
});

test('H1: two approvers have to agree, each once; nobody else counts, nor the sender', async () => {
  await using bench = await QueueBench.start();
  const by = ['bob@acme.test', 'carol@acme.test', 'alice@acme.test'] as MailAddress[];
  const id = await judged(bench, [asking({ by, least: 2 })]);
  await assert.rejects(call(bench, 'held.approve', { as: 'alice@acme.test', ids: [id] }), {
    message: /Nobody approves their own mail/,
  });
  await assert.rejects(call(bench, 'held.release', { as: 'bob@acme.test', ids: [id] }), {
    message: /approved, rejected or deleted/,
  });
  assert.equal((await call<Done>(bench, 'held.approve', { as: 'bob@acme.test', ids: [id] })).recipients, 1);
  await assert.rejects(call(bench, 'held.approve', { as: 'bob@acme.test', ids: [id] }), {
    message: /approved it already\. 1 of 2 have approved it/,
  });
  assert.deepEqual(await states(bench, id), ['approval']);
  const asked = await call<{ mails: Seen[] }>(bench, 'held.list', { as: 'carol@acme.test', tray: 'approve' });
  assert.deepEqual(asked.mails[0]?.recipients[0]?.may, ['approve', 'reject']);
  await call<Done>(bench, 'held.approve', { as: 'carol@acme.test', ids: [id] });
  await bench.clock.advance(1_000, 100);
  assert.deepEqual(await states(bench, id), ['delivered']);
});

test('H1: a rule may let its sender approve; deputies count; an administrator decides for all and says why', async () => {
  await using bench = await QueueBench.start();
  const [ALICE, BOB, CAROL] = ['alice@acme.test', 'bob@acme.test', 'carol@acme.test'] as MailAddress[];
  const own = await judged(bench, [asking({ by: [ALICE as MailAddress], selfApproval: true })]);
  assert.equal((await call<Done>(bench, 'held.approve', { as: ALICE, ids: [own] })).recipients, 1);
  const deputy = await judged(bench, [asking({ by: [BOB as MailAddress], deputies: [CAROL as MailAddress] })]);
  assert.equal((await call<Done>(bench, 'held.approve', { as: CAROL, ids: [deputy] })).recipients, 1);
  const both = await judged(bench, [asking({ least: 2 })]);
  await assert.rejects(call(bench, 'held.approve', { as: 'root@acme.test', ids: [both] }), { message: /Say why/ });
  await call<Done>(bench, 'held.approve', { as: 'root@acme.test', ids: [both], reason: 'both are away' });
  await bench.clock.advance(1_000, 100);
  for (const id of [own, deputy, both]) assert.deepEqual(await states(bench, id), ['delivered']);
});

test('design 6: mail of another tenant is rejected without a word of the people, the rules and the reasons of this one', async () => {
  await using bench = await QueueBench.start();
  const identity = { kind: 'user', tenant: GLOBEX.id, name: 'eve@globex.test' } as const;
  const id = await judged(bench, [asking()], { identity, sender: 'eve@globex.test' as MailAddress });
  await call<Done>(bench, 'held.reject', { as: 'bob@acme.test', ids: [id], reason: 'Ask carol' }, 'user:bob@acme.test');
  assert.deepEqual(await states(bench, id), ['bounced']);
  const [trace] = await bench.store.trace({ ids: [id] }, 1, within(30_000));
  assert.equal(trace?.recipients[0]?.lastReply, '550 5.7.1 Not approved');
});

test('H1: an administrator is nobody’s approver of their own mail', async () => {
  await using bench = await QueueBench.start();
  const identity = { kind: 'user', tenant: ACME.id, name: 'root@acme.test' } as const;
  const sender = 'root@acme.test' as MailAddress;
  const id = await judged(bench, [asking(), STRICT], { identity, sender });
  for (const name of ['held.approve', 'held.reject', 'held.release'])
    await assert.rejects(call(bench, name, { as: sender, ids: [id], reason: 'urgent' }), { exit: 1 }, name);
  assert.deepEqual(await states(bench, id), ['approval', 'held']);
});

test('H1: a rejection ends all that waits for approval with one report, and leaves what is held alone', async () => {
  await using bench = await QueueBench.start();
  const id = await judged(bench, [asking(), asking(), HOLD]);
  const done = await call<Done>(bench, 'held.reject', { as: 'bob@acme.test', ids: [id], reason: 'Wrong\r\ncustomer' });
  assert.deepEqual([done.recipients, done.refused], [2, 1]);
  assert.deepEqual(await states(bench, id), ['bounced', 'bounced', 'held']);
  assert.equal(bench.notices.length, 1);
  const [trace] = await bench.store.trace({ ids: [id] }, 1, within(30_000));
  assert.equal(trace?.recipients[0]?.lastReply, '550 5.7.1 Not approved (rule “leak”): Wrong customer');
  assert.equal(trace?.recipients[2]?.due, bench.clock.now() - 10 + 900_000, 'its time is as it was');
  assert.equal(await bench.balanced(), true);
});

test('H1: by filter, what one may is done and what one may not is counted; the rest stays', async () => {
  await using bench = await QueueBench.start();
  const ids = [await judged(bench, [HOLD, STRICT]), await judged(bench, [HOLD])];
  const other = await judged(bench, [HOLD], {
    identity: { kind: 'user', tenant: ACME.id, name: 'bob@acme.test' },
    sender: 'bob@acme.test' as MailAddress,
  });
  const done = await call<Done>(bench, 'held.release', { as: 'alice@acme.test', filter: 'to:*@partner.test' });
  assert.deepEqual([done.recipients, done.refused, done.late, [...done.messages]], [2, 1, 0, ids]);
  assert.match(done.why ?? '', /does not let its sender release it/);
  assert.deepEqual(await states(bench, other), ['held']);
  await assert.rejects(call(bench, 'held.release', { as: 'alice@acme.test' }), { exit: 2, message: /Say which mail/ });
});

test('H1: who comes second hears so, and nothing is done twice', async () => {
  await using bench = await QueueBench.start();
  const id = await judged(bench, [HOLD]);
  const calls = ['held.release', 'held.delete', 'held.stop', 'held.release'].map((name) =>
    call<Done>(bench, name, { as: 'alice@acme.test', ids: [id] }).then(
      ({ recipients }) => recipients,
      (error: Error) => error.message,
    ),
  );
  const answers = await Promise.all(calls);
  assert.equal(answers.filter((each) => each === 1).length, 1);
  for (const each of answers.filter((answer) => answer !== 1))
    assert.match(String(each), /Nothing was changed|is neither held/);
});

test('design 5: the queue’s operators reach nothing that waits by a verdict, stopped or not', async () => {
  await using bench = await QueueBench.start();
  const id = await judged(bench, [HOLD]);
  await call<Done>(bench, 'held.stop', { as: 'alice@acme.test', ids: [id] });
  const { recipients } = await bench.store.act({ kind: 'release' }, { ids: [id] }, 'op', 9, within(30_000));
  assert.equal(recipients, 0);
});

test('H1: long trays are paged, in order, without a gap or a repetition', async () => {
  await using bench = await QueueBench.start();
  const ids: string[] = [];
  for (let i = 0; i < 9; i++) ids.push(await judged(bench, [i % 3 === 0 ? asking() : i % 3 === 1 ? HOLD : STRICT]));
  await call<Done>(bench, 'held.stop', { as: 'alice@acme.test', ids: [ids[4]] });
  const seen: string[] = [];
  for (let after: string | null = null; ; ) {
    const page: { mails: Seen[]; next: string | null } = await call(bench, 'held.list', { limit: 2, after });
    seen.push(...page.mails.map(({ id }) => id));
    after = page.next;
    if (after === null) break;
  }
  assert.deepEqual(seen, ids);
});

test('H1: who decides sees the names of what is attached, Japanese ones too, and none of the content', async () => {
  await using bench = await QueueBench.start();
  const lines = [
    'From: =?UTF-8?B?6Iqx5a2Q?= <alice@acme.test>',
    'To: one@partner.test, two@partner.test',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    '',
    'secret text',
    '--b',
    "Content-Disposition: attachment; filename*=UTF-8''%E8%A6%8B%E7%A9%8D.pdf",
    'Content-Type: application/pdf',
    '',
    '%PDF',
    '--b--',
    '',
  ];
  const content = Buffer.from(lines.join('\r\n'));
  const body = { kind: 'memory', chunks: [content], size: content.length } as const;
  const id = await judged(bench, [asking()], { body, size: content.length });
  const shown = await call<Seen>(bench, 'held.show', { as: 'bob@acme.test', id });
  assert.deepEqual(shown.attachments, [{ name: '見積.pdf', bytes: 4 }]);
  assert.deepEqual(shown.header, {
    from: '花子 <alice@acme.test>',
    to: 'one@partner.test, two@partner.test',
    cc: '',
  });
  assert.doesNotMatch(JSON.stringify(shown), /secret text/);
});

test('design 1: a stranger’s mail that is rejected ends without a report: its sender may be invented', async () => {
  await using bench = await QueueBench.start();
  for (const kind of ['peer', 'system'] as const) {
    const id = await judged(bench, [asking()], { identity: { kind, tenant: null, name: '' } });
    assert.equal((await call<Done>(bench, 'held.reject', { as: 'bob@acme.test', ids: [id] })).recipients, 1);
    assert.deepEqual(await states(bench, id), ['discarded'], kind);
  }
  assert.equal(bench.notices.length, 0);
});

test('design 6: by the mark of a verdict only what waits by it is seen and acted on, and nothing once it has moved on', async () => {
  await using bench = await QueueBench.start();
  const id = await judged(bench, [HOLD, asking({ least: 1 }), HOLD]);
  const mark = markOf(verdictOf(HOLD));
  const seen = await call<Seen>(bench, 'held.show', { id, verdict: mark, as: 'alice@acme.test' });
  assert.deepEqual(
    seen.recipients.map(({ address, verdict }) => [address, verdict]),
    [
      ['customer0@partner.test', mark],
      ['customer2@partner.test', mark],
    ],
  );
  const asked = { ids: [id], verdict: mark, as: 'alice@acme.test' };
  assert.equal((await call<Done>(bench, 'held.delete', asked)).recipients, 2);
  assert.deepEqual(await states(bench, id), ['discarded', 'approval', 'discarded']);
  await assert.rejects(call(bench, 'held.delete', asked), /does not wait any more/);
  await assert.rejects(
    call(bench, 'held.show', { id, verdict: mark, as: 'alice@acme.test' }),
    /does not wait any more/,
  );
});

test('H1: who acts for somebody else gets no vote on their own mail by it', async () => {
  await using bench = await QueueBench.start();
  const id = await judged(bench, [asking()], { identity: { kind: 'user', tenant: ACME.id, name: 'root@acme.test' } });
  const asked = { ids: [id], as: 'bob@acme.test' };
  await assert.rejects(call(bench, 'held.approve', asked, 'root@acme.test'), /Nobody approves their own mail/);
  assert.deepEqual(await states(bench, id), ['approval']);
  assert.equal((await call<Done>(bench, 'held.approve', asked, 'bob@acme.test')).recipients, 1);
});

test('H1: all recipients of a mail are acted on together, however few the store gives at a time', async () => {
  await using bench = await QueueBench.start({ wrap: (store) => overriding(store, { claim: givingFew(store, 2) }) });
  const id = await judged(bench, [asking(), asking(), asking(), asking(), asking()]);
  assert.equal((await call<Done>(bench, 'held.reject', { as: 'bob@acme.test', ids: [id] })).recipients, 5);
  assert.deepEqual(new Set(await states(bench, id)), new Set(['bounced']));
  assert.equal(bench.notices.length, 1);
});

test('H5: an act that the store fails in the middle of leaves nothing out of reach', async () => {
  let asked = 0;
  await using bench = await QueueBench.start({
    wrap: (store) =>
      overriding(store, {
        claim: async (request, worker, until) => {
          if (request.kind === 'named' && ++asked === 2) throw new Fault('store.busy');
          return store.claim(request, worker, until);
        },
      }),
  });
  const id = await judged(bench, [HOLD, asking()]);
  const input = { as: 'root@acme.test', ids: [id], reason: 'wrong list' };
  await assert.rejects(call(bench, 'held.delete', input), { code: 'store.busy' });
  await bench.clock.advance(1_000, 100);
  assert.deepEqual(await states(bench, id), ['held', 'approval']);
  assert.equal((await call<Done>(bench, 'held.delete', input)).recipients, 2);
});

test('H1: a vote that comes while another one is being written is counted as well', async () => {
  await using bench = await QueueBench.start();
  const id = await judged(bench, [asking({ least: 2 })]);
  const named = { kind: 'named', filter: { ids: [id] }, limit: 1 } as const;
  const [claim] = await bench.store.claim(named, HERE, within(30_000));
  assert.ok(claim !== undefined);
  const second = call<Done>(bench, 'held.approve', { as: 'carol@acme.test', ids: [id] });
  await bench.clock.advance(50, 10);
  const act = { kind: 'approve', person: 'bob@acme.test', forAll: false, comment: '' } as const;
  const outcomes = [{ n: 1, outcome: { kind: 'acted', act, by: act.person } as const }];
  await bench.store.settle({ claim, outcomes, born: [], elapsedMs: 0, peer: null }, HERE, within(30_000));
  await bench.clock.advance(1_000, 10);
  const { recipients, late } = await second;
  assert.deepEqual([recipients, late], [1, 0]);
  await bench.clock.advance(1_000, 100);
  assert.deepEqual(await states(bench, id), ['delivered']);
});

/** A store that gives only so many recipients to a claim by name. */
function givingFew(store: Custody, count: number): Custody['claim'] {
  return (request, worker, until) =>
    store.claim(request.kind === 'named' ? { ...request, limit: count } : request, worker, until);
}
