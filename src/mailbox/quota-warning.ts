/** The mail that tells somebody that their mailbox is nearly full: what happened, why, what to do. English, and Japanese where the tenant speaks it. */
import { randomUUID } from 'node:crypto';
import { encodeWords, formatDate } from '#/codec/mime/index.ts';
import type { User } from '#/model/index.ts';

export interface QuotaWarning {
  readonly user: User;
  readonly language: 'en' | 'ja';
  readonly hostname: string;
  /** Wall-clock ms. */
  readonly now: number;
  readonly used: number;
  readonly quotaBytes: number;
}

/** The mail in wire form. */
export function quotaWarning({ user, language, hostname, now, used, quotaBytes }: QuotaWarning): Uint8Array {
  const figures = { used: megabytes(used), quota: megabytes(quotaBytes) };
  const subject = language === 'ja' ? `メールボックスの容量が残りわずかです / ${SUBJECT}` : SUBJECT;
  const text = language === 'ja' ? `${japanese(figures)}\r\n\r\n${english(figures)}` : english(figures);
  const fields = [
    'Return-Path: <>',
    `From: Holdfast <postmaster@${hostname}>`,
    `To: <${user.address}>`,
    `Subject: ${encodeWords(subject)}`,
    `Date: ${formatDate(now)}`,
    `Message-ID: <${randomUUID()}@${hostname}>`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
  ];
  const body = Buffer.from(`${text}\r\n`)
    .toString('base64')
    .replace(/.{76}(?=.)/g, '$&\r\n');
  return Buffer.from(`${fields.join('\r\n')}\r\n\r\n${body}\r\n`);
}

const SUBJECT = 'Your mailbox is nearly full';

interface Figures {
  readonly used: string;
  readonly quota: string;
}

function english({ used, quota }: Figures): string {
  return [
    `Your mailbox holds ${used} of ${quota}.`,
    'When it is full, new mail waits outside and its senders are told after some days.',
    'Delete what you no longer need, and empty Trash; or ask your administrator for more room.',
  ].join('\r\n');
}

function japanese({ used, quota }: Figures): string {
  return [
    `メールボックスは ${quota} のうち ${used} を使用しています。`,
    '満杯になると新しいメールは届かず、数日後に差出人へ通知されます。',
    '不要なメールを削除してごみ箱を空にするか、管理者に容量の追加を依頼してください。',
  ].join('\r\n');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0)} MB`;
}
