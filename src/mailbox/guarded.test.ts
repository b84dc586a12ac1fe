import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AccountKey, Fault, type FaultCode, within } from '#/model/index.ts';
import type { Mailboxes } from '#/ports/index.ts';
import { FakeClock, FakeLog } from '#/testkit/index.ts';
import { guarded } from './guarded.ts';
import {
  accountsDownForAll,
  callsPerTenantMax,
  callsWaitingPerTenantMax,
  failuresForAll,
  failuresToOpen,
  writeRestMs,
} from './limits.ts';

function accountOf(name: string, tenant = 'acme'): AccountKey {
  return { tenant, address: `${name}@${tenant}.test` } as AccountKey;
}

/** Mailboxes whose writes fail with `fault`, and which count who reaches them. */
function failing(fault: FaultCode | null) {
  const state = { fault, writes: 0, reads: 0 };
  const clock = new FakeClock();
  const log = new FakeLog();
  const mailboxes = {
    hold: async () => {
      state.writes += 1;
      if (state.fault !== null) throw new Fault(state.fault);
    },
    usage: async () => {
      state.reads += 1;
    },
  } as unknown as Mailboxes;
  const keeper = guarded(mailboxes, { clock, log });
  const write = (who = 'alice') => keeper.hold(accountOf(who), true, within(5_000));
  const read = (who = 'alice') => keeper.usage(accountOf(who), within(5_000));
  const fail = async (times: number, who = 'alice') => {
    for (let i = 0; i < times; i++) await assert.rejects(write(who), { code: state.fault });
  };
  return { state, clock, log, write, read, fail };
}

const REFUSED = { code: 'store.unavailable' };

test('O6: writes of an account that fail again and again are refused at once; reading goes on, and so do the others', async () => {
  const it = failing('call.late');
  await it.fail(failuresToOpen);
  await assert.rejects(it.write(), REFUSED);
  await assert.rejects(it.write('ALICE'), REFUSED, 'the same account');
  assert.equal(it.state.writes, failuresToOpen, 'the store was not asked');
  await it.read();
  assert.equal(it.state.reads, 1);
  it.state.fault = null;
  await it.write('bob');
});

test('O6: after a rest one write looks; where it fails the rest grows, where it goes through all do', async () => {
  const it = failing('store.unavailable');
  await it.fail(failuresToOpen);
  await it.clock.advance(writeRestMs, 100);
  await it.fail(1);
  assert.equal(it.state.writes, failuresToOpen + 1);
  await it.clock.advance(writeRestMs, 100);
  await assert.rejects(it.write(), REFUSED);
  assert.equal(it.state.writes, failuresToOpen + 1, 'it rests longer');
  await it.clock.advance(writeRestMs, 100);
  it.state.fault = null;
  const [first, second] = [it.write(), it.write()];
  await assert.rejects(second, REFUSED, 'one looks, the others rest on');
  await first;
  await it.write();
});

test('O6: where writes of several accounts fail, all are refused; one damaged account refuses nobody else', async () => {
  const one = failing('call.late');
  for (let i = 0; i < failuresForAll * 2; i++) await one.write().catch(() => {});
  one.state.fault = null;
  await one.write('bob');

  const many = failing('call.late');
  for (let i = 0; i < failuresForAll; i++)
    await many.fail(1, `user${i % accountsDownForAll}${Math.floor(i / accountsDownForAll)}`);
  await assert.rejects(many.write('somebody'), REFUSED);
  assert.equal(many.state.writes, failuresForAll);
  many.state.fault = null;
  await many.clock.advance(writeRestMs, 100);
  await many.write('somebody');
  await many.write('else');
});

test('O6: what the store says of a request itself is an answer and no failure', async () => {
  const it = failing('mailbox.refused');
  await it.fail(failuresToOpen * 3);
  assert.equal(it.state.writes, failuresToOpen * 3);
});

test('O7: one tenant has so many calls at once and so many that wait; another tenant has its own', async () => {
  const gate = Promise.withResolvers<void>();
  let under = 0;
  const mailboxes = {
    usage: async () => {
      under += 1;
      await gate.promise;
    },
  } as unknown as Mailboxes;
  const keeper = guarded(mailboxes, { clock: new FakeClock(), log: new FakeLog() });
  const ask = (tenant: string) => keeper.usage(accountOf('alice', tenant), within(60_000));
  const all = Array.from({ length: callsPerTenantMax + callsWaitingPerTenantMax }, () => ask('acme'));
  await assert.rejects(ask('acme'), { code: 'store.busy' });
  assert.equal(under, callsPerTenantMax);
  const other = ask('beta');
  await Promise.resolve();
  assert.equal(under, callsPerTenantMax + 1);
  gate.resolve();
  await Promise.all([...all, other]);
});
