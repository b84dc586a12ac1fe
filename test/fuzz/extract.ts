import assert from 'node:assert/strict';
import { Extractor } from '#/inspect/index.ts';
import { type TenantId, within } from '#/model/index.ts';
import type { FuzzTarget } from './target.ts';

const base64 = (octets: Buffer): string => octets.toString('base64');
const zip = Buffer.from(
  'UEsDBBQAAAAAAAAAAACFEUoNBQAAAAUAAAABAAAAYWhlbGxvUEsBAhQAFAAAAAAAAAAAAIURSg0FAAAABQAAAAEAAAAAAAAAAAAAAAAAAAAAAGFQSwUGAAAAAAEAAQAvAAAAJAAAAAAA',
  'base64',
);
const parts = [
  'Content-Type: text/html; charset=shift_jis\r\n\r\n<style>.a{display:none}</style><p class=a title="x">\x93\xfa\x96{<!-- c -->&#65;',
  'Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\na \r\n> b \r\nbegin 644 x\r\n#0V%T\r\n`\r\nend\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=',
  `Content-Disposition: attachment; filename=a.zip; filename*=utf-8''b.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(zip)}`,
  `Content-Transfer-Encoding: base64\r\n\r\n${base64(Buffer.from("{\\rtf1\\ansicpg932{\\fonttbl{\\f0\\fcharset128 x;}}\\f0 \\u26085?\\'93\\'fa{\\v h}{\\*\\objdata d0cf11e0a1b11ae1}}"))}`,
  'Content-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nSubject: =?utf-8?B?5bGx?=\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n+AGE-',
];
const texts = [
  `From: a@b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n${parts.join('\r\n--b\r\n')}\r\n--b--\r\n`,
  ...parts,
];
const envelope = {
  tenant: 'fuzz' as TenantId,
  identity: { kind: 'peer', tenant: null, name: '' } as const,
  sender: null,
  recipients: [],
};
const limits = { partsMax: 200, textMax: 100_000, unpackedBytesMax: 1_000_000 };
let extractor: Extractor | null = null;

/** Any octets are facts: paths of their own, text within its bounds, and values that can be kept. Formats that are read in threads of their own are left out. */
export const extract: FuzzTarget = {
  name: 'extract',
  words: [
    '\r\n',
    '--b',
    '--b\r\nContent-Type: ',
    'Content-Transfer-Encoding: base64\r\n',
    'multipart/mixed; boundary=b\r\n\r\n',
    'PK\x03\x04',
    'PK\x01\x02',
    'PK\x05\x06',
    '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1',
    '\x78\x9f\x3e\x22',
    '\x1f\x8b\x08',
    '{\\rtf1',
    '\\u-1?',
    '\\bin9 ',
    '<div hidden>',
    '<!--',
    'data:text/html;base64,',
    'begin 644 x\r\n',
    '\x1b$B',
    '\xff\xfe',
    'ustar',
    '\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80',
  ],
  seeds: texts.map((text) => Buffer.from(text, 'latin1')),
  async run(input) {
    if (/%PDF-|7z\xbc\xaf|Rar!|MSCF|-l[hz].-/.test(input.toString('latin1'))) return 'left out';
    extractor ??= new Extractor(limits);
    const facts = await extractor.extract(input, envelope, within(10_000));
    assert.deepEqual(structuredClone(facts), facts, 'what was found can not be kept');
    assert.equal(new Set(facts.parts.map(({ path }) => path)).size, facts.parts.length, 'two parts have one path');
    assert(facts.parts.length <= limits.partsMax, 'more parts than are allowed');
    const chars = facts.parts.reduce((sum, { text }) => sum + (text?.length ?? 0), 0);
    assert(chars <= limits.textMax, 'more text than is allowed');
    assert(
      !facts.unread.some(({ detail }) => detail.startsWith('it could not be read: ')),
      JSON.stringify(facts.unread),
    );
    return `${facts.parts.map(({ trueType, role }) => `${role.charAt(0)}${trueType?.slice(-4) ?? ''}`).join()} ${facts.unread.map(({ why }) => why).join()}`.slice(
      0,
      160,
    );
  },
};
