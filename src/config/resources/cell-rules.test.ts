import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkCell } from './cell-rules.ts';
import { emptyTenant } from './stored.ts';

const bolt = emptyTenant('bolt');

function told(cell: string | undefined, before: string | null | undefined, cells: readonly string[] | null) {
  const old = before === undefined ? undefined : { ...bolt, cell: before ?? undefined };
  return [...checkCell({ ...bolt, cell }, old, cells, ['tenants', 0])].map(
    ({ severity = 'mistake', message, remedy }) => `${severity}: ${message} ${remedy}`,
  );
}

test('contract: with cells a tenant names one that there is, with a word where it does not', () => {
  const cells = ['east', 'west'];
  assert.deepEqual(told('west', undefined, cells), []);
  assert.match(told(undefined, undefined, cells).join(), /^mistake: bolt names no cell.*one of east, west/);
  assert.match(told('wset', undefined, cells).join(), /^mistake: There is no cell wset.*did you mean 'west'/);
  assert.match(told('west', undefined, null).join(), /^warning: .*there is one store/);
  assert.deepEqual(told(undefined, undefined, null), []);
});

test('contract: a tenant does not move between cells; one that never said its cell is in the first', () => {
  const cells = ['east', 'west'];
  assert.match(told('east', 'west', cells).join(), /^mistake: bolt is in the cell west.*keep cell: west/);
  assert.deepEqual(told('east', null, cells), []);
  assert.match(told('west', null, cells).join(), /in the cell east/);
});
