import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change, PolicyVersion } from '#/model/index.ts';
import { claimOf } from '#/testkit/index.ts';
import { apart } from './apart.ts';

function withChanges(...of: readonly (readonly Change[] | null)[]) {
  const claim = claimOf({ to: of.map((_, i) => `r${i}@peer.test`) });
  const base = {
    kind: 'pass',
    rule: 'r',
    version: '1' as PolicyVersion,
    reason: { en: '', ja: '' },
    notify: [],
  } as const;
  const changesAt = (i: number) => {
    const changes = of[i] ?? null;
    return changes === null ? null : { ...base, changes };
  };
  const recipients = claim.recipients.map((one, i) => ({
    ...one,
    verdict: changesAt(i),
  }));
  return { ...claim, recipients };
}

function numbers(claim: ReturnType<typeof claimOf>): number[][] {
  return apart([claim]).map(({ recipients }) => recipients.map(({ n }) => n));
}

test('design 1: recipients who get the same go together, others apart, and nobody is left out', () => {
  const tag: Change = { kind: 'tagSubject', text: '[ext]' };
  assert.deepEqual(numbers(withChanges(null, [tag], null, [tag], [])), [
    [1, 3, 5],
    [2, 4],
  ]);
  assert.deepEqual(numbers(withChanges([tag, { kind: 'onePerRecipient' }], [tag, { kind: 'onePerRecipient' }])), [
    [1],
    [2],
  ]);
});

test('M2: claims without changes are what they were', () => {
  const claims = [claimOf({ to: ['a@peer.test', 'b@peer.test'] }), claimOf()];
  assert.equal(apart(claims), claims);
});
