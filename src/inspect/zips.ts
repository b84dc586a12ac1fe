/** Attachments that become an encrypted ZIP, before a verdict that says so is handed on: all that its octets depend on stands in the verdict. */
import { createHash } from 'node:crypto';
import type { Change, MailInCustody, Tenant, ZipId } from '#/model/index.ts';
import { isProven } from '#/model/index.ts';

/** 60 bits: changes of one mail are few. */
const DIGEST_CHARS = 15;

/** The change with what its ZIP is made from; the same for the same change of the same mail. */
export function withZip(
  change: Change,
  { id, receivedAt }: Pick<MailInCustody, 'id' | 'receivedAt'>,
  language: Tenant['language'],
): Change {
  if (change.kind !== 'encryptZip') return change;
  const digest = createHash('sha256').update(JSON.stringify(change.parts)).digest('hex').slice(0, DIGEST_CHARS);
  return { ...change, zip: { id: `${id}.${digest}` as ZipId, at: receivedAt, language } };
}

/** Whether there is nobody to tell the password: its sender is to pass it on, and who that is was not shown. */
export function lacksSender(changes: readonly Change[], { identity, sender }: MailInCustody): boolean {
  const isSenders = changes.some((change) => change.kind === 'encryptZip' && change.passwordTo === 'sender');
  return isSenders && !(isProven(identity) && (identity.kind === 'user' || sender !== null));
}
