import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { EVENTS, sentenceOf } from './index.ts';

test('house: every event that the sources log has a sentence in events.ts', () => {
  const src = dirname(import.meta.dirname);
  const missing = new Set<string>();
  for (const file of globSync('**/*.ts', { cwd: src })) {
    if (file.endsWith('.test.ts')) continue;
    const text = readFileSync(join(src, file), 'utf8');
    for (const [, event = ''] of text.matchAll(/\blog\??\.(?:info|warn|error)\(\s*'([^']+)'/gi))
      if (sentenceOf(event) === null) missing.add(`${event} (${file})`);
  }
  assert.deepEqual([...missing], [], 'add them to src/log/events.ts');
});

test('house: names of events are dotted words, and their sentences end', () => {
  for (const [name, sentence] of Object.entries(EVENTS)) {
    assert.match(name, /^[a-z][a-z0-9]*(\.[a-z][a-z_-]*)+$/);
    assert.match(sentence, /^[A-Z][^\n]+\.$/, name);
  }
});
