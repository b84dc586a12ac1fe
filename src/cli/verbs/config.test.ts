import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../fake-world.ts';

async function withConfig(text: string, use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-config-'));
  try {
    await writeFile(join(folder, 'holdfast.yaml'), text);
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('contract: config check reports all mistakes with line and remedy, and exits 2', async () => {
  await withConfig('hostnam: mx.acme.test\nretry: { first: 60 }\n', async (cwd) => {
    const { exit, stdout } = await run(['config', 'check'], { cwd });
    assert.equal(exit, 2);
    assert.match(stdout, /holdfast\.yaml:1:1: mistake: Unknown key 'hostnam'.*did you mean 'hostname'/);
    assert.match(stdout, /holdfast\.yaml:2:\d+: mistake: .*retry\.first/);
    assert.match(stdout, /\nThe configuration can't be used: 2 mistakes\.\n$/);
    const other = await run(['trace', 'x@acme.test'], { cwd });
    assert.equal(other.exit, 2);
    assert.match(other.stderr, /The configuration can't be used\.\n.*hostnam/);
  });
});

test('contract: a configuration that can be used exits 0', async () => {
  await withConfig('hostname: mx.acme.test\n', async (cwd) => {
    const { exit, stdout } = await run(['config', 'check'], { cwd });
    assert.equal(exit, 0);
    assert.match(stdout, /holdfast\.yaml can be used/);
    assert.partialDeepStrictEqual(JSON.parse((await run(['config', 'check', '--json'], { cwd })).stdout), { ok: true });
  });
});

test('contract: config explain says value, origin, range and reason of a setting', async () => {
  await withConfig('retry: { first: 90s }\n', async (cwd) => {
    const { stdout } = await run(['config', 'explain', 'retry.first'], { cwd });
    assert.match(stdout, /^retry\.first\n {2}Value +90s \(file\)\n {2}Default +60s\n/);
    const overridden = await run(['config', 'explain', 'retry.first', '--json'], {
      cwd,
      env: { HOLDFAST_RETRY_FIRST: '2m' },
    });
    assert.partialDeepStrictEqual(JSON.parse(overridden.stdout), [
      { key: 'retry.first', value: '2m', from: 'environment' },
    ]);
  });
});

test('contract: config explain of everything fits 100 columns; an unknown key names the nearest', async () => {
  await withConfig('', async (cwd) => {
    const { stdout } = await run(['config', 'explain'], { cwd });
    for (const line of stdout.split('\n')) assert.ok(line.length <= 100, line);
    const { exit, stderr } = await run(['config', 'explain', 'retry.frist'], { cwd });
    assert.equal(exit, 2);
    assert.match(stderr, /did you mean 'retry\.first'/);
  });
});
