/** What stands in the links of subscribers: their id, and a proof made from the installation's key. Nothing of it is stored. */
import { createHmac, timingSafeEqual } from 'node:crypto';

export type SubscriberVerb = 'confirm' | 'unsubscribe';

const VERBS: readonly SubscriberVerb[] = ['confirm', 'unsubscribe'];
const PROOF_CHARS = 27;

export class SubscriberTokens {
  readonly #key: () => Uint8Array;

  /** `key`: at least 32 octets, for this purpose alone; asked for when it is first needed. */
  constructor(key: () => Uint8Array) {
    this.#key = key;
  }

  make(id: string, verb: SubscriberVerb): string {
    return `${id}.${this.#proof(id, verb)}`;
  }

  /** Null for what we did not make. */
  read(token: string): { readonly id: string; readonly verb: SubscriberVerb } | null {
    const [, id = '', proof = ''] = /^([0-9a-f-]{36})\.([\w-]{27})$/.exec(token) ?? [];
    const verb = VERBS.find((one) => isSame(this.#proof(id, one), proof));
    return id === '' || verb === undefined ? null : { id, verb };
  }

  // 160 bit: nobody guesses one.
  #proof(id: string, verb: SubscriberVerb): string {
    return createHmac('sha256', this.#key()).update(`${verb} ${id}`).digest('base64url').slice(0, PROOF_CHARS);
  }
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
