import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Domain, MailAddress } from '#/model/index.ts';
import {
  type Capabilities,
  type Command,
  domainToAscii,
  formatAuth,
  formatBdat,
  formatMail,
  formatRcpt,
  literalAddress,
  needsSmtpUtf8,
  parseCapabilities,
  parseCommand,
  parseDomain,
  parseMailAddress,
} from './index.ts';

function read(line: string): Command {
  const parsed = parseCommand(line);
  assert(parsed.kind === 'command', JSON.stringify(parsed));
  return parsed.command;
}

test('RFC 5321 §4.1.1.2: MAIL with all parameters is read in full', () => {
  const line = 'MAIL FROM:<a@b.example> SIZE=123 BODY=8BITMIME SMTPUTF8 REQUIRETLS RET=FULL ENVID=x+2By AUTH=c+2Bd@e';
  assert.deepEqual(read(line), {
    verb: 'MAIL',
    sender: 'a@b.example',
    size: 123,
    needs: { eightBit: true, smtpUtf8: true, requireTls: true, ret: 'full', envid: 'x+y' },
    auth: 'c+d@e',
  });
});

test('RFC 3461 §4.1: RCPT with its parameters is read in full', () => {
  assert.deepEqual(read('RCPT TO:<a@b.example> NOTIFY=success,DELAY ORCPT=rfc822;a+2Bx@b.example'), {
    verb: 'RCPT',
    recipient: 'a@b.example',
    notify: { success: true, failure: false, delay: true },
    originalRecipient: { type: 'rfc822', address: 'a+x@b.example' },
  });
});

test('RFC 6533 §3: an internationalised original recipient is decoded', () => {
  const command = read('RCPT TO:<a@b> ORCPT=utf-8;\\x{3042}@c');
  assert(command.verb === 'RCPT' && command.originalRecipient?.address === 'あ@c');
});

test('RFC 6533 §3: an original recipient that Postfix wrote as octets of UTF-8 becomes one of type utf-8', () => {
  const command = read('RCPT TO:<あ@b.example> ORCPT=rfc822;+E3+81+82@b.example');
  assert(command.verb === 'RCPT');
  assert.deepEqual(command.originalRecipient, { type: 'utf-8', address: 'あ@b.example' });
  for (const bad of ['rfc822;+E3+81@b', 'rfc822;+C2+85@b', 'x400;+E3+81+82', 'rfc822;a+0D+0Ab'])
    assert.equal(parseCommand(`RCPT TO:<a@b> ORCPT=${bad}`).kind, 'refuse', bad);
});

test('RFC 5321 §4.1.1.3: a source route is dropped, a domain comes in lower case', () => {
  const command = read('RCPT TO:<@one.example,@two.example:User@EXAMPLE.org>');
  assert(command.verb === 'RCPT' && command.recipient === 'User@example.org');
});

test('RFC 4954 §4: an equals sign is an empty first answer', () => {
  assert.deepEqual(read('AUTH external ='), { verb: 'AUTH', mechanism: 'EXTERNAL', initial: '' });
});

test('M1: XCLIENT values are decoded, unknown ones are null', () => {
  assert.deepEqual(read('XCLIENT NAME=[UNAVAILABLE] ADDR=IPv6:2001:DB8::1 LOGIN=a+40b'), {
    verb: 'XCLIENT',
    attributes: { NAME: null, ADDR: '2001:db8::1', LOGIN: 'a@b' },
  });
});

const addresses: readonly (readonly [string, string | null])[] = [
  ['a@b', 'a@b'],
  ['"a.b"@EXAMPLE', 'a.b@example'],
  ['"a b"@x', '"a b"@x'],
  ['"\\a\\"b"@x', '"a\\"b"@x'],
  ['"a@b"@x', '"a@b"@x'],
  ['a..b@x', 'a..b@x'],
  ['あ@例え.テスト', 'あ@例え.テスト'],
  ['a@ＥＸＡＭＰＬＥ。jp', 'a@example.jp'],
  ['a@[IPv6:2001:DB8::1]', 'a@[ipv6:2001:db8::1]'],
  ['a b@x', null],
  ['a@b c', null],
  ['"a"b"@x', null],
  ['a@x\u2028y', null],
  ['a@[1.2.3.4', null],
  ['a<b@x', null],
];

for (const [text, expected] of addresses) {
  test(`RFC 5321 §4.1.2: the mailbox ${JSON.stringify(text)} is read as ${JSON.stringify(expected)}`, () => {
    assert.equal(parseMailAddress(text), expected);
    if (expected !== null) assert.equal(parseMailAddress(expected), expected);
  });
}

test('RFC 5890 §2.3.2.1: U-labels have an A-label form', () => {
  assert.equal(domainToAscii('例え.テスト' as Domain), 'xn--r8jz45g.xn--zckzah');
  assert.equal(needsSmtpUtf8('a@b' as MailAddress), false);
  assert.equal(needsSmtpUtf8('あ@b' as MailAddress), true);
});

test('RFC 5321 §4.1.3: the address in a literal comes out', () => {
  assert.equal(literalAddress(parseDomain('[IPv6:::1]') ?? ('' as Domain)), '::1');
  assert.equal(literalAddress('x.example' as Domain), null);
});

function peerWith(...keywords: readonly string[]): Capabilities {
  return parseCapabilities({ code: 250, enhanced: null, lines: ['mx', ...keywords] });
}

const mail = {
  sender: 'a@b' as MailAddress,
  size: 9,
  needs: { eightBit: true, smtpUtf8: false, requireTls: true, ret: 'hdrs', envid: 'x+y' },
} as const;

test('RFC 5321 §4.1.1.11: only announced parameters are sent', () => {
  assert.equal(formatMail(mail, peerWith()), 'MAIL FROM:<a@b>\r\n');
  const all = peerWith('SIZE', '8BITMIME', 'REQUIRETLS', 'DSN');
  assert.equal(formatMail(mail, all), 'MAIL FROM:<a@b> SIZE=9 BODY=8BITMIME REQUIRETLS RET=HDRS ENVID=x+2By\r\n');
});

test('RFC 3461 §4.2: what is sent is read as it was', () => {
  const recipient = {
    address: 'c@d' as MailAddress,
    notify: { success: false, failure: false, delay: false },
    originalRecipient: { type: 'utf-8', address: 'あ+=@c' },
  };
  const line = formatRcpt(recipient, peerWith('DSN'));
  assert.deepEqual(read(line.trimEnd()), {
    verb: 'RCPT',
    recipient: 'c@d',
    notify: recipient.notify,
    originalRecipient: recipient.originalRecipient,
  });
  assert.equal(formatBdat(7, true) + formatAuth('PLAIN', ''), 'BDAT 7 LAST\r\nAUTH PLAIN =\r\n');
});

test('H3: a line end in an address is a mistake of ours and never sent', () => {
  assert.throws(() =>
    formatRcpt({ address: 'a@b>\r\nDATA' as MailAddress, notify: null, originalRecipient: null }, peerWith()),
  );
});
