import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatReply, type Reply, replies } from './index.ts';

test('RFC 2449 §8: a response code stands in brackets behind the status', () => {
  assert.equal(formatReply(replies.noop), '+OK\r\n');
  assert.equal(formatReply(replies.stat(2, 320)), '+OK 2 320\r\n');
  assert.equal(formatReply(replies.wrongPassword), '-ERR [AUTH] Wrong user name or password\r\n');
});

test('RFC 2449 §4: no reply passes 512 octets, leaves ASCII or holds a line end', () => {
  const reply: Reply = { ok: false, code: 'SYS/TEMP', text: `a\r\n+OK b 驚き ${'x'.repeat(600)}` };
  const line = formatReply(reply);
  assert.equal(line.length, 512);
  assert.match(line, /^-ERR \[SYS\/TEMP\] a\?\?\+OK b \?\? x+\r\n$/);
});

test('RFC 3206 §4: trouble of ours has a code, so that no client asks its user for a password', () => {
  const ours = [replies.overloaded, replies.mailboxLater, replies.signInLater, replies.messageLater, replies.closing];
  for (const { code } of [...ours, replies.notDeleted(1, 2)]) assert.equal(code, 'SYS/TEMP');
});
