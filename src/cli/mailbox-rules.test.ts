import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from './fake-world.ts';

const RULE = {
  name: 'noise',
  off: false,
  match: 'all',
  when: { subject: { contains: ['noise'], not: false } },
  action: { move: 'Noise', keep: true, discard: false },
  continue: false,
};
const has = (document: unknown) => ({
  operations: { 'mailbox.rules': () => document, 'mailbox.set-rules': ({ rules }: { rules: unknown }) => rules },
});

test('O1: rules are shown without what is meant anyway, as text that can be edited and given back', async () => {
  const { exit, stdout } = await run(['mailbox', 'rules', 'alice@acme.test'], has({ rules: [RULE] }));
  assert.equal(exit, 0);
  assert.equal(
    stdout,
    'rules:\n  - name: noise\n    when:\n      subject:\n        contains: noise\n    action:\n      move: Noise\n',
  );
  const none = await run(['mailbox', 'rules', 'alice@acme.test'], has(null));
  assert.match(none.stdout, /has no rules: holdfast mailbox rules alice@acme\.test --set FILE/);
});

test('O1: a file replaces the rules, and what is no YAML or not there is told before anything is asked', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-rules-'));
  try {
    await writeFile(join(folder, 'rules.yaml'), 'rules:\n  - { name: a, action: { mark: seen } }\n');
    await writeFile(join(folder, 'bad.yaml'), 'rules: [{');
    const options = { cwd: folder, ...has(null) };
    const { calls, stdout } = await run(['mailbox', 'rules', 'alice@acme.test', '--set', 'rules.yaml'], options);
    assert.deepEqual(calls[0]?.input, {
      address: 'alice@acme.test',
      rules: { rules: [{ name: 'a', action: { mark: 'seen' } }] },
    });
    assert.equal(stdout, 'The rules of alice@acme.test are set.\n');
    for (const file of ['bad.yaml', 'missing.yaml']) {
      const wrong = await run(['mailbox', 'rules', 'alice@acme.test', '--set', file], options);
      assert.deepEqual([wrong.exit, wrong.calls.length], [2, 0]);
      assert.ok(wrong.stderr.includes(file));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('O1: the short forms change the forward or the absence alone', async () => {
  const document = { rules: [RULE], vacation: { text: 'Away.' } };
  const forward = await run(['mailbox', 'forward', 'alice@acme.test', 'a@home.test', '--no-copy'], has(document));
  assert.match(forward.stdout, /goes on to a@home\.test\. No copy stays here/);
  const set = (calls: typeof forward.calls) => calls.find(({ name }) => name === 'mailbox.set-rules')?.input;
  const rule = { name: 'forward', action: { forward: ['a@home.test'], keep: false }, continue: true };
  assert.deepEqual(set(forward.calls), { address: 'alice@acme.test', rules: { ...document, rules: [rule, RULE] } });
  const off = await run(['mailbox', 'forward', 'alice@acme.test', 'off'], has({ ...document, rules: [rule, RULE] }));
  assert.deepEqual(set(off.calls), { address: 'alice@acme.test', rules: document });
  const back = await run(['mailbox', 'vacation', 'alice@acme.test', 'off'], has(document));
  assert.deepEqual(set(back.calls), { address: 'alice@acme.test', rules: { rules: [RULE] } });
  const words = ['--text', 'Back in May.', '--until', '2027-05-01'];
  const away = await run(['mailbox', 'vacation', 'alice@acme.test', ...words], has({ rules: [RULE] }));
  assert.deepEqual(set(away.calls), {
    address: 'alice@acme.test',
    rules: { rules: [RULE], vacation: { text: 'Back in May.', until: '2027-05-01' } },
  });
  assert.equal((await run(['mailbox', 'vacation', 'alice@acme.test'], has(null))).exit, 2);
});
