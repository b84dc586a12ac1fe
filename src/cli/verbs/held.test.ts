import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOW, run } from '../fake-world.ts';
import { widthOf } from '../table.ts';

const ID = '01M6Z0V6K8Q3T9XA';
const RECIPIENT = {
  address: 'purchasing@customer-with-a-long-name.example',
  original: null,
  state: 'held',
  reason: 'policy',
  rule: 'leak',
  why: {
    en: 'Held by the rule “leak”, because it goes to 3 domains outside.',
    ja: 'ルール「leak」により保留：宛先に社外の3ドメインが含まれる。',
  },
  until: new Date(NOW + 900_000).toISOString(),
  atEnd: 'sent',
  approval: null,
  may: ['release', 'stop', 'delete'],
};
const MAIL = {
  id: ID,
  tenant: 'acme',
  from: 'alice@acme.test',
  subject: '見積書',
  size: 2_000,
  recipients: [RECIPIENT],
};
const SHOWN = { ...MAIL, attachments: [{ name: '見積.pdf', bytes: 900 }] };
const DONE = { recipients: 1, messages: [ID], refused: 0, why: null, late: 0, more: false };

test('contract: held list says who waits, until when and why, in 100 columns, English and Japanese', async () => {
  const operations = { 'held.list': () => ({ mails: [MAIL], next: null }) };
  for (const [lang, why] of [
    ['en', /Held by the rule/],
    ['ja', /ルール「leak」/],
  ] as const) {
    const { exit, stdout, calls } = await run(
      ['held', 'list', '--as', 'alice@acme.test', '--tray', 'mine', '--lang', lang],
      {
        operations,
      },
    );
    assert.equal(exit, 0);
    assert.match(stdout, why);
    for (const line of stdout.split('\n')) assert.ok(widthOf(line) <= 100, line);
    assert.deepEqual(calls[0]?.input, { as: 'alice@acme.test', tray: 'mine', filter: '', limit: 100, after: null });
  }
});

test('contract: held show names rule, recipients, attachments and what one may do', async () => {
  const { exit, stdout } = await run(['held', 'show', ID], { operations: { 'held.show': () => SHOWN } });
  assert.equal(exit, 0);
  for (const text of [/見積\.pdf/, /purchasing@customer/, /then it is sent/, /release, stop, delete/])
    assert.match(stdout, text);
});

test('contract: held acts take IDs or a filter, name who acts and why, and exit 1 where nothing was hit', async () => {
  const words = ['--as', 'boss@acme.test', '--reason', 'not to them'];
  const { exit, stdout, calls } = await run(['held', 'reject', ID, ...words], {
    operations: { 'held.reject': () => DONE },
  });
  assert.deepEqual([exit, stdout], [0, '1 recipient rejected, and their senders are told.\n']);
  assert.deepEqual(calls[0]?.input, { as: 'boss@acme.test', ids: [ID], filter: '', reason: 'not to them' });
  const nothing = { ...DONE, recipients: 0, messages: [], refused: 2, why: 'It is stopped already.' };
  const refused = await run(['held', 'stop', '--filter', 'from:a@b.test'], {
    operations: { 'held.stop': () => nothing },
  });
  assert.equal(refused.exit, 1);
  assert.match(refused.stdout, /Nothing was changed\.\n2 recipients left as they are: It is stopped already\./);
  assert.equal((await run(['held', 'approve'])).exit, 2);
});
