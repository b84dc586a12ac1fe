import assert from 'node:assert/strict';
import { isMailId, RECIPIENT_STATES } from '#/model/index.ts';
import { Refusal, type TraceQuery } from '#/ports/index.ts';
import { parseQuery } from '#/queue/index.ts';
import type { FuzzTarget } from './target.ts';

const context = { now: Date.UTC(2026, 10, 21, 12), timezone: 'Asia/Tokyo' };
const texts = [
  '1M805NAPW2K24XK0',
  '<scan-3@acme.test>',
  'alice@acme.test since:2h until:2026-11-21T09:00',
  'from:a@b to:c@d subject:"two words" state:held reason:"outbound off" tenant:acme',
  'destination:mx:example.com since:09:00 until:2026-11-21T09:00:00+09:00',
];

/** What people write behind `trace` is a filter or a refusal with exit code 2; times are times. */
export const query: FuzzTarget = {
  name: 'query',
  words: [
    ' ',
    '"',
    ':',
    'from:',
    'to:',
    'subject:',
    'state:',
    'reason:',
    'since:',
    'until:',
    'tenant:',
    'destination:',
    '2026-02-30',
    'T24:00',
    '99:99',
    '+99:99',
    'Z',
    '[Asia/Tokyo]',
    '[u-ca=japanese]',
    '999999w',
    '-271821-04-20',
    'P1D',
    '<',
    '>',
    '@',
    '__proto__:',
    'constructor:',
  ],
  seeds: texts.map((text) => Buffer.from(text)),
  run(input) {
    const found = read(input.toString('utf8'));
    if (typeof found === 'string') return found.replaceAll(/"[^"]*"/g, '').slice(0, 60);
    for (const id of found.ids ?? []) assert(isMailId(id));
    for (const at of [found.since, found.until]) assert(at === undefined || Number.isFinite(at), 'a time that is none');
    assert(found.state === undefined || Object.hasOwn(RECIPIENT_STATES, found.state));
    return Object.keys(found).sort().join();
  },
};

function read(text: string): TraceQuery | string {
  try {
    return parseQuery(text, context);
  } catch (error) {
    assert(error instanceof Refusal && error.exit === 2, `no refusal: ${String(error)}`);
    return error.message;
  }
}
