import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault, LOCAL_DESTINATION } from '#/model/index.ts';
import type { LocalAnswer, LocalDelivery, LocalMail } from '#/ports/index.ts';
import { claimOf, startBench } from '#/testkit/index.ts';

const localDomains = ['acme.test'];

function mailboxes(answers: (mail: LocalMail) => Promise<readonly LocalAnswer[]>): LocalDelivery & { asked: number } {
  const local = {
    asked: 0,
    deliver: (mail: LocalMail) => {
      local.asked += 1;
      return answers(mail);
    },
  };
  return local;
}

function said(n: number, kind: LocalAnswer['kind'], code: number): LocalAnswer {
  return { n, kind, reply: { code, enhanced: null, text: kind, host: null } };
}

test('H4: of three recipients one is stored, one waits, one is refused, each by itself', async () => {
  const local = mailboxes(async () => [said(2, 'later', 452), said(1, 'stored', 250), said(3, 'refused', 550)]);
  await using bench = startBench({ local, localDomains });
  bench.work.offer(LOCAL_DESTINATION, [claimOf({ to: ['a@acme.test', 'b@acme.test', 'c@acme.test'] })]);
  await bench.work.until({ settled: 1 });
  assert.deepEqual(bench.work.kinds(), ['delivered', 'deferred', 'bounced']);
});

test('O6: while the mailboxes are away no mail is tried: the destination is closed, and what was taken goes back', async () => {
  const local = mailboxes(() => Promise.reject(new Fault('server.unreachable')));
  await using bench = startBench({ local, localDomains });
  bench.work.offer(LOCAL_DESTINATION, [claimOf({ to: ['a@acme.test'] }), claimOf({ to: ['b@acme.test'] })]);
  await bench.work.until({ released: 1 });
  assert.deepEqual([bench.work.kinds(), local.asked], [[], 1]);
  assert.deepEqual(
    bench.work.troubles.map(({ kind }) => kind),
    ['down'],
  );
});

test('H4: a recipient of whom the mailboxes say nothing waits, and is not taken for served', async () => {
  const local = mailboxes(async () => [said(1, 'stored', 250)]);
  await using bench = startBench({ local, localDomains });
  bench.work.offer(LOCAL_DESTINATION, [claimOf({ to: ['a@acme.test', 'b@acme.test'] })]);
  await bench.work.until({ settled: 1 });
  assert.deepEqual(bench.work.kinds(), ['delivered', 'deferred']);
});

test('H5: one mail that the mailboxes can not take, or whose content is gone, waits or is held by itself, and the next is delivered', async () => {
  const faults = [new Fault('call.late'), new Error('a mistake of ours'), new Fault('body.damaged')];
  const local = mailboxes(async ({ recipients }) => {
    const fault = faults.shift();
    if (fault !== undefined) throw fault;
    return recipients.map(({ n }) => said(n, 'stored', 250));
  });
  await using bench = startBench({ local, localDomains });
  bench.work.offer(
    LOCAL_DESTINATION,
    ['a', 'b', 'c', 'd'].map((name) => claimOf({ to: [`${name}@acme.test`] })),
  );
  await bench.work.until({ settled: 4 });
  assert.deepEqual(bench.work.kinds(), ['deferred', 'deferred', 'held', 'delivered']);
  assert.deepEqual(bench.work.troubles, []);
});
