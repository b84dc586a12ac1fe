import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DestinationKey, Identity, PolicyVersion, TenantId, Verdict } from '#/model/index.ts';
import { outcomeOf } from './outcome.ts';

const verdict: Verdict = {
  kind: 'reject',
  text: 'Not to rivals',
  rule: 'rivals',
  version: 'v1' as PolicyVersion,
  reason: { en: 'a rival receives it', ja: '競合他社が受信者です' },
  changes: [],
  notify: [],
};

function refusedFor(kind: Identity['kind']): string {
  const mail = { identity: { kind, tenant: 'acme' as TenantId, name: 'bob@acme.test' } };
  const next = 'mx:rival.test' as DestinationKey;
  return outcomeOf(verdict, { mail, recipient: { delayNotified: false }, next, now: 0, againAt: 1 }).kind;
}

test('H1, design 1: only who has proved who they are is sent a report; a stranger hears nothing, and a forward waits for a person', () => {
  assert.equal(refusedFor('user'), 'bounced');
  assert.equal(refusedFor('relay'), 'bounced');
  assert.equal(refusedFor('peer'), 'discarded');
  assert.equal(refusedFor('system'), 'suspended');
});
