/** Ids that keepers choose themselves: RFC 8474 §4 wants letters and figures, a letter first, each given once. */
import type { EmailId, MailboxId, ThreadId } from '#/model/index.ts';
import { newMailId } from '#/model/index.ts';
import { uidlLengthMax } from './limits.ts';

export function newMailboxId(nowMs: number): MailboxId {
  return `F${newMailId(nowMs)}` as MailboxId;
}

export function newEmailId(nowMs: number): EmailId {
  return `M${newMailId(nowMs)}` as EmailId;
}

export function newThreadId(nowMs: number): ThreadId {
  return `T${newMailId(nowMs)}` as ThreadId;
}

/** RFC 9051 §2.3.1.1: the second, or one more than the highest that this account has given. */
export function nextUidValidity(nowMs: number, highest: number): number {
  return Math.max(Math.floor(nowMs / 1000), highest + 1);
}

/** RFC 1939 §7: visible ASCII. */
export function isUidl(text: string): boolean {
  return text.length <= uidlLengthMax && /^[!-~]+$/.test(text);
}
