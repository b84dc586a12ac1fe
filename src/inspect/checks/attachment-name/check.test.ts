import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { attachmentName, BLOCKED_BY_DEFAULT } from './index.ts';

const options = { blocked: BLOCKED_BY_DEFAULT };
const part = (name: string | null) => ({ path: '2', name });

function reasonFor(name: string): string | null {
  const [finding, ...more] = attachmentName([part(name)], options);
  assert.deepEqual(more, []);
  if (finding !== undefined) assert.doesNotMatch(finding.reason.ja, /[\p{Cc}\p{Cf}]/u);
  return finding?.reason.en ?? null;
}

function decode(text: string): string {
  return text.replace(
    /\\(?:\\|u([0-9a-f]{4})|\{(\d+):(?:\\u([0-9a-f]{4})|(.))\})/gu,
    (_, code?: string, times?: string, repeated?: string, plain?: string) => {
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
      if (times === undefined) return '\\';
      return (plain ?? String.fromCharCode(Number.parseInt(repeated ?? '', 16))).repeat(Number(times));
    },
  );
}

const cases = readFileSync(new URL('../../../../fixtures/hostile/attachment-names.tsv', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t'));

for (const [written = '', expected = '', words = ''] of cases) {
  test(`H1: the attachment name ${JSON.stringify(written)} is ${expected === 'ok' ? 'let pass' : `found: ${expected}`}`, () => {
    const reason = reasonFor(decode(written));
    if (expected === 'ok') return assert.equal(reason, null);
    assert.ok(reason !== null, 'nothing was found');
    if (expected !== 'turned') assert.ok(reason.includes(`(.${expected})`), reason);
    assert.ok(reason.includes(words), reason);
    assert.doesNotMatch(reason, /[\p{Cc}\p{Cf}]/u);
    assert.ok(reason.length < 300, reason);
  });
}

test('H1: a blocked extension is found however the name is dressed, and no name makes the check throw', () => {
  const noise = fc.array(fc.constantFrom(' ', '.', '\u200b', '\u00ad', '\u2060', '\ufeff', '\0'));
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), noise, (before, behind) => {
      assert.notEqual(reasonFor(`${before}.exe${behind.join('')}`), null);
    }),
  );
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (name) => void reasonFor(name)));
});

test('H1: the rule says what is blocked, each part is named, and a part without a name is none', () => {
  const found = attachmentName([part(null), { ...part('macro.docm'), path: '3' }, part('setup.exe')], {
    blocked: new Set(['docm']),
  });
  assert.deepEqual(found, [
    {
      check: 'attachment-name',
      part: '3',
      reason: {
        en: 'The file “macro.docm” is of a kind that may not be sent (.docm).',
        ja: 'ファイル「macro.docm」は送れない種類（.docm）です。',
      },
    },
  ]);
});
