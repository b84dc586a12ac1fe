import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../fake-world.ts';

const line = {
  tenant: 'acme',
  name: 'scanner-3f',
  kind: 'device',
  on: false,
  today: { used: 1_200, limit: 10_000 },
  lastSeen: '2026-11-21T05:30:00+00:00',
  lastError: 'The password was wrong.',
  lastErrorAt: '2026-11-21T05:29:00+00:00',
};

test('M1: relay list says when each was seen, what it used, and what went wrong last', async () => {
  const { exit, stdout } = await run(['relay', 'list'], { operations: { 'relay.list': () => [line] } });
  assert.equal(exit, 0);
  assert.match(
    stdout,
    /acme +scanner-3f +device +off +14:30 +1,200 of 10,000 +14:29 The password was wrong\.\n\n1 relay\.\n$/,
  );
});

test('M1: a relay is switched off by name and tenant', async () => {
  const operations = { 'relay.switch': () => ({ tenant: 'acme', name: 'scanner-3f', on: false, changed: true }) };
  const { stdout, calls } = await run(['relay', 'off', 'scanner-3f', '--tenant', 'acme'], { operations });
  assert.equal(stdout, 'acme: relay scanner-3f is off now.\n');
  assert.deepEqual(calls[0]?.input, { tenant: 'acme', name: 'scanner-3f', on: false });
  assert.equal((await run(['relay', 'off', 'scanner-3f'], { operations })).exit, 2);
});

test('design 1: an operator confirms the clock', async () => {
  const operations = { 'clock.confirm': () => ({ confirmed: '2026-11-21T05:32:00Z' }) };
  const { exit, stdout } = await run(['clock', 'confirm'], { operations });
  assert.equal(exit, 0);
  assert.match(stdout, /confirmed \(14:32\)/);
  assert.equal((await run(['clock'], { operations })).exit, 2);
});
