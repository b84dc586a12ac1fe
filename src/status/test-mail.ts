/** The mail that is sent to see whether mail goes. */
import { formatDate } from '#/codec/mime/index.ts';
import type { MailAddress } from '#/model/index.ts';

/** Who sends it. */
export const TEST_SENDER = 'probe@probe.invalid' as MailAddress;

/** One mail in wire form; `id` is unlike that of any other. */
export function testMail(recipients: readonly MailAddress[], id: string, now: number): Buffer {
  const lines = [
    `From: <${TEST_SENDER}>`,
    `To: ${recipients.map((one) => `<${one}>`).join(', ')}`,
    'Subject: Holdfast tests its ways',
    `Date: ${formatDate(now)}`,
    `Message-ID: <${id}@probe.invalid>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'Sent by the installation to itself, to see whether mail goes and how long it takes.',
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}
