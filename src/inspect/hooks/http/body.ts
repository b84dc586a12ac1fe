/** What a program is told of a mail, as one JSON text; within bounds, and it says where it was cut. */
import type { PartFacts } from '#/model/index.ts';
import type { HookMail } from '../hook.ts';
import { HOOK_LIMITS } from '../limits.ts';

/** Of this form of the request; a program that knows another one says so by an answer that is none. */
const VERSION = 1;

export function bodyOf(
  { id, facts, content }: HookMail,
  send: 'facts' | 'mail',
): { readonly body: Buffer; readonly isCut: boolean } {
  const { tenant, identity, sender, recipients, size, subject, from, to, cc, replyTo, fields, unread } = facts;
  const envelope = {
    version: VERSION,
    id,
    tenant,
    sender,
    identity: { kind: identity.kind, name: identity.name },
    recipients: recipients.map(({ address, original, direction }) => ({ address, original, direction })),
    size,
  };
  if (send === 'mail') {
    const octets = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    return { body: Buffer.from(JSON.stringify({ ...envelope, content: octets.toString('base64') })), isCut: false };
  }
  const { parts, isCut } = partsOf(facts.parts);
  const told = { ...envelope, subject, from, to, cc, replyTo, fields, parts, unread };
  return { body: Buffer.from(JSON.stringify(told)), isCut };
}

// Whoever wants more than this asks for the mail.
function partsOf(parts: readonly PartFacts[]) {
  let charsLeft = HOOK_LIMITS.textCharsMax;
  let isCut = false;
  const told = parts.map((part) => {
    const text = part.text?.slice(0, charsLeft) ?? null;
    charsLeft -= text?.length ?? 0;
    const isShorter = (text?.length ?? 0) < (part.text?.length ?? 0);
    isCut ||= isShorter;
    return { ...part, text: text?.toWellFormed() ?? null, textCut: part.textCut || isShorter };
  });
  return { parts: told, isCut };
}
