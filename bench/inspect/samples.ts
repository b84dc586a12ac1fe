/** Rules and mails as companies have them: twenty rules, five detectors, three patterns; letters of 4 KiB, and one of 10 MB full of files. */
import { randomBytes } from 'node:crypto';
import { docxOf, mailWith, pdfOf, xlsxOf, zipOf } from './files.ts';

const HOLD = { hold: '15m' };
const ASK = { approve: { by: ['boss@bench.test'] } };

/** The contract's three, five of detectors, three of patterns, and what else 2G of the field has. */
export const RULES: readonly Readonly<Record<string, unknown>>[] = [
  rule(
    'bulk leak',
    { direction: 'outbound', externalDomains: { min: 10 } },
    { reject: 'Too many external recipients' },
  ),
  rule('many external domains', { direction: 'outbound', externalDomains: { min: 3 } }, HOLD),
  rule('card numbers', { direction: 'outbound', detects: { creditCard: { min: 1 } } }, ASK),
  rule('accounts', { detects: { iban: { min: 2 } } }, ASK),
  rule('people', { detects: { myNumber: { min: 1 } } }, ASK),
  rule('telephone lists', { detects: { phoneList: { min: 20 } } }, HOLD),
  rule('keys', { detects: { apiKey: { min: 1 } } }, HOLD),
  rule('contract numbers', { patterns: ['K-\\d{6}-\\d'] }, ASK),
  rule('project names', { patterns: ['kestrel-[a-z]{2,8}'] }, ASK),
  rule('employee numbers', { patterns: ['社員番号[:：]?\\s*\\d{6}'] }, ASK),
  rule('confidential', { words: { dictionaries: 'confidential' } }, ASK),
  rule('secret words', { words: ['社外秘', '極秘', 'マル秘', 'do not forward'] }, ASK),
  rule('subject', { words: { any: ['見積', 'invoice'], in: 'subject' } }, HOLD),
  rule('locked files', { attachments: { encrypted: true } }, HOLD),
  rule('macros', { attachments: { macro: true } }, HOLD),
  rule('programs', { attachments: { dangerous: true } }, { reject: 'No programs' }),
  rule('large files', { attachments: { size: { min: '20MB' } } }, HOLD),
  rule('free mail', { freeMail: true, attachments: { count: { min: 1 } } }, HOLD),
  rule('look-alikes', { lookAlike: true }, HOLD),
  rule('urgent', { headers: [{ name: 'X-Priority', patterns: ['^1'] }] }, HOLD),
];

function rule(name: string, when: object, action: object): Readonly<Record<string, unknown>> {
  return { name, when, action };
}

const LINES = [
  'お世話になっております。先日の打ち合わせの件、資料をお送りいたします。ご確認のほどよろしくお願いいたします。',
  'Thank you for your order 2026-1173; the parcel left our house on Friday and should be with you by noon on Tuesday.',
  '会議室は三階の大会議室です。開始は十四時、終了は十六時を予定しております。お車でのご来場はご遠慮ください。',
  'Please find the minutes below. We agreed on the second proposal, with the changes that Ms Mori asked for on page 7.',
];

/** A letter of some 4 KiB; each number makes another one. */
export function letterOf(number: number): Buffer {
  const lines: string[] = [];
  for (let bytes = 0, i = number; bytes < 3_700; i++) {
    const line = `${i}. ${LINES[i % LINES.length]}`;
    lines.push(line);
    bytes += Buffer.byteLength(line) + 2;
  }
  const head = [
    'From: Alice <alice@bench.test>',
    'To: Taro <taro@elsewhere.test>',
    `Subject: =?UTF-8?B?${Buffer.from(`打ち合わせの件 ${number}`).toString('base64')}?=`,
    `Message-ID: <${number}@bench.test>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${lines.join('\r\n')}\r\n`);
}

/** 10 MB: a PDF of 100 pages, a sheet of 20,000 rows, a ZIP with documents in a ZIP in it, and a picture that fills it up. */
export function largeMail(): Buffer {
  const memo = (number: number): Buffer => docxOf(Array.from({ length: 20 }, () => `${number} ${LINES.join(' ')}`));
  const inner = zipOf(...Array.from({ length: 20 }, (_, i) => [`memo-${i}.docx`, memo(i)] as const));
  const nested = zipOf(['inner.zip', inner], ['list.csv', LINES.join('\r\n').repeat(2_000)]);
  const line = (LINES[1] ?? '').replace(/[();]/g, '');
  const pages = Array.from({ length: 100 }, () => Array.from({ length: 40 }, (_, i) => `${i} ${line}`));
  const people = Array.from({ length: 20_000 }, (_, i) => [`山田 ${i}`, `03-1234-${1_000 + (i % 9_000)}`]);
  const files = [
    ['report.pdf', pdfOf(pages)],
    ['people.xlsx', xlsxOf(people)],
    ['archive.zip', nested],
  ] as const;
  const bytes = files.reduce((sum, [, octets]) => sum + octets.length, 0);
  const picture = Buffer.concat([PNG, randomBytes(FILES_BYTES - bytes)]);
  return mailWith(...files, ['photo.png', picture]);
}

/** In base64 these are 10 MB. */
const FILES_BYTES = 7_300_000;
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
