import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACME, GLOBEX, NOON, OTHER, PARTNER } from '../contract/samples.ts';
import { Marks } from './marks.ts';

const SLOW_MS = 60_000;
const fresh = { tenant: ACME, tried: 0, due: NOON } as const;

test('M3: looks begin at the begin, until one of them was slow', () => {
  const marks = new Marks();
  marks.looked(PARTNER, [fresh], 1);
  assert.equal(marks.lanes(PARTNER), null);
  marks.looked(PARTNER, [fresh], SLOW_MS);
  assert.deepEqual(marks.lanes(PARTNER), [fresh]);
  assert.equal(marks.lanes(OTHER), null);
});

test('M3: a mark goes on with what was taken, lane by lane', () => {
  const marks = new Marks();
  marks.looked(PARTNER, [fresh, { ...fresh, tenant: GLOBEX }], SLOW_MS);
  marks.looked(PARTNER, [{ ...fresh, due: NOON + 5 }], null);
  assert.deepEqual(marks.lanes(PARTNER), [
    { ...fresh, due: NOON + 5 },
    { ...fresh, tenant: GLOBEX },
  ]);
});

test('H4: a row that comes to wait is not missed, before the mark or in a lane that was not there', () => {
  const marks = new Marks();
  marks.looked(PARTNER, [fresh], SLOW_MS);
  marks.waits({ destination: PARTNER, tenant: ACME, tried: 0, due: NOON - 1 });
  marks.waits({ destination: PARTNER, tenant: ACME, tried: 1, due: NOON + 9 });
  marks.waits({ destination: PARTNER, tenant: ACME, tried: 0, due: NOON + 9 });
  assert.deepEqual(marks.lanes(PARTNER), [
    { ...fresh, due: NOON - 1 },
    { ...fresh, tried: 1, due: NOON + 9 },
  ]);
});
