import type { Reply } from '#/codec/smtp/index.ts';

/** What comes after a reply, where it is not simply the next command. */
export type Follow =
  /** One line of SASL, taken by `next`. */
  | { readonly kind: 'sasl'; readonly next: (line: string) => Answer }
  /** The body of DATA. */
  | { readonly kind: 'data' }
  /** The octets of BDAT; with `refusal`, they are read and refused. */
  | { readonly kind: 'chunk'; readonly size: number; readonly last: boolean; readonly refusal: Reply | null }
  /** A TLS handshake. */
  | { readonly kind: 'tls' };

/** A reply and what follows it; null where the reply comes with what follows (BDAT). */
export interface Turned {
  readonly reply: Reply | null;
  readonly follows: Follow;
}

/** What a verb has to say, now or later. */
export type Answer = Reply | Turned | Promise<Reply | Turned>;
