/** What a refused request leaves behind in the store must not hide what comes after it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MailAddress } from '#/model/index.ts';
import { mail, recipient, soon } from '../contract/samples.ts';
import { Fixture } from './fixture.ts';

test('H6: mail that is accepted after a refused request and a restart is found by its address', async () => {
  await using fixture = await Fixture.make();
  const first = await fixture.open();
  const broken = { ...recipient(2), address: null as unknown as MailAddress };
  await first.accept([mail(fixture.clock)], null, soon());
  await assert.rejects(first.accept([mail(fixture.clock, { recipients: [recipient(1), broken] })], null, soon()));
  // The index passes over what was undone.
  await sleep(1_500);
  await first[Symbol.asyncDispose]();
  const second = await fixture.open();
  const address = 'only@partner.test' as MailAddress;
  const sent = mail(fixture.clock, { recipients: [{ ...recipient(1), address }] });
  await second.accept([sent], null, soon());
  await sleep(1_500);
  const found = await second.trace({ address }, 10, soon());
  assert.deepEqual(
    found.map(({ id }) => id),
    [sent.id],
  );
});
