import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClaimedRecipient, MailInCustody } from '#/model/index.ts';
import { claimOf } from '#/testkit/index.ts';
import { decide, isOwnAttempt, type Times } from './decide.ts';
import type { Verdict } from './job.ts';

const hour = 3_600_000;
const times: Times = { now: 100 * hour, retryAt: (attempts) => 100 * hour + attempts * 60_000 };
const reply = { code: 451, enhanced: '4.3.0', text: 'busy', host: 'mx.peer.test' };

function outcome(verdict: Verdict, more: Partial<MailInCustody> = {}, recipient: Partial<ClaimedRecipient> = {}) {
  const claim = claimOf({ mail: { receivedAt: 90 * hour, ...more }, recipient });
  const [first] = claim.recipients;
  assert.ok(first !== undefined);
  return decide(verdict, first, claim.mail, times);
}

test('RFC 5321 §4.5.4.1: not now means due again by the table of retries, however old the mail: its end is the queue’s to decide', () => {
  const later = { kind: 'later', reply } as const;
  const due = 100 * hour + 3 * 60_000;
  assert.deepEqual(outcome(later, {}, { attempts: 2, delayNotified: true }), {
    kind: 'deferred',
    reply,
    due,
    delayNotified: true,
    mayHaveArrived: false,
  });
  assert.equal(outcome(later, { receivedAt: -2_000 * hour }).kind, 'deferred');
});

test('H4: a refusal is final, what was taken is delivered, what was not tried is due again without an attempt', () => {
  assert.deepEqual(outcome({ kind: 'refused', reply }), { kind: 'bounced', reply });
  assert.deepEqual(outcome({ kind: 'taken', reply, reports: false, final: false }), { kind: 'delivered', reply });
  assert.deepEqual(outcome({ kind: 'untried', soon: true }), {
    kind: 'returned',
    due: times.now,
    delayNotified: false,
  });
  assert.deepEqual(outcome({ kind: 'untried', soon: false }), {
    kind: 'returned',
    due: times.retryAt(1),
    delayNotified: false,
  });
});

test('RFC 5321 §4.5.5: a notice that nobody takes is discarded with the reason', () => {
  const discarded = { kind: 'discarded', reason: 'a report could not be delivered: 451 4.3.0 busy' };
  assert.deepEqual(outcome({ kind: 'refused', reply }, { purpose: 'notice' }), discarded);
  assert.deepEqual(outcome({ kind: 'refused', reply }, { purpose: 'dsn' }), discarded);
});

test('M5: a probe is an attempt of a mail when its own time has come, or it had none yet', () => {
  const recipient = (attempts: number, lastAttemptAt: number | null) =>
    claimOf({ recipient: { attempts, lastAttemptAt } }).recipients;
  assert.equal(isOwnAttempt(recipient(0, null), times), true);
  assert.equal(isOwnAttempt(recipient(2, times.now - 119_000), times), false);
  assert.equal(isOwnAttempt(recipient(2, times.now - 121_000), times), true);
});
