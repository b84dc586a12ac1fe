import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run } from '../fake-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'policy-'));
after(() => rmSync(folder, { recursive: true }));

const MAIL = [
  'From: Alice <alice@acme.test>',
  'To: taro@example.test, Bob <bob@acme.test>',
  'Subject: =?UTF-8?B?44CQ56S+5aSW56eY44CR?=',
  '',
  'Card 4111 1111 1111 1111',
  '',
].join('\r\n');
writeFileSync(join(folder, 'offer.eml'), MAIL);

const document = {
  tenants: [
    {
      id: 'acme',
      domains: [{ name: 'acme.test' }],
      users: [{ address: 'alice@acme.test' }],
      policies: [
        {
          name: 'cards',
          when: { direction: 'outbound', detects: { creditCard: true } },
          action: { hold: '1h', tagSubject: '[card]' },
        },
        { name: 'secret', when: { words: ['社外秘'] }, action: { reject: 'no' }, unless: { direction: 'internal' } },
      ],
    },
  ],
};
const operations = {
  'resources.export': ({ tenant }: { tenant: string }) => ({
    document: tenant === 'acme' ? document : { tenants: [] },
  }),
};
const trial = (...words: string[]) =>
  run(['policy', 'test', 'offer.eml', '--tenant', 'acme', ...words], { operations, cwd: folder });

test('H1: policy test says for each recipient what would happen, and what each rule says', async () => {
  const { exit, stdout, calls } = await trial();
  assert.equal(exit, 0, stdout);
  assert.deepEqual(
    calls.map(({ name }) => name),
    ['resources.export'],
  );
  assert.match(
    stdout,
    /taro@example\.test \(outbound\): hold\. Held by the rule “cards”, because it holds 1 credit card number\./,
  );
  assert.match(stdout, /change: tagSubject/);
  assert.match(stdout, /cards +holds +it holds 1 credit card number/);
  assert.match(stdout, /secret +\(holds\)/, 'not reached');
  assert.match(stdout, /bob@acme\.test \(internal\): pass\. No rule holds for it\./);
});

test('H1: policy test takes other senders and recipients, answers in Japanese and for programs', async () => {
  const { stdout } = await trial('--to', 'x@y.test', '--from', 'who@else.test', '--lang', 'ja');
  assert.match(stdout, /x@y\.test \(inbound\): discard\. ルール「secret」により破棄：指定された語句が1件ある。/);
  const { recipients } = JSON.parse((await trial('--json')).stdout);
  assert.deepEqual(
    recipients.map(({ address }: { address: string }) => address),
    ['taro@example.test', 'bob@acme.test'],
  );
});

test('contract: policy test without a tenant, a file or a right address says what to write', async () => {
  assert.equal((await run(['policy', 'test', 'offer.eml'], { operations, cwd: folder })).exit, 2);
  assert.equal((await trial('--to', 'nobody')).exit, 2);
  assert.equal((await run(['policy', 'test', 'gone.eml', '--tenant', 'acme'], { operations, cwd: folder })).exit, 2);
  assert.equal((await run(['policy', 'test', 'offer.eml', '--tenant', 'nobody'], { operations, cwd: folder })).exit, 1);
});
