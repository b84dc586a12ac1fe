/** What makes a second run skip what the first one brought: each message is delivered under a key made of what names it in its source. */
import { hash } from 'node:crypto';
import type { MailId } from '#/model/index.ts';
import type { DeliveryKey } from '#/ports/index.ts';

/** `of`: the run's target and label, and the message's key. 192 bits of SHA-256: no two meet, and none is a queue ID. */
export function transferKey(of: readonly (string | number | null)[]): DeliveryKey {
  const digest = hash('sha256', JSON.stringify(of), 'base64url');
  return { message: `transfer:${digest.slice(0, 32)}` as MailId, recipient: 1 };
}

/**
 * Keys of messages that have no name where they lie: their octets, and which of several equal ones in the folder it is. So a file that was
 * moved, sorted or grew meanwhile brings only what is new.
 */
export class OctetKeys {
  readonly #seen = new Map<string, number>();

  keyOf(folder: string, content: Uint8Array): readonly (string | number)[] {
    const digest = hash('sha256', content, 'base64url').slice(0, 32);
    const n = (this.#seen.get(digest) ?? 0) + 1;
    this.#seen.set(digest, n);
    return ['octets', folder, digest, n];
  }
}
