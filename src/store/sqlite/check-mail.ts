/** What a row asks of its values, asked when the mail comes: a row that is written later must not be refused then. */
import assert from 'node:assert/strict';
import type { ArrivedRecipient } from '#/model/index.ts';
import type { WireMail } from './protocol.ts';

/** Throws where a mail could not stand in the tables. */
export function checkMail(mail: WireMail): void {
  const { id, tenant, origin, purpose, receivedAt, facts, hops, body, parent, sender, identity, needs } = mail;
  areTexts([id, tenant, origin, purpose, facts.from, facts.subject, facts.messageId]);
  areTextsOrNull([parent, sender]);
  areGroups([identity, needs]);
  areNumbers([receivedAt, hops, body.size]);
  const numbers = new Set<number>();
  for (const recipient of mail.recipients) {
    checkRecipient(recipient);
    numbers.add(recipient.n);
  }
  assert(numbers.size === mail.recipients.length, 'two recipients of one mail have the same number');
}

function checkRecipient({ n, direction, address, original, destination, held, notify }: ArrivedRecipient): void {
  areNumbers([n]);
  areGroups([notify]);
  areTexts([direction, address, destination]);
  areTextsOrNull([original, held]);
}

function areTexts(values: readonly unknown[]): void {
  for (const value of values) assert(typeof value === 'string', 'a mail lacks a text that its row needs');
}

function areTextsOrNull(values: readonly unknown[]): void {
  for (const value of values)
    assert(value === null || typeof value === 'string', 'a mail has something else where its row wants a text');
}

function areNumbers(values: readonly unknown[]): void {
  for (const value of values) assert(Number.isFinite(value), 'a mail lacks a number that its row needs');
}

function areGroups(values: readonly unknown[]): void {
  for (const value of values)
    assert(typeof value === 'object' && value !== null, 'a mail lacks facts that its row needs');
}
