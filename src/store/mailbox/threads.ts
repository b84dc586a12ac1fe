/**
 * Which conversation a message belongs to (RFC 8474 §5.2). A keeper remembers for each account which thread a Message-ID stands for, for
 * ever. A message takes the thread of the first of its keys that is known, else a new one; then the keys that were unknown stand for its
 * thread. So replies come together though what they answer never came, and what comes later never changes the thread of what is there:
 * two conversations stay two when a message names both.
 */
import { hash } from 'node:crypto';
import type { MessageFacts } from '#/codec/mime/index.ts';
import { referencesMax } from './limits.ts';

/** 16 characters, 96 bits, of each Message-ID that decides, in order: references from the newest, the oldest at last; then its own. */
export function threadKeys(facts: Pick<MessageFacts, 'references' | 'messageId'>): readonly string[] {
  const { references, messageId } = facts;
  const near = references.slice(-referencesMax).reverse();
  const ids = [...near, ...references.slice(0, 1), ...(messageId === null ? [] : [messageId])];
  return [...new Set(ids)].map((id) => hash('sha256', id, 'base64url').slice(0, 16));
}
