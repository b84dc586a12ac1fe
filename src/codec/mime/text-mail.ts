/** A mail of ours that is one text: what a program of nobody's answers, and no line of which is a stranger's (RFC 5322, RFC 2045). */
import { Base64Lines } from './base64-lines.ts';
import { formatDate } from './date.ts';
import { encodeWords } from './encoded-words.ts';

export interface TextMail {
  /** Whose name people see. */
  readonly from: string;
  readonly hostname: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Without angle brackets. */
  readonly messageId: string;
  /** Wall-clock ms. */
  readonly at: number;
}

/** In wire form. */
export function formatTextMail({ from, hostname, to, subject, text, messageId, at }: TextMail): Buffer {
  const fields = [
    `From: ${displayName(from)} <mailer-daemon@${hostname}>`,
    `To: <${to}>`,
    `Subject: ${encodeWords(subject)}`,
    `Date: ${formatDate(at)}`,
    `Message-ID: <${messageId}>`,
    // RFC 3834 §5: so that nothing answers it by itself.
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
  ];
  const lines = new Base64Lines();
  const octets = Buffer.from(`${text.replaceAll('\n', '\r\n')}\r\n`);
  return Buffer.concat([Buffer.from(`${fields.join('\r\n')}\r\n\r\n`), lines.push(octets), lines.end(), CRLF]);
}

const CRLF = Buffer.from('\r\n');

/** RFC 5322 §3.2.5: a display name that is no plain words is quoted. */
function displayName(name: string): string {
  const line = encodeWords(name);
  if (line.startsWith('=?')) return line;
  return `"${line.replace(/["\\]/g, '\\$&')}"`;
}
