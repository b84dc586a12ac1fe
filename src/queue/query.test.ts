import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '#/ports/index.ts';
import { parseQuery, parseTime } from './index.ts';

const now = Date.UTC(2026, 10, 21, 12);
const context = { now, timezone: 'Asia/Tokyo' };

function parsed(text: string): unknown {
  return parseQuery(text, context);
}

test('H6: a free word is a queue ID, a Message-ID or an address', () => {
  assert.deepEqual(parsed('01hxyz0123456789'), { ids: ['01HXYZ0123456789'] });
  assert.deepEqual(parsed('01HXYZ0123456789-2'), { ids: ['01HXYZ0123456789-2'] });
  assert.deepEqual(parsed('<abc@def>'), { messageId: '<abc@def>' });
  assert.deepEqual(parsed('alice@acme.test'), { address: 'alice@acme.test' });
  assert.deepEqual(parsed(''), {});
});

test('H6: conditions are combined, and values with spaces stand in quotes', () => {
  assert.deepEqual(parsed('from:*@acme.test to:bob@x.test subject:"quarterly figures" state:deferred tenant:acme'), {
    from: '*@acme.test',
    to: 'bob@x.test',
    subject: 'quarterly figures',
    state: 'deferred',
    tenant: 'acme',
  });
  assert.deepEqual(parsed('reason:"outbound off" destination:route:relay.test:25'), {
    reason: 'outbound off',
    destination: 'route:relay.test:25',
  });
});

test('H6: times are durations back from now, RFC 3339, or in the zone of the tenant', () => {
  const at = (text: string): string => new Date(parseTime(text, context)).toISOString();
  assert.equal(at('2h'), '2026-11-21T10:00:00.000Z');
  assert.equal(at('2026-11-21T09:00:00+09:00'), '2026-11-21T00:00:00.000Z');
  assert.equal(at('2026-11-21T00:00:00Z'), '2026-11-21T00:00:00.000Z');
  assert.equal(at('2026-11-21'), '2026-11-20T15:00:00.000Z');
  assert.equal(at('2026-11-21T09:30'), '2026-11-21T00:30:00.000Z');
  assert.equal(at('09:30'), '2026-11-21T00:30:00.000Z');
});

test('H6: what is not understood is refused with a hint at what is', () => {
  const cases: readonly [string, RegExp][] = [
    ['since:yesterday', /"yesterday" is not a time/],
    ['state:lost', /There are: queued, deferred/],
    ['hello', /neither a queue ID nor/],
    ['a@b.test c@d.test', /one word too many/],
    ['from:', /has no value/],
    ['form:a@b.test', /"form:" is not known/],
    ['x'.repeat(3_000), /too long/],
  ];
  for (const [text, hint] of cases) {
    assert.throws(
      () => parseQuery(text, context),
      (error) => error instanceof Refusal && error.exit === 2 && hint.test(error.message),
      text,
    );
  }
});
