/** The keys under which a message is found: hashes of its addresses and its Message-ID. They may clash: what is found is checked against the rows. */
import { addressKey } from '#/model/index.ts';
import { bareMessageId } from './filter.ts';

/** All keys of a message, each once. */
export function lookUpHashes(texts: readonly (string | null)[], messageId: string): number[] {
  const hashes = texts.flatMap((text) => (text === null ? [] : [addressHash(text)]));
  const id = bareMessageId(messageId);
  if (id !== '') hashes.push(messageIdHash(id));
  return [...new Set(hashes)];
}

export function addressHash(address: string): number {
  return hashOf(`a ${addressKey(address)}`);
}

export function messageIdHash(messageId: string): number {
  return hashOf(`m ${bareMessageId(messageId)}`);
}

// 53 bits in two mixed halves of the text: fast, well spread, and not meant to resist anybody.
function hashOf(text: string): number {
  let high = 0x9e3779b9;
  let low = 0x85ebca6b;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 0x27d4eb2f);
    low = Math.imul(low ^ unit, 0x165667b1);
    high ^= low >>> 13;
  }
  high = Math.imul(high ^ (high >>> 15), 0x2c1b3c6d);
  low = Math.imul(low ^ (low >>> 16) ^ high, 0x297a2d39);
  return ((high ^ (low >>> 14)) >>> 11) * 2 ** 32 + ((low ^ (low >>> 13)) >>> 0);
}
