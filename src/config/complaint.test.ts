import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatComplaints, loadSettings, prepareResources } from './index.ts';

function mistakesOf(text: string): string {
  const read = prepareResources('-', text, { env: {}, cwd: '/' });
  assert('mistakes' in read);
  return formatComplaints(read.mistakes);
}

test('B3: what a file says does not steer the terminal that shows its mistakes, and does not end their lines', () => {
  const told = mistakesOf('a: { env: "\u001b[2Jgone\u2028next" }\n');
  assert.match(told, /The environment has no \\u001b\[2Jgone\\u2028next\./);
  assert.doesNotMatch(told, /[\u0000-\u001f\u2028]/u);
});

test('B3: a mistake that quotes a long text stays readable', () => {
  assert.ok(mistakesOf(`a: { env: ${'x'.repeat(100_000)} }\n`).length < 3_000);
});

test('B3: a file that is no YAML at all is told by its first mistakes', () => {
  const lines = mistakesOf('] }\n'.repeat(10_000)).split('\n');
  assert.ok(lines.length > 1 && lines.length <= 50, `${lines.length} lines`);
});

test('B3: of very many unknown keys the first are told, with what was likely meant, and how many more there are', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-keys-'));
  try {
    const keys = Array.from({ length: 200 }, (_, i) => `portt${i}: 1`);
    writeFileSync(join(folder, 'holdfast.yaml'), `routes: [{ domains: ["*"], mx: true, ${keys.join(', ')} }]\n`);
    const loading = loadSettings({ config: 'holdfast.yaml', env: {}, cwd: folder });
    assert('mistakes' in loading);
    const told = formatComplaints(loading.mistakes);
    assert.match(told, /Unknown key 'portt0'\. — did you mean 'port'\?/);
    assert.match(told, /And 150 unknown keys more\./);
    assert.equal(told.split('\n').length, 51);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
