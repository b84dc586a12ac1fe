import assert from 'node:assert/strict';
import { domainToAscii, parseCommand, parseMailAddress } from '#/codec/smtp/index.ts';
import { domainOf } from '#/model/index.ts';
import type { FuzzTarget } from './target.ts';

const texts = ['a@b.example', '"a b"@x', 'a@[IPv6:::1]', 'あ@例え.テスト', '@a,@b:c@d', '"a\\"@"@x', 'a..b@ex_ample'];

/** A canonical address is its own canonical form, safe inside angle brackets, and reads the same from a command. */
export const address: FuzzTarget = {
  name: 'address',
  words: [
    '@',
    '.',
    '"',
    '\\',
    '<',
    '>',
    '[',
    ']',
    'IPv6:',
    '::',
    '127.0.0.1',
    ' ',
    '..',
    'xn--',
    '\xe3\x81\x82',
    '\xe3\x80\x82',
    '\xc2\xad',
    '\xe2\x80\xa8',
    '\xef\xbb\xbf',
    ',',
  ],
  seeds: texts.map((text) => Buffer.from(text)),
  run(input) {
    const text = input.toString('utf8');
    parseCommand(`MAIL FROM:${text}`);
    parseCommand(`RCPT TO:<${text}> ORCPT=${text}`);
    parseCommand(`XCLIENT ${text}`);
    const parsed = parseMailAddress(text);
    if (parsed === null) return `no ${text.length > 0 && text.includes('@')}`;
    assert.equal(parseMailAddress(parsed), parsed);
    assert(!/[\0-\x1f\x7f-\x9f\u2028\u2029]/.test(parsed), 'a control passed');
    assert.match(domainToAscii(domainOf(parsed)), /^[!-~]+$/);
    const command = parseCommand(`RCPT TO:<${parsed}>`);
    assert(
      command.kind === 'command' && command.command.verb === 'RCPT' && command.command.recipient === parsed,
      'read otherwise from a command',
    );
    return parsed
      .replace(/[a-z0-9]+/gi, 'a')
      .replace(/[^\0-\x7f]+/g, 'u')
      .slice(0, 40);
  },
};
