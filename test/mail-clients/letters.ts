/** Small mails that journeys tell apart by their Message-ID, with what clients stumble over: dots, 8-bit text, long lines, no last line end. */

/** One mail, lines ending with CR and LF. */
export function letter(id: string, more: { readonly subject?: string; readonly body?: string } = {}): string {
  const { subject = `Letter ${id}`, body = `This is letter ${id}.\r\n` } = more;
  return [
    'From: Alice Archer <alice@partner.test>',
    'To: Bob Baker <bob@acme.test>',
    `Subject: ${subject}`,
    'Date: Sat, 28 Nov 2026 09:30:00 +0900',
    `Message-ID: <${id}@partner.test>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    body,
  ].join('\r\n');
}

/** Letters that are each hard in a way of their own. */
export const LETTERS: readonly string[] = [
  letter('plain'),
  letter('dots', { body: '.\r\n..\r\n.one\r\n..two\r\nend\r\n' }),
  letter('japanese', {
    subject: '=?utf-8?B?5Lya6K2w44Gu6LOH5paZ?=',
    body: '会議の資料をお送りします。\r\n株式会社アクメ\r\n',
  }),
  letter('long', { body: `${'word '.repeat(180)}\r\n` }),
  letter('empty', { body: '' }),
  letter('from-line', { body: 'From the beginning:\r\nFrom here on.\r\n>From there.\r\n' }),
];

/** The Message-IDs in a text, in order, without brackets and domain. */
export function idsIn(text: string): readonly string[] {
  return [...text.matchAll(/^Message-ID: <([^@]+)@partner\.test>/gim)].map(([, id = '']) => id);
}
