import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leadsWell } from './titles.ts';

test('house: a title leads with requirements, RFC sections or the page it proves', () => {
  for (const title of [
    'H4: a served recipient is never served again',
    'H3, H4: both at once',
    'H3 H4 H5: three at once',
    'RFC 5321 §4.1.1.3: RCPT has no null path',
    'RFC 5321 §4.5.3.1, §4.5.4: limits',
    'contract: exit codes',
    'M1 and RFC 4954 §4: signs in',
  ]) {
    assert.ok(leadsWell(title), title);
  }
  for (const title of ['works', 'H4 a colon is missing', 'RFC: which one', 'H4:']) assert.ok(!leadsWell(title), title);
});
