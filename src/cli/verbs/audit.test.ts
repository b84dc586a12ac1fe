import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '#/model/index.ts';
import { run } from '../fake-world.ts';
import { Unreachable } from '../reach.ts';
import type { AuditAnswer } from '../shapes.ts';

const line = {
  tenant: 'acme',
  accepted: 1_234,
  received: 1_230,
  generated: 4,
  delivered: 1_200,
  bounced: 4,
  discarded: 0,
  expired: 0,
  held: 10,
  queued: 20,
};
const balanced: AuditAnswer = { balanced: true, tenants: [line], orphans: [] };
const auditing = (answer: unknown) => ({ operations: { 'books.audit': () => answer } });

test('H5: books that balance exit 0, with a table that says so last', async () => {
  const { exit, stdout, calls } = await run(['audit'], auditing(balanced));
  assert.equal(exit, 0);
  assert.deepEqual(calls, [{ name: 'books.audit', input: { full: false } }]);
  assert.match(stdout, /acme +1,234 +1,200 +4 +0 +0 +10 +20\n/);
  assert.match(stdout, /\nThe books balance: all 1,234 recipients are accounted for\.\n$/);
});

test('H5: audit --json is the contract’s shape', async () => {
  const { stdout } = await run(['audit', '--full', '--json'], auditing(balanced));
  assert.deepEqual(JSON.parse(stdout), balanced);
  assert.deepEqual(Object.keys(JSON.parse(stdout)), ['balanced', 'tenants', 'orphans']);
});

test('design 6: a log of acts that was tampered with is said, and --log shows who did what and why', async () => {
  const auditLog = { entries: 12, brokenAt: 7 };
  const { exit, stdout } = await run(['audit'], auditing({ ...balanced, auditLog }));
  assert.equal(exit, 0);
  assert.match(stdout, /The log of operators’ acts was changed by other hands: entry 7 is not as it was written/);
  const whole = await run(['audit'], auditing({ ...balanced, auditLog: { entries: 12, brokenAt: null } }));
  assert.doesNotMatch(whole.stdout, /log of operators/);
  const at = '2026-11-21T05:00:00.000Z';
  const line = { seq: 1, at, by: 'cli:root', act: 'mail.body', subject: '01M6Z0V6K8Q3T9XA', reason: 'asked' };
  const log = await run(['audit', '--log', '--limit', '7'], { operations: { 'audit.log': () => [line] } });
  assert.deepEqual(log.calls, [{ name: 'audit.log', input: { limit: 7 } }]);
  assert.match(log.stdout, /14:00 +cli:root +mail\.body +01M6Z0V6K8Q3T9XA +asked/);
});

test('H5: books that do not balance, or a row that nothing will move, exit 1', async () => {
  const orphan = { message: '01M6Z0V6K8Q3T9XA', recipient: 1, tenant: 'acme', fault: 'body missing', mended: false };
  const off = await run(['audit'], auditing({ ...balanced, balanced: false }));
  assert.equal(off.exit, 1);
  assert.match(off.stdout, /The books do not balance\./);
  const lost = await run(['audit'], auditing({ ...balanced, orphans: [orphan] }));
  assert.equal(lost.exit, 1);
  assert.match(lost.stdout, /needs you {2}01M6Z0V6K8Q3T9XA recipient 1: body missing/);
  const mended = await run(['audit'], auditing({ ...balanced, orphans: [{ ...orphan, mended: true }] }));
  assert.equal(mended.exit, 0);
});

test('contract: failures have the exit codes that scripts rely on, a remedy, and an empty standard output', async () => {
  const failures: [Error, number, RegExp][] = [
    [new Unreachable('No server.'), 3, /No server/],
    [new Fault('server.unreachable'), 3, /holdfast serve/],
    [new Fault('call.late'), 4, /Try again/],
    [new Fault('store.busy'), 4, /load/],
    [new Fault('store.foreign'), 2, /release/],
    [new Fault('key.missing'), 2, /secrets\.key/],
    [new TypeError('x is not a function'), 4, /Something went wrong that should not/],
  ];
  for (const [error, exit, message] of failures) {
    const ran = await run(['audit', '--json'], { operations: { 'books.audit': () => Promise.reject(error) } });
    assert.equal(ran.exit, exit, error.message);
    assert.match(ran.stderr, message);
    assert.equal(ran.stdout, '');
  }
});

test('contract: a time that is allowed is a duration', async () => {
  assert.equal((await run(['audit', '--timeout', 'soon'])).exit, 2);
  assert.equal((await run(['audit', '--timeout', '30m'], auditing(balanced))).exit, 0);
});
