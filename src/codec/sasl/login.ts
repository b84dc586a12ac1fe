/**
 * LOGIN: no standard, two questions; many devices speak nothing else (M1).
 * States: asks for the user name, asks for the password, done. An answer that is no base64 ends it.
 */
import { decodeBase64, encodeBase64 } from './base64.ts';

export type LoginStep =
  /** Send this, in base64 already, and give the answer to `answer`. */
  | { readonly kind: 'ask'; readonly challenge: string }
  | { readonly kind: 'credentials'; readonly user: string; readonly password: string }
  | { readonly kind: 'malformed' };

const askUser: LoginStep = { kind: 'ask', challenge: encodeBase64('Username:') };
const askPassword: LoginStep = { kind: 'ask', challenge: encodeBase64('Password:') };

export class LoginExchange {
  #user: string | null = null;

  /** The first question, or, where the user name came with AUTH, the second. */
  begin(initial: string | null): LoginStep {
    return initial === null ? askUser : this.answer(initial);
  }

  /** Takes an answer in base64. */
  answer(base64: string): LoginStep {
    const text = decodeBase64(base64)?.toString('utf8') ?? '';
    if (text === '' || text.includes('\0')) return { kind: 'malformed' };
    if (this.#user !== null) return { kind: 'credentials', user: this.#user, password: text };
    this.#user = text;
    return askPassword;
  }
}
