import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Calendar, formatCount, formatDay, formatMoment, formatSpan } from './when.ts';

const now = Date.parse('2026-11-21T14:32:07+09:00');
const tokyo: Calendar = { language: 'en', zone: 'Asia/Tokyo', now };
const HOUR_MS = 3_600_000;

test('design 5: today is a time, this week a weekday, else a date', () => {
  assert.equal(formatMoment(now - HOUR_MS, tokyo), '13:32');
  assert.equal(formatMoment(now - 96 * HOUR_MS, tokyo), 'Tue 14:32');
  assert.equal(formatMoment(now - 240 * HOUR_MS, tokyo), '11 Nov 14:32');
  assert.equal(formatMoment(now - 9_000 * HOUR_MS, tokyo), '11 Nov 2025 14:32');
  assert.equal(formatMoment(now + 24 * HOUR_MS, tokyo), 'Sun 14:32');
});

test('design 5: the day is that of the zone', () => {
  const late = Date.parse('2026-11-20T15:30:00Z');
  assert.equal(formatMoment(late, tokyo), '00:30');
  assert.equal(formatMoment(late, { ...tokyo, zone: 'UTC' }), 'Fri 15:30');
});

test('design 5: Japanese has its own dates', () => {
  const japanese: Calendar = { ...tokyo, language: 'ja' };
  assert.equal(formatMoment(now - 96 * HOUR_MS, japanese), '火 14:32');
  assert.equal(formatDay(now - 240 * HOUR_MS, japanese), '11月11日');
});

test('design 5: a duration has at most two units', () => {
  const spans: [number, string][] = [
    [0, '0 ms'],
    [12.4, '12 ms'],
    [432, '0.4 s'],
    [9_949, '9.9 s'],
    [9_960, '10 s'],
    [59_600, '1 min'],
    [240_000, '4 min'],
    [7_500_000, '2 h 5 min'],
    [36 * HOUR_MS, '36 h'],
    [100 * HOUR_MS, '4 d 4 h'],
    [-5, '0 ms'],
  ];
  for (const [ms, text] of spans) assert.equal(formatSpan(ms, 'en'), text);
  assert.equal(formatSpan(7_500_000, 'ja'), '2時間 5分');
});

test('design 5: counts have separators', () => {
  assert.deepEqual([0, 999, 1_000, 1_234_567].map(formatCount), ['0', '999', '1,000', '1,234,567']);
});
