import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkIdOf, NO_TERMS, withTerms } from './index.ts';

test('M4: a tenant’s word on a check counts for its mail, but nobody has more time than the installation gives', () => {
  const installation = withTerms(NO_TERMS, {
    firstTime: { absence: 'defer', deadlineMs: 2_000 },
    clamav: { absence: 'hold' },
  });
  const { absences, deadlines } = withTerms(installation, {
    firstTime: { absence: 'deliver-unchanged', deadlineMs: 9_000 },
    clamav: { deadlineMs: 500 },
  });
  assert.deepEqual(absences, { firstTime: 'deliver-unchanged', 'hook:clamav': 'hold' });
  assert.deepEqual(deadlines, { firstTime: 2_000, 'hook:clamav': 500 });
  assert.deepEqual(['words', 'clamav'].map(checkIdOf), ['words', 'hook:clamav']);
});
