import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './fake-world.ts';
import { type FlagTable, parseFlags } from './flags.ts';

const table: FlagTable = {
  file: { kind: 'texts', short: 'f', value: 'FILE', help: '' },
  limit: { kind: 'text', value: 'N', help: '' },
  full: { kind: 'yes', help: '' },
};

test('contract: flags and words stand in any order, and a flag may be given again', async () => {
  const flags = await parseFlags(['a', '-f', 'x', '--full', 'b', '--file=y', '-f', '-'], table);
  assert.deepEqual(flags.words, ['a', 'b']);
  assert.deepEqual(flags.texts('file'), ['x', 'y', '-']);
  assert.ok(flags.is('full') && !flags.is('json'));
});

test('contract: what is wrong with a flag is said with the remedy', async () => {
  const cases: [string[], RegExp][] = [
    [['--ful'], /Unknown flag '--ful'\. Did you mean --full\?/],
    [['-x'], /Unknown flag '-x'/],
    [['--limit'], /--limit wants a value: --limit N/],
    [['--limit', '--full'], /--limit wants a value/],
    [['--limit='], /--limit wants a value/],
    [['--full=yes'], /--full takes no value/],
  ];
  for (const [args, message] of cases) await assert.rejects(parseFlags(args, table), { message, exit: 2 });
});

test('contract: a number has its bounds', async () => {
  for (const limit of ['0', '-1', '1e3', 'ten', '1001']) {
    const flags = await parseFlags([`--limit=${limit}`], table);
    assert.throws(() => flags.count('limit', 5, 1000), { exit: 2, message: /from 1 to 1000/ });
  }
  assert.equal((await parseFlags([], table)).count('limit', 5, 1000), 5);
});

test('contract: an unknown verb exits 2 and names the nearest one', async () => {
  const { exit, stderr, stdout } = await run(['trac', 'x']);
  assert.equal(exit, 2);
  assert.equal(stdout, '');
  assert.equal(stderr, `holdfast: Unknown verb 'trac'. Did you mean 'trace'? "holdfast help" lists the verbs.\n`);
});

test('contract: a verb of a later release says so, exits 2 and is not listed', async () => {
  const { exit, stderr } = await run(['upgrade', 'list']);
  assert.equal(exit, 2);
  assert.match(stderr, /comes with a later release/);
  assert.doesNotMatch((await run(['help'])).stdout, /^ {2}upgrade /m);
});

test('contract: every verb explains itself, by help VERB and by --help', async () => {
  const { stdout } = await run([]);
  const verbs = [...stdout.matchAll(/^ {2}(\w+) {2,}/gm)].map(([, name = '']) => name);
  assert.ok(verbs.length >= 10);
  for (const verb of verbs) {
    const help = await run(['help', verb]);
    assert.equal(help.exit, 0);
    assert.match(help.stdout, new RegExp(`^Usage: holdfast ${verb}`));
    assert.deepEqual((await run([verb, '--help'])).stdout, help.stdout);
    for (const line of help.stdout.split('\n')) assert.ok(line.length <= 100, line);
  }
});

test('contract: --version answers for people and for programs', async () => {
  assert.match((await run(['--version'])).stdout, /^holdfast \d+\.\d+\.\d+ on Node 26/);
  assert.equal(typeof JSON.parse((await run(['version', '--json'])).stdout).holdfast, 'string');
});
