import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../fake-world.ts';

test('design 5: backup and restore say what they want where they are not understood', async () => {
  for (const [words, said] of [
    [['backup'], /holdfast backup DIR, or which one: holdfast backup verify DIR/],
    [['backup', 'verify'], /holdfast backup DIR, or which one/],
    [['backup', 'a', 'b'], /holdfast backup DIR, or which one/],
    [['backup', 'verify', 'a', '--with-key'], /--key FILE names the key/],
    [['backup', 'a', '--key', 'k'], /--key means something to verify alone/],
    [['restore'], /holdfast restore DIR --data NEW/],
    [['restore', 'a', '--mark-restored'], /holdfast restore DIR --data NEW/],
  ] as const) {
    const { exit, stdout, stderr } = await run(words);
    assert.deepEqual([exit, stdout], [2, ''], words.join(' '));
    assert.match(stderr, said);
  }
});

test('design 1: a folder that holds no whole backup is told as such, by verify and by restore', async () => {
  for (const words of [
    ['backup', 'verify', import.meta.dirname],
    ['restore', import.meta.dirname, '--data', '/nowhere/at/all'],
  ]) {
    const { exit, stderr } = await run(words);
    assert.equal(exit, 1);
    assert.match(stderr, /There is no whole backup in .*manifest\.json, which is written last/);
  }
});

test('design 1: restore --mark-restored says how many are held and what lets them go on', async () => {
  const { exit, stdout, calls, stopped } = await run(['restore', '--mark-restored'], {
    operations: { 'store.mark-restored': () => ({ held: 1_200 }) },
  });
  assert.equal(exit, 0);
  assert.deepEqual([calls, stopped], [[{ name: 'store.mark-restored', input: {} }], 'changes']);
  assert.match(stdout, /1,200 recipients are held.*\n"holdfast queue release reason:restored" lets them go on/);
});
