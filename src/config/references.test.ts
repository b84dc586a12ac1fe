import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { prepareResources } from './index.ts';

function secretIn(name: string, content: string | null): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-secret-'));
  try {
    if (content !== null) writeFileSync(join(folder, name), content);
    const read = prepareResources('-', `secret: { file: ${name} }\n`, { env: {}, cwd: folder });
    return 'prepared' in read ? (read.prepared.document as { secret: string }).secret : read.mistakes[0]?.message;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('contract: a secret in a file is its text without the last line end', () => {
  assert.equal(secretIn('key', 'paper jam\r\n'), 'paper jam');
  assert.equal(secretIn('key', '\u7d19\u8a70\u307e\u308a'), '\u7d19\u8a70\u307e\u308a');
  assert.match(String(secretIn('key', '')), /it is empty/);
  assert.match(String(secretIn('key', null)), /there is no such file/);
});

test('B3: a secret that has no end is refused, not read', () => {
  assert.match(String(secretIn('key', 'x'.repeat(70_000))), /larger than 64 KiB/);
  assert.match(String(secretIn('/dev/zero', null)), /larger than 64 KiB/);
});
