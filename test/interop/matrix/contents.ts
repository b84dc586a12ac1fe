/** What the mails of the matrix hold. All are whole messages in wire form, with a token by which they are known again. */

/** The kinds of content, each a trial of its own. */
export type ContentKind = keyof typeof BODIES;

const LARGE_BYTES = 10_000_000;
const OVERSIZE_BYTES = 12_500_000;

const BODIES = {
  plain: () => 'Good morning,\r\n\r\nthe papers are on the table.\r\n',
  dots: () =>
    '.\r\n..\r\n.a line that begins with a dot\r\n\r\n..and one with two\r\n.\r\nafter what looks like an end\r\n',
  eightBit: () => 'Grüße, 会議の資料です。\r\n',
  longLine: () => `before\r\n${'long '.repeat(1000)}end\r\nafter\r\n`,
  large: () => filled(LARGE_BYTES),
  oversize: () => filled(OVERSIZE_BYTES),
  medium: () => filled(300_000),
  bareLf: () => 'one line\nand another\n.\nMAIL FROM:<smuggled@world.test>\r\nlast\r\n',
  nul: () => 'before\0behind\r\n',
} as const;

/** A message of a kind. `utf8` puts such text into its header section too (RFC 6532). */
export function contentOf(token: string, kind: ContentKind, options: { readonly utf8?: boolean } = {}): Buffer {
  const head = [
    'From: Interop <interop@acme.test>',
    'To: Somebody <somebody@acme.test>',
    `Subject: ${options.utf8 === true ? '相互運用 ' : ''}${token}`,
    'Date: Sat, 21 Nov 2026 12:00:00 +0900',
    `Message-ID: <${token}@interop.test>`,
    `X-Cell: ${token}`,
    'X-Folded: over',
    '\ttwo lines',
    'MIME-Version: 1.0',
    `Content-Type: text/plain; charset=${kind === 'eightBit' || options.utf8 === true ? 'utf-8' : 'us-ascii'}`,
    `Content-Transfer-Encoding: ${kind === 'eightBit' || options.utf8 === true ? '8bit' : '7bit'}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${BODIES[kind]()}`, 'utf8');
}

/** Whether `arrived` ends with the content, whatever was put on top. Servers that write to a file write LF. */
export function carries(arrived: Buffer, content: Buffer, ends: 'CRLF' | 'LF'): boolean {
  const wanted = ends === 'CRLF' ? content : Buffer.from(content.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
  return arrived.subarray(Math.max(0, arrived.length - wanted.length)).equals(wanted);
}

/** Whether a mail is the one with the token, or a report about it that quotes its header section. */
export function names(arrived: Buffer, token: string): boolean {
  return tokens.getOrInsertComputed(arrived, tokensIn).has(token);
}

/** Mails are looked at again and again while others are awaited; each is read once. */
const tokens = new WeakMap<Buffer, ReadonlySet<string>>();

/** Header sections stand at the beginning, those in reports too. */
const LOOKED_AT_BYTES = 65_536;

function tokensIn(arrived: Buffer): ReadonlySet<string> {
  const text = arrived.toString('latin1', 0, LOOKED_AT_BYTES);
  return new Set(Array.from(text.matchAll(/^X-Cell: (\S+)/gm), ([, token = '']) => token));
}

function filled(bytes: number): string {
  const line = `${'0123456789 holdfast '.repeat(45)}\r\n`;
  return line.repeat(Math.ceil(bytes / line.length));
}
