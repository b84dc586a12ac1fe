import assert from 'node:assert/strict';
import { it } from 'node:test';
import { walkMailboxes } from '../contract/mailbox-walk.ts';
import { openMemoryMailboxes } from '../memory/index.ts';
import { Fixture } from './fixture.ts';
import { recountAll } from './recount.ts';

const LONG = process.env.HOLDFAST_LONG === '1';

it('O3, O5: mailboxes on files do what the model does, through kills and restarts', async () => {
  await using fixture = await Fixture.make();
  const { clock } = fixture;
  let subject = await fixture.open();
  let reopened = 0;
  const reopen = async (): Promise<void> => {
    if (reopened++ % 2 === 0) await subject.kill();
    else await subject[Symbol.asyncDispose]();
    subject = await fixture.open(1 + (reopened % 3));
  };
  const seeds = LONG ? Array.from({ length: 200 }, (_, i) => Date.now() + i) : [1, 2, Date.now()];
  for (const seed of seeds) {
    const model = openMemoryMailboxes({ clock });
    await walkMailboxes({ model, clock, subject: () => subject, reopen }, seed, LONG ? 1_000 : 150);
  }
  await fixture.close();
  assert.equal(recountAll(fixture.mailboxes), seeds.length);
});
