import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mailboxes } from '#/ports/index.ts';
import { MemoryAccounts, openMemoryMailboxes } from '../memory/index.ts';
import { walkMailboxes } from './mailbox-walk.ts';
import { StandingClock } from './samples.ts';

/** Walks with the model beside the model, or beside what a test makes of it. */
async function walk(seed: number, spoil: (keeper: Mailboxes) => Mailboxes = (keeper) => keeper): Promise<void> {
  const clock = new StandingClock();
  const accounts = new MemoryAccounts();
  const subjects = [0, 1].map(() => spoil(openMemoryMailboxes({ clock, accounts })));
  const model = openMemoryMailboxes({ clock });
  const subject = (step: number): Mailboxes => subjects[step % 2] ?? model;
  await walkMailboxes({ model, clock, subject, reopen: async () => {} }, seed, 200);
}

for (const seed of [1, 2]) test(`O3, O5: the model agrees with itself (walk ${seed})`, () => walk(seed));

/** Keepers with one small fault each. */
const SPOILED: Readonly<Record<string, (keeper: Mailboxes) => Mailboxes>> = {
  'expunges what is not marked': (keeper) => ({
    ...keeper,
    expunge: (account, mailbox, uids, _regardless, call) => keeper.expunge(account, mailbox, uids, true, call),
  }),
  'delivers twice': (keeper) => ({
    ...keeper,
    deliver: async (account, delivery, call) => {
      await keeper.forgetDeliveries(account, [delivery.key], call);
      return keeper.deliver(account, delivery, call);
    },
  }),
  'forgets the condition of a change': (keeper) => ({
    ...keeper,
    flag: (account, mailbox, uids, change, call) =>
      keeper.flag(account, mailbox, uids, { ...change, unchangedSince: null }, call),
  }),
  'hides what vanished': (keeper) => ({
    ...keeper,
    changes: async (...of) => {
      const changes = await keeper.changes(...of);
      return changes === null ? null : { ...changes, vanished: new Uint32Array() };
    },
  }),
  'loses the last octet': (keeper) => ({
    ...keeper,
    octets: async (...of) => (await keeper.octets(...of)).slice(0, -1),
  }),
  'purges under legal hold': (keeper) => ({ ...keeper, hold: async () => {} }),
};

for (const [what, spoil] of Object.entries(SPOILED)) {
  test(`B5: the walk finds a keeper that ${what}`, async () => {
    for (const seed of [1, 2, 3, 4]) {
      const found = await walk(seed, spoil).then(
        () => false,
        () => true,
      );
      if (found) return;
    }
    assert.fail('four walks found nothing');
  });
}
