import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './fake-world.ts';

const CHANGE = { tenant: 'acme', version: 7, by: 'cli:ada', at: '2026-11-20T10:00:00+09:00', rules: 2 };
const operations = {
  'policy.history': () => [
    { ...CHANGE, version: 8, undoes: 7, lines: ['- cards'] },
    { ...CHANGE, undoes: null, lines: ['+ cards', '~ hold\u001b[31m'] },
  ],
  'policy.undo': () => ({
    ...{ tenant: 'acme', undoes: 8, madeBy: 'cli:ada', madeAt: CHANGE.at },
    ...{ lines: ['+ cards'], warnings: ['acme has rules, and nobody inspects.'] },
  }),
};

test('H1: policy history says who changed which rules, and what an undo took back', async () => {
  const { exit, stdout, calls } = await run(['policy', 'history', '--tenant', 'acme'], { operations });
  assert.equal(exit, 0);
  assert.deepEqual(calls, [{ name: 'policy.history', input: { tenant: 'acme' } }]);
  assert.match(stdout, /8 +acme +Fri 10:00 +cli:ada +2 +undoes 7: - cards/);
  assert.match(stdout, /7 +acme +Fri 10:00 +cli:ada +2 +\+ cards ~ hold/);
  assert.ok(!stdout.includes('\u001b'), 'names of rules are anybody’s');
  const empty = await run(['policy', 'history'], { operations: { 'policy.history': () => [] } });
  assert.match(empty.stdout, /No change of rules is known\./);
});

test('H1: policy undo says what it took back, and names the tenant and the version that are meant', async () => {
  const { exit, stdout, stderr, calls } = await run(['policy', 'undo', '8', '--tenant', 'acme'], { operations });
  assert.equal(exit, 0);
  assert.deepEqual(calls, [{ name: 'policy.undo', input: { tenant: 'acme', version: 8 } }]);
  assert.match(stdout, /^\+ cards\nThe rules of acme are as before version 8 \(cli:ada, Fri 10:00\)\. Another undo/);
  assert.match(stderr, /nobody inspects/);
  assert.equal((await run(['policy', 'undo'], { operations })).exit, 2);
  assert.equal((await run(['policy', 'undo', 'x', '--tenant', 'acme'], { operations })).exit, 2);
});
