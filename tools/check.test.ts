/** What `npm run check` looks at, as tests, so that `npm test` is one run with one result. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHECKS } from './checks/index.ts';

for (const { name, remedy, perform } of CHECKS) {
  test(`house: ${name} (npm run check)`, async () => {
    const { ok, report } = await perform();
    assert.ok(ok, `${remedy}\n${report.slice(0, 8_000)}`);
  });
}
