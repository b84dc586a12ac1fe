import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseImports } from '../lib/imports.ts';
import { mayKnow } from './rooms.ts';

test('house: rooms know the floors below, and engines meet only through ports', () => {
  for (const [room, other] of [
    ['gate', 'codec'],
    ['gate', 'ports'],
    ['roles', 'gate'],
    ['roles', 'store'],
    ['store', 'ports'],
    ['cli', 'drills'],
  ] as const) {
    assert.ok(mayKnow(room, other), `${room} -> ${other}`);
  }
  for (const [room, other] of [
    ['gate', 'queue'],
    ['gate', 'store'],
    ['codec', 'ports'],
    ['store', 'queue'],
    ['web', 'roles'],
    ['ports', 'gate'],
    ['attic', 'model'],
  ] as const) {
    assert.ok(!mayKnow(room, other), `${room} -> ${other}`);
  }
});

test('house: imports are read with their names, types told apart', () => {
  // Written with @ for the quotes, since this file's own imports are read too.
  const text = [
    'import { type Mail, accept as take } from @#/queue/index.ts@;',
    'import type { Reply } from @./reply.ts@;',
    'export {',
    '  parse,',
    '} from @./parse.ts@;',
    'import @./side.ts@;',
    'const late = await import(@./late.ts@);',
    '// import { no } from @./comment.ts@;',
  ].join('\n');
  assert.deepEqual(
    parseImports(text.replaceAll('@', "'")).map(({ from, line, typesOnly, names }) => [
      from,
      line,
      typesOnly,
      ...names,
    ]),
    [
      ['#/queue/index.ts', 1, false, 'accept'],
      ['./reply.ts', 2, true, 'Reply'],
      ['./parse.ts', 3, false, 'parse'],
      ['./side.ts', 6, false],
      ['./late.ts', 7, false],
    ],
  );
});
