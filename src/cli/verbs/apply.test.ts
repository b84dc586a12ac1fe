import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Refusal } from '#/ports/index.ts';
import { run } from '../fake-world.ts';

const YAML = 'tenants:\n  - id: acme\n    name: Acme\n    domains: [acme.test]\n';
const applied = { lines: ['+ tenant acme'], version: 7, warnings: [], generated: [] };

test('contract: apply reads standard input, shows what changed and the version', async () => {
  const { exit, stdout, calls, stopped } = await run(['apply', '-f', '-'], {
    input: YAML,
    operations: { 'resources.apply': () => applied },
  });
  assert.equal(exit, 0);
  assert.equal(stdout, '+ tenant acme\nstandard input: 1 change applied (version 7).\n');
  assert.equal(stopped, 'creates');
  const [call] = calls;
  assert.partialDeepStrictEqual(call?.input, {
    file: 'standard input',
    document: { tenants: [{ id: 'acme', name: 'Acme', domains: ['acme.test'] }] },
    prune: [],
    setPasswords: false,
    dryRun: false,
  });
});

test('contract: a dry run says that nothing was changed, and flags reach the operation', async () => {
  const { stdout, calls } = await run(['apply', '-f', '-', '--dry-run', '--prune', 'users,groups', '--set-passwords'], {
    input: YAML,
    operations: { 'resources.apply': () => applied },
  });
  assert.match(stdout, /1 change would be made\. Nothing was changed\.\n$/);
  assert.partialDeepStrictEqual(calls[0]?.input, { prune: ['users', 'groups'], dryRun: true, setPasswords: true });
});

test('contract: generated passwords are shown once, to people and to programs', async () => {
  const generated = [{ owner: 'acme relay scanner', password: 'paper-jam-42' }];
  const options = { input: YAML, operations: { 'resources.apply': () => ({ ...applied, generated }) } };
  assert.match(
    (await run(['apply', '-f', '-'], options)).stdout,
    /New passwords, shown this once:\n {2}acme relay scanner {2}paper-jam-42\n/,
  );
  assert.deepEqual(JSON.parse((await run(['apply', '-f', '-', '--json'], options)).stdout), {
    dryRun: false,
    ...applied,
    generated,
  });
});

test('contract: nothing of any file is applied when one of them can not be read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-apply-'));
  try {
    await writeFile(join(folder, 'good.yaml'), YAML);
    await writeFile(join(folder, 'bad.yaml'), 'tenants:\n  - id: [acme\n');
    const options = { cwd: folder, operations: { 'resources.apply': () => applied } };
    for (const bad of ['bad.yaml', 'missing.yaml']) {
      const { exit, stderr, calls } = await run(['apply', '-f', 'good.yaml', '-f', bad], options);
      assert.equal(exit, 2);
      assert.match(stderr, new RegExp(bad));
      assert.deepEqual(calls, []);
    }
    assert.equal(
      (await run(['apply', '-f', 'good.yaml'], options)).stdout.split('\n').at(-2),
      'good.yaml: 1 change applied (version 7).',
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('contract: the refusal of a file is told as it is, with exit 2, and files before it stay', async () => {
  let count = 0;
  const refusing = () => {
    if (++count === 2) throw new Refusal(2, 'b.yaml:3:5: mistake: The address is taken.');
    return applied;
  };
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-apply-'));
  try {
    for (const name of ['a.yaml', 'b.yaml']) await writeFile(join(folder, name), YAML);
    const ran = await run(['apply', '-f', 'a.yaml', '-f', 'b.yaml'], {
      cwd: folder,
      operations: { 'resources.apply': refusing },
    });
    assert.equal(ran.exit, 2);
    assert.match(ran.stderr, /b\.yaml:3:5: mistake: The address is taken\.\nThe file before it stays applied\./);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('contract: an unknown kind to prune is refused with the nearest one', async () => {
  const { exit, stderr } = await run(['apply', '-f', '-', '--prune', 'user'], { input: YAML });
  assert.equal(exit, 2);
  assert.match(stderr, /--prune knows no 'user': did you mean 'users'\?/);
});

test('contract: export writes YAML for people and the document for programs', async () => {
  const operations = { 'resources.export': () => ({ version: 7, document: { tenants: [] }, yaml: 'tenants: []\n' }) };
  assert.equal((await run(['export'], { operations })).stdout, 'tenants: []\n');
  assert.deepEqual(JSON.parse((await run(['export', '--json'], { operations })).stdout), { tenants: [] });
});
