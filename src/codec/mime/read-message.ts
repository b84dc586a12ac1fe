/** All that is kept of a message beside its octets, read once. */
import { decodeWords } from './encoded-words.ts';
import { readEnvelope } from './envelope.ts';
import { firstFrom, shown } from './facts.ts';
import { fieldText, type Head } from './head.ts';
import { view } from './headers.ts';
import type { MessageFacts, Part } from './message.ts';
import { messageIdOf, referencesOf } from './message-ids.ts';
import { fileNameOf, searchedText } from './searched-text.ts';
import { parseSentAt } from './sent-at.ts';
import { readStructure } from './structure.ts';

/** Reads a message, whatever its octets are: in linear time, within the bounds of `limits.ts`, no body copied but what text is looked at. */
export function readMessage(content: Uint8Array): MessageFacts {
  const source = view(content);
  const { head, root } = readStructure(source);
  const envelope = readEnvelope(head);
  return {
    envelope,
    structure: root,
    subject: shown(decodeWords(fieldText(head, 'subject') ?? '')),
    from: authorOf(head),
    sentAt: parseSentAt(fieldText(head, 'date') ?? ''),
    references: referencesOf(head),
    messageId: messageIdOf(head),
    ...searchedText(source, head, envelope, root),
    hasAttachment: hasAttachment(root, null),
  };
}

function authorOf(head: Head): string {
  const author = firstFrom(head);
  return author === null ? '' : author.display || author.address;
}

const signatures: ReadonlySet<string> = new Set(['pgp-signature', 'pkcs7-signature', 'x-pkcs7-signature']);

/** Whether a person would look for a paper clip: not at pictures that belong to the text, and not at signatures. */
function hasAttachment(part: Part, around: Part | null): boolean {
  if (part.type === 'multipart') return part.parts.some((child) => hasAttachment(child, part));
  if (part.type === 'application' && signatures.has(part.subtype)) return false;
  if (part.disposition?.kind === 'attachment') return true;
  if (part.message !== null) return around !== null && around.subtype !== 'report';
  if (part.type === 'text') return part.disposition !== null && fileNameOf(part) !== null;
  const isOfText = part.id !== null && around?.subtype === 'related';
  const isReport = part.type === 'message' || around?.subtype === 'report';
  return !isOfText && !isReport && part.disposition?.kind !== 'inline';
}
