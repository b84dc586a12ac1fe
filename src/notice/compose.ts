/**
 * A notice in wire form: multipart/alternative (RFC 2046 §5.1.4), text and HTML. What must never happen: a text that ends a field or a part, or a
 * line over 998 octets.
 */
import { isAscii } from 'node:buffer';
import { encodeWords, formatDate } from '#/codec/mime/index.ts';
import type { MailAddress } from '#/model/index.ts';
import { htmlOf, type Page, textOf } from './page.ts';

export interface Letter {
  readonly hostname: string;
  /** Display name of ours. */
  readonly from: string;
  readonly to: MailAddress;
  readonly subject: string;
  readonly pages: readonly Page[];
  /** Message-ID of the mail that it is about, in angle brackets; what else is no such thing is left out. */
  readonly about: string;
  /** Both made of random octets: who guesses the boundary could forge a part. */
  readonly messageId: string;
  readonly boundary: string;
  /** Wall-clock ms. */
  readonly at: number;
  /** Where who reads this ends that such mails come: a page that takes a POST, too. */
  readonly unsubscribeUrl?: string;
}

/** Octets in a line (RFC 5322 §2.1.1). */
const LINE_MAX = 998;
const MESSAGE_ID = /^<[!-;=?-~]{1,250}>$/;

/** The whole mail, CRLF throughout. */
export function compose(letter: Letter): Buffer {
  const { boundary, pages } = letter;
  const parts = [part('text/plain', textOf(pages)), part('text/html', htmlOf(pages))];
  const body = parts.map((one) => `--${boundary}\r\n${one}\r\n`).join('');
  return Buffer.from(`${head(letter)}\r\n${body}--${boundary}--\r\n`);
}

function head({ hostname, from, to, subject, about, messageId, boundary, at, unsubscribeUrl }: Letter): string {
  const fields = [
    `From: ${encodeWords(from)} <mailer-daemon@${hostname}>`,
    `To: <${to}>`,
    `Subject: ${encodeWords(subject)}`,
    `Date: ${formatDate(at)}`,
    `Message-ID: <${messageId}>`,
    // All notices about one mail make one conversation.
    ...(MESSAGE_ID.test(about) ? [`References: ${about}`] : []),
    // RFC 3834 §5: so that nothing answers it by itself.
    'Auto-Submitted: auto-generated',
    // RFC 2369 §3.2, RFC 8058 §3.1: one click, by a mail program that shows no page.
    ...(unsubscribeUrl === undefined
      ? []
      : [`List-Unsubscribe: <${unsubscribeUrl}>`, 'List-Unsubscribe-Post: List-Unsubscribe=One-Click']),
    'MIME-Version: 1.0',
    `Content-Type: multipart/alternative;\r\n boundary="${boundary}"`,
  ];
  return fields.map((field) => `${field}\r\n`).join('');
}

function part(type: string, text: string): string {
  const isPlain = isAscii(Buffer.from(text)) && text.split('\r\n').every(({ length }) => length <= LINE_MAX);
  const content = isPlain
    ? text
    : Buffer.from(text)
        .toString('base64')
        .replace(/.{76}(?=.)/g, '$&\r\n');
  return `Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${isPlain ? '7bit' : 'base64'}\r\n\r\n${content}`;
}
