import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/howto/add-a-check.md'), 'utf8');
const BLOCK = /```ts\n\/\/ (src\/\S+)\n([\s\S]*?)```/g;

// In a folder of its own, its doors to the rest of the house are named from the root.
function withDoors(code: string, file: string): string {
  return code.replace(
    /'(\.\.\/\.\.\/[^']+)'/g,
    (_, path: string) => `'${pathToFileURL(join(ROOT, dirname(file), path)).href}'`,
  );
}

test('house: the example of docs/howto/add-a-check.md works as it stands, and its test can fail', () => {
  const folder = mkdtempSync(join(tmpdir(), 'howto-'));
  const run = () =>
    spawnSync(process.execPath, ['--test', 'src/**/*.test.ts'], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
  try {
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const blocks = [...PAGE.matchAll(BLOCK)].map(([, file = '', code = '']) => [file, code] as const);
    assert.deepEqual(
      blocks.map(([file]) => file.split('/').at(-1)),
      ['check.ts', 'index.ts', 'check.test.ts'],
    );
    for (const [file, code] of blocks) {
      mkdirSync(join(folder, dirname(file)), { recursive: true });
      writeFileSync(join(folder, file), withDoors(code, file));
    }
    const good = run();
    assert.equal(good.status, 0, good.stdout + good.stderr);
    assert.match(good.stdout, /pass 5/);
    const check = join(folder, 'src/inspect/checks/contract-number/check.ts');
    writeFileSync(check, readFileSync(check, 'utf8').replace('% 10', '% 9'));
    assert.equal(run().status, 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
