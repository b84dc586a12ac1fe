/** Mailboxes whose folder came back from an earlier time as a whole. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { Person } from '../contract/mail-samples.ts';
import { Fixture } from './fixture.ts';
import { forgetMarks } from './index.ts';

it('design 1: a folder that came back with its marks gives new UIDVALIDITYs once they are forgotten', async () => {
  await using fixture = await Fixture.make();
  const person = new Person(await fixture.open());
  await person.append('INBOX', {});
  await assert.rejects(forgetMarks(fixture.mailboxes), { code: 'store.locked' });
  await fixture.close();
  const snapshot = join(fixture.folder, 'snapshot');
  cpSync(fixture.mailboxes, snapshot, { recursive: true });
  person.mailboxes = await fixture.open();
  await person.append('INBOX', {});
  const { uidValidity } = await person.mailbox();
  await fixture.close();
  rmSync(fixture.mailboxes, { recursive: true });
  cpSync(snapshot, fixture.mailboxes, { recursive: true });
  // What was cut short before goes too.
  mkdirSync(join(fixture.mailboxes, 'marks.old'));
  await forgetMarks(fixture.mailboxes);
  assert.ok(!existsSync(join(fixture.mailboxes, 'marks.old')));
  await fixture.clock.sleep(1_000);
  person.mailboxes = await fixture.open();
  assert.ok((await person.mailbox()).uidValidity > uidValidity);
  await person.append('INBOX', {});
});

it('design 1: where nobody has mailboxes there is nothing to forget, and nothing is made', async () => {
  await using fixture = await Fixture.make();
  await forgetMarks(fixture.mailboxes);
  assert.ok(!existsSync(fixture.mailboxes));
});
