import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import type { Call, Claim, IncarnationId, MailId, Settlement } from '#/model/index.ts';
import { Fault, within } from '#/model/index.ts';
import type { Custody } from '#/ports/index.ts';
import type { RemoteCaller } from './index.ts';
import { custodyMethods, remoteCustody } from './index.ts';

type Seen = { name: string; args: unknown[] };

// A custody that notes what it is asked, behind the two ends and all that a socket does to values.
function pair(answers: Record<string, (args: unknown[]) => unknown> = {}): {
  remote: Custody;
  seen: Seen[];
  caller: RemoteCaller;
} {
  const seen: Seen[] = [];
  const custody = new Proxy({} as Custody, {
    get: (_target, name) => {
      if (name === 'reserveBytes') return () => 4_096;
      return async (...args: unknown[]) => {
        seen.push({ name: String(name), args });
        return answers[String(name)]?.(args);
      };
    },
  });
  const methods = custodyMethods(custody);
  const caller: RemoteCaller = {
    call: async (method, args, call) => {
      const serve = methods.get(method);
      if (serve === undefined) throw new Fault('call.refused');
      const travelled: unknown = deserialize(serialize(args));
      return deserialize(serialize(await serve(travelled, { call })));
    },
  };
  return { remote: remoteCustody(caller), seen, caller };
}

test('design 4: each method arrives with its arguments, its answer comes back, and the call goes along', async () => {
  const { remote, seen } = pair({
    beat: () => true,
    body: () => ({ kind: 'memory', chunks: [Buffer.from('x')], size: 1 }),
  });
  const call: Call = within(30_000);
  const [worker, mail] = ['w' as IncarnationId, 'M' as MailId];
  assert.equal(await remote.beat(worker, call), true);
  const body = await remote.body(mail, call);
  assert.ok(body.kind === 'memory' && Buffer.concat(body.chunks).toString() === 'x');
  await remote.accept([], null, call);
  await remote.retire(worker, true, call);
  await remote.act({ kind: 'release' }, { ids: [mail] }, 'cli:root', 5, call);
  await remote.rollOver(1, 2, 3, call);
  await remote.scrub(null, 10, call);
  await remote.depth(call);
  assert.deepEqual(seen, [
    { name: 'beat', args: [worker, call] },
    { name: 'body', args: [mail, call] },
    { name: 'accept', args: [[], null, call] },
    { name: 'retire', args: [worker, true, call] },
    { name: 'act', args: [{ kind: 'release' }, { ids: [mail] }, 'cli:root', 5, call] },
    { name: 'rollOver', args: [1, 2, 3, call] },
    { name: 'scrub', args: [null, 10, call] },
    { name: 'depth', args: [call] },
  ]);
});

test('design 4: what is not in the port can’t be called, nor with other arguments', async () => {
  const { caller, seen } = pair();
  const call = within(30_000);
  for (const method of ['custody.constructor', 'custody.toString', 'custody.anything', 'beat', 'custody.'])
    await assert.rejects(caller.call(method, [], call), { code: 'call.refused' }, method);
  for (const args of [[], ['a', 'b'], null, { length: 1 }])
    await assert.rejects(caller.call('custody.beat', args, call), { code: 'call.refused' });
  assert.deepEqual(seen, []);
});

test('design 4: content does not travel back with its outcome', async () => {
  const { remote, seen } = pair({ settle: () => ['settled'] });
  const claim = { body: { kind: 'memory', chunks: [Buffer.from('x')], size: 1 }, recipients: [] } as unknown as Claim;
  const settlement: Settlement = { claim, outcomes: [], born: [], elapsedMs: 0, peer: null };
  assert.deepEqual(await remote.settle(settlement, 'w' as IncarnationId, within(30_000)), ['settled']);
  const [sent] = seen[0]?.args ?? [];
  assert.deepEqual(sent, { ...settlement, claim: { ...claim, body: null } });
});

test('M2: who serves custody hears of an outcome that came from outside, once it is recorded', async () => {
  const events: string[] = [];
  const custody = {
    reserveBytes: () => 0,
    settle: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      events.push('recorded');
      return ['settled'];
    },
  } as unknown as Custody;
  const methods = custodyMethods(custody, ({ elapsedMs }) => events.push(`heard ${elapsedMs}`));
  const settlement = { claim: {}, outcomes: [], born: [], elapsedMs: 7, peer: null };
  await methods.get('custody.settle')?.([settlement, 'w'], { call: within(30_000) });
  assert.deepEqual(events, ['recorded', 'heard 7']);
});

test('design 1: the reserve is known soon after it is first asked for, without waiting', async () => {
  const { remote } = pair();
  assert.equal(remote.reserveBytes(), Number.MAX_SAFE_INTEGER, 'nothing is accepted on a guess');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(remote.reserveBytes(), 4_096);
});

test('H5: a claim whose answer was lost is told, one that nobody was asked for is not', async () => {
  const failures = [
    new Fault('server.unreachable', 'Looked for it at x.', new Error('ECONNREFUSED')),
    new Fault('store.busy'),
    new Fault('server.unreachable', 'The connection was lost.'),
    new Fault('call.late'),
  ];
  const doubts: boolean[] = [];
  for (const failure of failures) {
    let doubt = false;
    const caller = { call: () => Promise.reject(failure) };
    const remote = remoteCustody(caller, () => {
      doubt = true;
    });
    const request = { kind: 'attention', now: 0, limit: 1 } as const;
    await assert.rejects(remote.claim(request, 'w' as IncarnationId, within(30_000)), failure);
    await assert.rejects(remote.depth(within(30_000)), failure);
    doubts.push(doubt);
  }
  assert.deepEqual(doubts, [false, false, true, true]);
});
