import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { automaticAnswer, Person } from '../contract/mail-samples.ts';
import { soon } from '../contract/samples.ts';
import { Fixture } from './fixture.ts';

test('B5: an account of the first form is brought to this one when it is opened, with all that it holds', async () => {
  await using fixture = await Fixture.make();
  const person = new Person(await fixture.open());
  await person.deliver(1);
  await person.create('Projects');
  const before = await person.everything();
  await fixture.close();
  for (const file of globSync('??/*.db', { cwd: fixture.mailboxes })) {
    using db = new DatabaseSync(join(fixture.mailboxes, file));
    db.exec(
      "DROP TABLE rules; DROP TABLE answer; INSERT INTO term (term, rank) VALUES ('deletemerge', 10); PRAGMA user_version = 1;",
    );
  }
  person.mailboxes = await fixture.open();
  assert.equal(await person.mailboxes.rules(person.account, soon()), null);
  await person.mailboxes.setRules(person.account, '{}', soon());
  assert.equal(await person.mailboxes.mayAnswer(person.account, automaticAnswer(1), soon()), true);
  assert.deepEqual(await person.everything(), before);
  assert.equal((await person.deliver(1)).kind, 'already');
  await fixture.close();
  for (const file of globSync('??/*.db', { cwd: fixture.mailboxes })) {
    using db = new DatabaseSync(join(fixture.mailboxes, file));
    assert.equal(db.prepare("SELECT v FROM term_config WHERE k = 'deletemerge'").get()?.v, 0);
  }
});
