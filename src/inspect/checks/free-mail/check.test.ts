import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recipientTo } from '#/testkit/facts/index.ts';
import { freeMail } from './index.ts';

function isFree(address: string): boolean {
  return [...freeMail([recipientTo(address, 1)])].length === 1;
}

test('H1: addresses of services for anyone are free mail, those of companies are not', () => {
  for (const domain of [
    'gmail.com',
    'GMAIL.com',
    'yahoo.co.jp',
    'docomo.ne.jp',
    't.vodafone.ne.jp',
    'qq.com',
    'proton.me',
  ])
    assert.ok(isFree(`taro@${domain}`), domain);
  for (const domain of [
    'example.test',
    'notgmail.com',
    'gmail.com.example.test',
    'mail.gmail.com.test',
    'co.jp',
    'yahoo-inc.com',
  ])
    assert.ok(!isFree(`taro@${domain}`), domain);
});

test('H1: only recipients outside are free mail', () => {
  const hits = [
    ...freeMail([
      recipientTo('a@gmail.com', 1, 'inbound'),
      recipientTo('b@gmail.com', 2, 'internal'),
      recipientTo('c@gmail.com', 3),
    ]),
  ];
  assert.deepEqual(
    hits.map(({ recipient }) => recipient),
    [3],
  );
});
