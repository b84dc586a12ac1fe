import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDuration, formatSize, parseDuration, parseSize, suggest } from './index.ts';

test('contract: a duration is read back from its own spelling, to the millisecond', () => {
  fc.assert(fc.property(fc.nat(), (ms) => assert.equal(parseDuration(formatDuration(ms)), ms)));
});

test('contract: a size is read back from its own spelling, to the octet', () => {
  fc.assert(fc.property(fc.nat(), (bytes) => assert.equal(parseSize(formatSize(bytes)), bytes)));
});

test('contract: durations and sizes carry units, and mean what people mean by them', () => {
  const durations = { '90s': 90_000, '15m': 900_000, '4h': 14_400_000, '5d': 432_000_000, '250ms': 250 };
  for (const [text, ms] of Object.entries(durations)) assert.equal(parseDuration(text), ms, text);
  const sizes = { '50MB': 50_000_000, '512KiB': 524_288, '1GB': 1_000_000_000, '7B': 7 };
  for (const [text, bytes] of Object.entries(sizes)) assert.equal(parseSize(text), bytes, text);
});

test('contract: a number without a unit, with two, or with a fraction is no duration and no size', () => {
  for (const text of ['', '60', 's', '1h30m', '1.5h', '-5m', ' 5m', '5M', '5 m', '999999999999d']) {
    assert.equal(parseDuration(text), null, text);
  }
  for (const text of ['', '50', 'MB', '1,5MB', '50Mb', '50 MB', '-1MB']) assert.equal(parseSize(text), null, text);
});

test('contract: the nearest known word is proposed, and none where nothing is near', () => {
  const known = ['messageBytes', 'recipients', 'connections', 'reservedForSignedIn'];
  assert.equal(suggest('recipents', known), 'recipients');
  assert.equal(suggest('MessageBytes', known), 'messageBytes');
  assert.equal(suggest('flavour', known), null);
  assert.equal(suggest('x'.repeat(100_000), known), null);
});
