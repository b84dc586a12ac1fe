/** APPEND: what stands before each message (RFC 9051 §6.3.12, RFC 3502, RFC 3516 §4.4, RFC 6855 §4). */
import type { MailboxName } from '#/model/index.ts';
import type { AppendHead } from './command.ts';
import { parseDateTime } from './date.ts';
import { readFlags } from './read-messages.ts';
import type { Reader } from './reader.ts';
import * as replies from './replies.ts';

const utf8Item = /UTF8 +\(/iy;

export interface Announced {
  readonly mailbox: MailboxName;
  readonly head: AppendHead;
  /** The message stands in `UTF8 (…)`. */
  readonly wrapped: boolean;
}

/**
 * The mailbox and the head of the first message, from behind the command's name up to the literal; null where that literal is the
 * mailbox's name.
 */
export function readAppend(r: Reader): Announced | null {
  r.space();
  if (r.done) return null;
  const mailbox = r.mailbox();
  return { mailbox, ...readAppendHead(r) };
}

/** The head of the next message, up to its literal. */
export function readAppendHead(r: Reader): Omit<Announced, 'mailbox'> {
  r.space();
  const flags = r.sees('(') ? r.spacedAfter(() => readFlags(r)) : [];
  const receivedAt = r.sees('"') ? r.spacedAfter(() => readDateTime(r)) : null;
  const wrapped = r.match(utf8Item) !== null;
  if (!r.done) r.fail('form');
  return { head: { flags, receivedAt }, wrapped };
}

function readDateTime(r: Reader): number {
  const at = parseDateTime(r.string());
  if (at === null) r.fail(replies.badDateTime);
  return at ?? 0;
}
